import type { TupleBatch } from "./tuple-batch.ts";

/**
 * Roots of the rows of a batch: which pending trees each row belongs to, as (slot, generation) pairs. docs/BATCHES.md
 * has the three layouts. A pair that a consumer struck off has the slot STRUCK, and the attempt in place of the
 * generation; see `strikeRoot`.
 */
export const STRUCK = -1;

/** Strikes the pair at `at` off. What it was the root of is remembered as far as its tuple may ask for it. */
export function strikeRoot(roots: number[], at: number, attempt: number): void {
  roots[at] = STRUCK;
  roots[at + 1] = attempt;
}

/**
 * Gives the last row of a batch its roots.
 *
 * @param pairs slot, generation, slot, generation, ...: the first `pairCount` pairs count
 */
export function addRoots(batch: TupleBatch, pairs: readonly number[], pairCount: number): void {
  const row = batch.count - 1;
  let roots = batch.roots;
  if (roots === null) {
    roots = [];
    batch.roots = roots;
  }
  if (batch.rootOffsets === null) {
    if (pairCount === 1 && roots.length === row * 2) {
      roots.push(pairs[0]!, pairs[1]!);
      return;
    }
    // From here on rows differ in how many roots they have.
    batch.rootOffsets = [];
    for (let pair = 0; pair * 2 <= roots.length; pair++) batch.rootOffsets.push(pair);
  }
  fillOffsets(batch.rootOffsets, row);
  for (let i = 0; i < pairCount * 2; i++) roots.push(pairs[i]!);
  batch.rootOffsets.push(roots.length >> 1);
}

/** Says that the rows without roots behind the last one with roots have none. Before a batch leaves its outlet. */
export function completeRoots(batch: TupleBatch): void {
  const { roots, count } = batch;
  if (roots === null) return;
  if (batch.rootOffsets === null) {
    if (roots.length === count * 2) return;
    batch.rootOffsets = [];
    for (let pair = 0; pair * 2 <= roots.length; pair++) batch.rootOffsets.push(pair);
  }
  fillOffsets(batch.rootOffsets, count);
}

/** Offsets up to that of row `row`, for rows that have no roots. */
function fillOffsets(offsets: number[], row: number): void {
  while (offsets.length <= row) offsets.push(offsets.length === 0 ? 0 : offsets[offsets.length - 1]!);
}

/** First position in `batch.roots` of a row's pairs. */
export function rootsStart(batch: TupleBatch, row: number): number {
  return batch.rootOffsets === null ? row * 2 : batch.rootOffsets[row]! * 2;
}

/** Position behind a row's last pair; the same as the start for a row without roots. */
export function rootsEnd(batch: TupleBatch, row: number): number {
  return batch.rootOffsets === null ? row * 2 + 2 : batch.rootOffsets[row + 1]! * 2;
}
