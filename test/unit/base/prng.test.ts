import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../../src/base/clock.ts";
import { Prng } from "../../../src/base/prng.ts";

test("the sequence of a seed is published: simulations replay from it", () => {
  const prng = new Prng(1);
  assert.deepEqual([prng.nextUint32(), prng.nextUint32(), prng.nextUint32()], PUBLISHED);
  assert.deepEqual(new Prng(1).nextUint32(), PUBLISHED[0]);
  assert.notEqual(new Prng(2).nextUint32(), PUBLISHED[0]);
});

test("numbers below a limit are even and stay below it", () => {
  const prng = new Prng(7);
  const hits = new Array<number>(10).fill(0);
  for (let i = 0; i < 100_000; i++) hits[prng.below(10)]!++;
  for (const hit of hits) assert.ok(Math.abs(hit - 10_000) < 500, hits.join(" "));
  for (let i = 0; i < 1000; i++) {
    const fraction = prng.nextFloat();
    assert.ok(fraction >= 0 && fraction < 1);
  }
});

test("virtual time moves forward only, and only when told", () => {
  const clock = new VirtualClock(5);
  clock.advanceTo(9);
  clock.advanceTo(3);
  assert.equal(clock.nowMs(), 9);
});

const PUBLISHED = [1_580_013_426, 350_525_680, 3_524_174_333];
