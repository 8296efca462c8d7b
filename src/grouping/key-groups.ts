/** Number of key groups that fields groupings hash into. Frozen: state placement depends on it. */
const KEY_GROUP_COUNT = 4096;

/**
 * The owner (an index below `taskCount`) of each key group, even to within one group per task. Without `previous` the
 * owners hold contiguous ranges; with it, a group stays where it was as long as that keeps the shares even.
 */
export function assignKeyGroups(taskCount: number, previous?: readonly number[]): number[] {
  if (previous === undefined) {
    return Array.from({ length: KEY_GROUP_COUNT }, (_, group) => Math.floor((group * taskCount) / KEY_GROUP_COUNT));
  }
  const shareMin = Math.floor(KEY_GROUP_COUNT / taskCount);
  let sharesAboveMin = KEY_GROUP_COUNT % taskCount;
  const groupsOf = new Array<number>(taskCount).fill(0);
  const owners = previous.map((owner) => {
    if (owner >= taskCount || groupsOf[owner]! > shareMin) return -1;
    if (groupsOf[owner] === shareMin) {
      if (sharesAboveMin === 0) return -1;
      sharesAboveMin -= 1;
    }
    groupsOf[owner]! += 1;
    return owner;
  });
  let next = 0;
  return owners.map((owner) => {
    if (owner >= 0) return owner;
    while (groupsOf[next]! > shareMin || (groupsOf[next] === shareMin && sharesAboveMin === 0)) {
      next = (next + 1) % taskCount;
    }
    if (groupsOf[next] === shareMin) sharesAboveMin -= 1;
    groupsOf[next]! += 1;
    return next;
  });
}
