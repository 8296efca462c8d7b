/** Longer names are not compared: the cost grows with the product of the lengths. */
const COMPARED_LENGTH_MAX = 64;

/**
 * The candidate that `name` was probably meant to be, for the remedy of an error; null when none is near.
 * Near: at most a third of the letters differ, and at most three. Upper and lower case count as equal.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | null {
  if (name.length > COMPARED_LENGTH_MAX) return null;
  const wanted = name.toLowerCase();
  let nearest: string | null = null;
  let nearestDistance = Math.min(3, Math.ceil(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - name.length) >= nearestDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < nearestDistance) {
      nearest = candidate;
      nearestDistance = distance;
    }
  }
  return nearest;
}

/** Insertions, deletions, replacements, and swaps of two neighbours, each counted as one. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(replace, last[j]! + 1, row[j - 1]! + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, beforeLast[j - 2]! + 1);
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
