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

/** Strikes off every root of a row. */
export function strikeRow(batch: TupleBatch, row: number, slots: { attemptOf(slot: number): number }): void {
  const { roots } = batch;
  if (roots === null) return;
  const end = rootsEnd(batch, row);
  for (let at = rootsStart(batch, row); at < end; at += 2) {
    if (roots[at] !== STRUCK) strikeRoot(roots, at, slots.attemptOf(roots[at]!));
  }
}

/**
 * Gives the last row of a batch its roots.
 *
 * @param pairs slot, generation, slot, generation, ...: the first `pairCount` pairs count
 */
export function addRoots(batch: TupleBatch, pairs: readonly number[], pairCount: number): void {
  if (pairCount === 1) {
    addRoot(batch, pairs[0]!, pairs[1]!);
    return;
  }
  const { rootPairs } = batch;
  batch.roots ??= batch.spareRoots ?? freshRoots(batch);
  const { roots } = batch;
  // From here on rows differ in how many roots they have.
  batch.rootOffsets ??= offsetsOfOneEach(rootPairs);
  fillOffsets(batch.rootOffsets, batch.count - 1);
  for (let i = 0; i < pairCount * 2; i++) roots[rootPairs * 2 + i] = pairs[i]!;
  batch.rootPairs = rootPairs + pairCount;
  batch.rootOffsets.push(batch.rootPairs);
}

/** Gives the last row of a batch its only root. */
export function addRoot(batch: TupleBatch, slot: number, generation: number): void {
  const { rootPairs } = batch;
  batch.roots ??= batch.spareRoots ?? freshRoots(batch);
  const { roots } = batch;
  roots[rootPairs * 2] = slot;
  roots[rootPairs * 2 + 1] = generation;
  batch.rootPairs = rootPairs + 1;
  if (rootPairs === batch.count - 1 && batch.rootOffsets === null) return;
  batch.rootOffsets ??= offsetsOfOneEach(rootPairs);
  fillOffsets(batch.rootOffsets, batch.count - 1);
  batch.rootOffsets.push(batch.rootPairs);
}

/** With room for a root of each row that its columns have room for: an array that grows is copied. */
function freshRoots(batch: TupleBatch): number[] {
  return new Array<number>((batch.columns[0]?.length ?? 1) * 2);
}

/** Says that the rows without roots behind the last one with roots have none. Before a batch leaves its outlet. */
export function completeRoots(batch: TupleBatch): void {
  const { roots, count, rootPairs } = batch;
  if (roots === null || (batch.rootOffsets === null && rootPairs === count)) return;
  batch.rootOffsets ??= offsetsOfOneEach(rootPairs);
  fillOffsets(batch.rootOffsets, count);
}

function offsetsOfOneEach(rows: number): number[] {
  return Array.from({ length: rows + 1 }, (_, row) => row);
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
