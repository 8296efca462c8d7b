import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { withinMs } from "../../../../src/connectors/shared/within-ms.ts";

const late = () => new Error("late");

test("what takes too long is late, and told so once", { timeout: 10_000 }, async () => {
  let told = 0;
  const never = new Promise<void>(() => {});
  await assert.rejects(
    withinMs(never, 5, () => new Error(`late ${++told}`)),
    /late 1/,
  );
  assert.equal(await withinMs(Promise.resolve(7), 5, late), 7);
  await assert.rejects(withinMs(Promise.reject(new Error("failed")), 5, late), /failed/);
});

test("an answer that came while the thread was busy is not late", { timeout: 10_000 }, async () => {
  let told = 0;
  // Behind this the thread looks at its timers, and then at what has come from other threads, such as this answer.
  await nextTurn();
  const answered = withinMs(stat("."), 5, () => new Error(`late ${++told}`));
  const endMs = performance.now() + 100;
  while (performance.now() < endMs);
  assert.ok((await answered).isDirectory());
  await nextTurn();
  assert.equal(told, 0);
});
