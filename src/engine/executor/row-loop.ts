import { tryCompile } from "../../base/compile-code.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { BoltHooks, TupleClass } from "./create-instance.ts";

/** Where a loop over rows keeps its place, so that it is known when `execute` throws. */
export interface RowCursor {
  /** The row after the one that was handed out last. */
  nextRow: number;
  /** True when the task may take no further row now. */
  readonly isBlocked: boolean;
  /** Where the calls of `execute` are counted, before each: see docs/METRICS.md. */
  readonly counts: Int32Array;
  readonly executedWord: number;
}

/**
 * Calls `execute` for the rows from `cursor.nextRow` up to `limit`. Stops early when the task is blocked, and after a
 * call that returned something, which it returns: most likely a promise.
 */
export type RowLoop = (
  batch: TupleBatch,
  limit: number,
  cursor: RowCursor,
  hooks: BoltHooks,
  collector: unknown,
) => unknown;

const loops = new WeakMap<TupleClass, RowLoop>();

/** The loop for one class of tuples, with code of its own: see `tryCompile`. All tasks that receive them share it. */
export function rowLoopFor(tupleClass: TupleClass): RowLoop {
  let loop = loops.get(tupleClass);
  if (loop === undefined) {
    const make = tryCompile<(tupleClass: TupleClass) => RowLoop>(["TupleClass"], LOOP_SOURCE);
    loop = make === null ? sharedRowLoop(tupleClass) : make(tupleClass);
    loops.set(tupleClass, loop);
  }
  return loop;
}

const LOOP_SOURCE = `return function runRows(batch, limit, cursor, hooks, collector) {
  const counts = cursor.counts;
  const word = cursor.executedWord;
  let row = cursor.nextRow;
  while (row < limit) {
    cursor.nextRow = row + 1;
    counts[word] = (counts[word] + 1) | 0;
    const result = hooks.execute(new TupleClass(batch, row), collector);
    row++;
    if (result !== undefined || cursor.isBlocked) return result;
  }
};`;

/** The same without making code at run time. */
export function sharedRowLoop(tupleClass: TupleClass): RowLoop {
  return (batch, limit, cursor, hooks, collector) => {
    const { counts, executedWord } = cursor;
    let row = cursor.nextRow;
    while (row < limit) {
      cursor.nextRow = row + 1;
      counts[executedWord] = (counts[executedWord]! + 1) | 0;
      const result = hooks.execute(new tupleClass(batch, row), collector);
      row++;
      if (result !== undefined || cursor.isBlocked) return result;
    }
    return undefined;
  };
}
