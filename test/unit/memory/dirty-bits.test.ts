import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../../../src/base/invariant.ts";
import { DirtyBits, dirtyWordCount } from "../../../src/memory/dirty-bits.ts";
import { allocateControl } from "../../../src/memory/run-memory.ts";

test("take returns each marked bit once", () => {
  const bits = new DirtyBits(allocateControl(8), 2, 2);
  for (const bit of [0, 5, 31, 32, 63]) bits.mark(bit);
  bits.mark(5);
  assert.equal(bits.take(0) >>> 0, 0x8000_0021);
  assert.equal(bits.take(1) >>> 0, 0x8000_0001);
  assert.equal(bits.take(0), 0);
  assert.equal(bits.take(1), 0);
});

test("peek leaves bits up", () => {
  const bits = new DirtyBits(allocateControl(8), 0, 1);
  bits.mark(3);
  assert.equal(bits.peek(0), 8);
  assert.equal(bits.take(0), 8);
  assert.equal(bits.peek(0), 0);
});

test("a mark after a take is up again", () => {
  const bits = new DirtyBits(allocateControl(8), 0, 1);
  bits.mark(7);
  bits.take(0);
  bits.mark(7);
  assert.equal(bits.take(0), 1 << 7);
});

test("bits stay inside their own words", () => {
  const control = allocateControl(8);
  const bits = new DirtyBits(control, 3, 2);
  for (let bit = 0; bit < 64; bit++) bits.mark(bit);
  assert.deepEqual([...control], [0, 0, 0, -1, -1, 0, 0, 0]);
  assert.throws(() => new DirtyBits(control, 7, 2), InvariantError);
});

test("word counts cover all bits", () => {
  assert.deepEqual([0, 1, 32, 33, 64, 65].map(dirtyWordCount), [0, 1, 1, 2, 2, 3]);
});
