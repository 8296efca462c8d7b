import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionReader } from "../../../../src/connectors/shared/option-reader.ts";
import { Pauses, RECONNECT, readBackoff } from "../../../../src/connectors/shared/pauses.ts";
import { pauseMs, withinMs } from "../../../../src/connectors/shared/within-ms.ts";

const pausesOf = (taskId: number, jitter = 0.5) =>
  new Pauses({ ...RECONNECT, jitter }, { config: { seed: 1 }, taskId });
const take = (pauses: Pauses, count: number) => Array.from({ length: count }, () => pauses.nextMs());

test("pauses grow up to the most, and begin anew after a success", () => {
  const pauses = pausesOf(1, 0);
  assert.deepEqual(take(pauses, 8), [50, 100, 200, 400, 800, 1600, 2000, 2000]);
  assert.equal(pauses.failures, 8);
  pauses.succeeded();
  assert.equal(pauses.nextMs(), 50);
});

test("chance takes a part away, the same for the same task, another for others", () => {
  const first = take(pausesOf(1), 20);
  assert.deepEqual(take(pausesOf(1), 20), first);
  assert.notDeepEqual(take(pausesOf(2), 20), first);
  const whole = take(pausesOf(1, 0), 20);
  assert.ok(first.every((ms, k) => ms <= whole[k]! && ms >= whole[k]! / 2));
});

test("a backoff is an option with parts that must fit", () => {
  const read = (reconnect: unknown) => readBackoff(new OptionReader("c", { reconnect }, ["reconnect"]), "reconnect");
  assert.deepEqual(read(undefined), RECONNECT);
  assert.deepEqual(read({ firstMs: 5000 }), { ...RECONNECT, firstMs: 5000, maxMs: 5000 });
  for (const bad of [{ firstMs: -1 }, { factor: 0 }, { maxMs: 1 }, { jitter: 2 }, { first: 1 }]) {
    assert.throws(() => read(bad), { code: "CONNECTOR_BAD_OPTION" });
  }
});

test("what takes too long is given up, and its end is nobody's", async () => {
  const late = () => new Error("late");
  let fail: (error: Error) => void = () => {};
  const operation = new Promise<number>((_, reject) => {
    fail = reject;
  });
  await assert.rejects(withinMs(operation, 1, late), /late/);
  fail(new Error("nobody hears of it"));
  assert.equal(await withinMs(Promise.resolve(7), 10_000, late), 7);
  await assert.rejects(withinMs(Promise.reject(new Error("own")), 10_000, late), /own/);
});

test("a pause ends with its signal", async () => {
  const stop = new AbortController();
  const pause = pauseMs(60_000, stop.signal);
  stop.abort();
  assert.equal(await pause, false);
  assert.equal(await pauseMs(0, new AbortController().signal), true);
});
