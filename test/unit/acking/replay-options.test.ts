import assert from "node:assert/strict";
import { test } from "node:test";
import { DueQueue } from "../../../src/component/due-queue.ts";
import { fields, fromIterable, type ReplayOptions, replaying, spout } from "../../../src/index.ts";

const N = fields("n:int32");
const source = fromIterable(N, () => [[1]]);

test("options that do not exist, and values that are not taken, are refused by name", () => {
  const refused: [object, RegExp][] = [
    [{ retrys: 1 }, /"retrys"/],
    [{ retries: -1 }, /retries/],
    [{ retries: 1.5 }, /retries/],
    [{ waitingMax: 0 }, /waitingMax/],
    [{ id: "n" }, /id/],
    [{ on: { bolt: "after-settled" } }, /on\.bolt/],
    [{ on: { bolts: "now" } }, /"bolts"/],
    [{ on: null }, /on/],
    [{ backoff: { firstMs: -1 } }, /firstMs/],
    [{ backoff: { factor: 0.5 } }, /factor/],
    [{ backoff: { firstMs: 10, maxMs: 5 } }, /maxMs/],
    [{ backoff: { jitter: 2 } }, /jitter/],
    [{ backoff: { firstMs: Number.NaN } }, /firstMs/],
    [{ deadLetter: "default" }, /deadLetter/],
  ];
  for (const [options, message] of refused) {
    assert.throws(() => replaying(source, options as ReplayOptions<typeof N>), {
      code: "REPLAY_BAD_OPTION",
      message,
    });
  }
  replaying(source, { retries: Number.POSITIVE_INFINITY, on: { timeout: "give-up" }, deadLetter: "dead" });
});

test("a source is a spout with a plain default stream, whose other streams stay", () => {
  const streams = { default: N, other: N };
  const one = replaying(spout({ output: streams, nextTuple: () => "idle" }), { deadLetter: "dead" });
  assert.deepEqual(Object.keys(one.output), ["default", "other", "dead"]);
  const taken = { code: "REPLAY_BAD_OPTION", message: /a stream of the source/ };
  assert.throws(() => replaying(spout({ output: streams, nextTuple: () => "idle" }), { deadLetter: "other" }), taken);
  const several = spout({ output: { one: N, other: N }, nextTuple: () => "idle" });
  for (const bad of [several, [[1]], () => [[1]], null]) {
    assert.throws(() => replaying(bad as unknown as typeof source), { code: "REPLAY_BAD_SOURCE" });
  }
});

test("a spout that replays already takes the new options over its own", () => {
  const once = replaying(source, { deadLetter: "dead", retries: 1 });
  assert.deepEqual(Object.keys(replaying(once as never, { retries: 2 }).output as object), ["default", "dead"]);
});

test("what is due comes in order of time, and of arrival", () => {
  const queue = new DueQueue<string>();
  assert.equal(queue.nextDueMs, Number.POSITIVE_INFINITY);
  for (const [item, dueMs] of [
    ["c", 3],
    ["a", 1],
    ["d", 3],
    ["b", 2],
    ["e", 3],
  ] as const) {
    queue.add(item, dueMs);
  }
  assert.equal(queue.nextDueMs, 1);
  assert.equal(Array.from({ length: 5 }, () => queue.take()).join(""), "abcde");
  assert.equal(queue.size, 0);
});
