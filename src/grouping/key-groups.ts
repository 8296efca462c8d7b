import { invariant } from "../base/invariant.ts";

/**
 * Number of key groups that fields groupings hash into; a table maps each to a task. Frozen: state placement
 * depends on it.
 */
export const KEY_GROUP_COUNT = 4096;

/** The key group of a hash. */
export function keyGroupOf(hash: number): number {
  return hash & (KEY_GROUP_COUNT - 1);
}

/**
 * The owner of each key group, as an index below `taskCount`; even to within one group per task. Without `previous`
 * the owners hold contiguous ranges. With it, no more groups move than evenness demands: keys stay where their
 * state is.
 */
export function assignKeyGroups(taskCount: number, previous?: readonly number[]): number[] {
  invariant(taskCount >= 1 && taskCount <= KEY_GROUP_COUNT, "key groups need from one to KEY_GROUP_COUNT tasks");
  if (previous === undefined) {
    return Array.from({ length: KEY_GROUP_COUNT }, (_, group) => Math.floor((group * taskCount) / KEY_GROUP_COUNT));
  }
  invariant(previous.length === KEY_GROUP_COUNT, "a previous assignment has one owner per key group");
  const shares = computeShares(taskCount, previous);
  const kept = new Array<number>(taskCount).fill(0);
  const owners = previous.map((owner) => {
    if (owner >= taskCount || kept[owner] === shares[owner]) return -1;
    kept[owner]! += 1;
    return owner;
  });
  let taker = 0;
  return owners.map((owner) => {
    if (owner >= 0) return owner;
    while (kept[taker] === shares[taker]) taker += 1;
    kept[taker]! += 1;
    return taker;
  });
}

/** How many groups each task is to have. The shares that are one larger go to tasks that have so many already. */
function computeShares(taskCount: number, previous: readonly number[]): number[] {
  const share = Math.floor(KEY_GROUP_COUNT / taskCount);
  const had = new Array<number>(taskCount).fill(0);
  for (const owner of previous) if (owner < taskCount) had[owner]! += 1;
  const byNeed = Array.from({ length: taskCount }, (_, task) => task).sort((a, b) => had[b]! - had[a]! || a - b);
  const shares = new Array<number>(taskCount).fill(share);
  for (const task of byNeed.slice(0, KEY_GROUP_COUNT % taskCount)) shares[task]! += 1;
  return shares;
}
