import assert from "node:assert/strict";
import { test } from "node:test";
import {
  allocateTreeSlots,
  TREE_FAILED,
  TREE_LIVE,
  TREE_OVERDUE,
  TreeSlots,
} from "../../../src/memory/tree-slots.ts";

const SLOT = 1;

function opened(count: number): { slots: TreeSlots; generation: number } {
  const slots = new TreeSlots(allocateTreeSlots(2));
  return { slots, generation: slots.open(SLOT, count, 0, 7, true) };
}

test("an overdue tree is alive: it counts, is acked, and can still fail", () => {
  const acked = opened(2);
  assert.equal(acked.slots.stateOf(SLOT), TREE_LIVE);
  assert.ok(acked.slots.markOverdue(SLOT, acked.generation));
  assert.equal(acked.slots.stateOf(SLOT), TREE_OVERDUE);
  assert.ok(acked.slots.isLive(SLOT, acked.generation));
  assert.ok(!acked.slots.hasFailed(SLOT, acked.generation));
  assert.ok(!acked.slots.markOverdue(SLOT, acked.generation), "once");
  assert.ok(!acked.slots.add(SLOT, -1, 1));
  assert.ok(acked.slots.add(SLOT, -1, 1));
  assert.ok(acked.slots.isDone(SLOT));
  assert.ok(acked.slots.freeIfAcked(SLOT));
  assert.ok(!acked.slots.fail(SLOT, acked.generation), "what is over cannot fail");

  const failed = opened(1);
  failed.slots.markOverdue(SLOT, failed.generation);
  assert.ok(failed.slots.fail(SLOT, failed.generation));
  assert.ok(failed.slots.hasFailed(SLOT, failed.generation));
  assert.ok(failed.slots.add(SLOT, -1, 1));
  assert.equal(failed.slots.stateOf(SLOT), TREE_FAILED);
  assert.ok(!failed.slots.isDone(SLOT));
  assert.ok(!failed.slots.freeIfAcked(SLOT), "it waits for its owner to hear of the failure");
});

test("nothing of an old generation touches the next one", () => {
  const { slots, generation } = opened(1);
  slots.add(SLOT, -1, 1);
  slots.free(SLOT);
  const next = slots.open(SLOT, 1, 0, 1);
  assert.notEqual(next, generation);
  assert.ok(!slots.markOverdue(SLOT, generation));
  assert.ok(!slots.fail(SLOT, generation));
  assert.ok(!slots.isLive(SLOT, generation));
  assert.ok(slots.isLive(SLOT, next));
  assert.ok(!slots.waitsForEnd(SLOT), "each tenant says for itself whether its spout waits");
});

test("a tree that becomes overdue at the moment of its failure fails all the same", (t) => {
  const { slots, generation } = opened(1);
  const exchange = Atomics.compareExchange as (
    words: Int32Array,
    at: number,
    expected: number,
    value: number,
  ) => number;
  let raced = false;
  t.mock.method(Atomics, "compareExchange", (words: Int32Array, at: number, expected: number, value: number) => {
    if (!raced) {
      raced = true;
      assert.ok(slots.markOverdue(SLOT, generation));
    }
    return exchange(words, at, expected, value);
  });
  assert.ok(slots.fail(SLOT, generation));
  assert.equal(slots.stateOf(SLOT), TREE_FAILED);
});

test("a thread that holds all that lives counts down like any other", () => {
  const { slots } = opened(3);
  assert.ok(!slots.add(SLOT, 2, 1));
  assert.equal(slots.liveCountOf(SLOT), 5);
  assert.ok(!slots.add(SLOT, -4, 1));
  assert.ok(slots.add(SLOT, -1, 1));
  assert.equal(slots.liveCountOf(SLOT), 0);
});

test("slots of one block do not touch each other", () => {
  const slots = new TreeSlots(allocateTreeSlots(40));
  for (let slot = 0; slot < 40; slot++) slots.open(slot, slot + 1, slot * 10, slot + 2, slot % 2 === 1);
  for (let slot = 0; slot < 40; slot++) {
    assert.deepEqual(
      [slots.liveCountOf(slot), slots.emittedOf(slot), slots.attemptOf(slot), slots.waitsForEnd(slot)],
      [slot + 1, slot * 10, slot + 2, slot % 2 === 1],
    );
    assert.ok(slots.isLive(slot, 1));
  }
});

test("slots tell that a tree was opened, also when it is over", () => {
  const words = allocateTreeSlots(40);
  const slots = new TreeSlots(words);
  assert.equal(slots.wereUsed, false);
  assert.equal(new TreeSlots(new Int32Array(0)).wereUsed, false, "a topology that tracks nothing has none");
  slots.open(37, 1, 0, 1);
  assert.ok(slots.wereUsed);
  assert.ok(slots.add(37, -1, 1));
  assert.ok(slots.freeIfAcked(37));
  assert.ok(new TreeSlots(words).wereUsed, "another thread's view of them");
});
