import assert from "node:assert/strict";
import { test } from "node:test";
import { Acker } from "../../../src/engine/acker/acker.ts";
import type { FromAcker } from "../../../src/engine/acker/acker-protocol.ts";
import { allocateTreeSlots, TREE_LIVE, TreeSlots } from "../../../src/memory/tree-slots.ts";

/** Goal: a tree is given up by what its threads say of it now, not by what one said before it moved. */
test("answers from before a tree moved do not count, however long the last one takes", () => {
  let nowMs = 0;
  const asked: FromAcker[] = [];
  const slots = new TreeSlots(allocateTreeSlots(1));
  const acker = new Acker({
    messageTimeoutMs: 100,
    messageLifetimeMs: 10_000,
    settleTimeoutMs: 10_000,
    stallReportMs: 1000,
    timeoutFrom: "progress",
    slots,
    threadCount: 2,
    treeNowMs: () => nowMs,
    post: (_thread, message) => asked.push(message),
  });
  const answer = (thread: number, round: number, count: number) =>
    acker.receive(thread, {
      type: "held",
      round,
      trees: [{ slot: 0, generation: 1, count, component: "slow", taskId: thread }],
    });
  slots.open(0, 2, 0, 1); // One tuple is held by a task of thread 0, the other one waits in a queue of thread 1.
  nowMs = 150;
  acker.check();
  assert.equal(asked.filter(({ type }) => type === "whoHolds").length, 2);
  answer(0, 1, 1);
  slots.add(0, -1, 160); // Thread 0's task acks what it held.
  nowMs = 400; // Thread 1 was busy for long, and its queue waits.
  answer(1, 1, 0);
  assert.equal(slots.stateOf(0), TREE_LIVE, "the tuple still waits in a queue");
  acker.check();
  answer(0, 2, 0);
  answer(1, 2, 0);
  assert.equal(slots.stateOf(0), TREE_LIVE);
});
