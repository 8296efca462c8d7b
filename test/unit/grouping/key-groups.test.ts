import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { assignKeyGroups, KEY_GROUP_COUNT } from "../../../src/grouping/key-groups.ts";

function sharesOf(owners: readonly number[], taskCount: number): number[] {
  const shares = new Array<number>(taskCount).fill(0);
  for (const owner of owners) shares[owner]! += 1;
  return shares;
}

function assertEven(owners: readonly number[], taskCount: number): void {
  assert.equal(owners.length, KEY_GROUP_COUNT);
  const shares = sharesOf(owners, taskCount);
  assert.equal(shares.length, taskCount, "an owner that is no task");
  assert.ok(Math.max(...shares) - Math.min(...shares) <= 1, `${taskCount} tasks: ${shares}`);
}

/** The fewest groups that have to change hands: whatever the old owners have above the shares that suit them best. */
function fewestMoves(previous: readonly number[], taskCount: number): number {
  const had = sharesOf(
    previous.map((owner) => Math.min(owner, taskCount)),
    taskCount + 1,
  ).slice(0, taskCount);
  const share = Math.floor(KEY_GROUP_COUNT / taskCount);
  const above = had.filter((count) => count > share).length;
  const kept = had.reduce((total, count) => total + Math.min(count, share), 0);
  return KEY_GROUP_COUNT - kept - Math.min(above, KEY_GROUP_COUNT % taskCount);
}

test("shares are even to within one", () => {
  for (const taskCount of [1, 2, 3, 5, 7, 12, 64, 100, 999, 1_000, 4_096])
    assertEven(assignKeyGroups(taskCount), taskCount);
});

test("the same tasks: nothing moves", () => {
  const owners = assignKeyGroups(7);
  assert.deepEqual(assignKeyGroups(7, owners), owners);
  const turned = owners.map((owner) => 6 - owner); // Now others have the shares that are one larger.
  assert.deepEqual(assignKeyGroups(7, turned), turned);
});

test("other tasks: no more groups move than must, over a random history", () => {
  const seed = Number(process.env.SEED ?? 7);
  const random = new Prng(seed);
  let owners = assignKeyGroups(3);
  for (let step = 0; step < 200; step++) {
    const taskCount = 1 + random.below(step % 10 === 0 ? 1_000 : 20);
    const next = assignKeyGroups(taskCount, owners);
    assertEven(next, taskCount);
    const moved = next.filter((owner, group) => owner !== owners[group]).length;
    assert.equal(moved, fewestMoves(owners, taskCount), `step ${step}, ${taskCount} tasks, SEED=${seed}`);
    owners = next;
  }
});

test("the same input gives the same assignment", () => {
  const owners = assignKeyGroups(5, assignKeyGroups(9));
  assert.deepEqual(assignKeyGroups(5, assignKeyGroups(9)), owners);
});
