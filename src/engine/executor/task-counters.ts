import type { CountersShape, SharedCounters } from "../../memory/shared-counters.ts";

/** One cell block per task id; index 0 is unused, as task ids start at 1. */
export function countersShapeFor(taskSlots: number): CountersShape {
  return { ownerCount: taskSlots, cellsPerOwner: CELLS.length };
}

/** What a task has done since its start. Storm's words with Storm's definitions, never sampled. */
export interface TaskTotals {
  /** Calls of emit. */
  readonly emitted: number;
  /** Copies sent: one per target task. */
  readonly transferred: number;
  /** Calls of execute; for an output, tuples that the program took. */
  readonly executed: number;
  /** For a bolt: tuples that it acked. For a spout: trees that were fully processed. */
  readonly acked: number;
  /** For a bolt: tuples that it failed, and errors that it reported. For a spout: trees that failed. */
  readonly failed: number;
  /** For a spout: those of the failed trees whose time was up. */
  readonly timedOut: number;
  /** How often the task went on with a new instance after a failure. */
  readonly restarts: number;
  /** Tuples whose execution threw, and which the policy `drop` acked all the same. */
  readonly dropped: number;
  /** Tuples that were not executed, since their trees had failed before. */
  readonly expired: number;
  /** Of a spout: emits of messages that had failed before. Known of replaying spouts. */
  readonly replayed: number;
  /** Messages that a replaying spout gave up, and dropped tuples that went to a dead letter target. */
  readonly deadLettered: number;
  /** Executions that have begun and whose promise is pending, at this moment. */
  readonly executing: number;
}

export const NO_TOTALS: TaskTotals = {
  emitted: 0,
  transferred: 0,
  executed: 0,
  acked: 0,
  failed: 0,
  timedOut: 0,
  restarts: 0,
  dropped: 0,
  expired: 0,
  replayed: 0,
  deadLettered: 0,
  executing: 0,
};

/** Cells of one task's shared counters, in order. */
const CELLS = Object.keys(NO_TOTALS) as (keyof TaskTotals)[];

export function addTotals(a: TaskTotals, b: TaskTotals): TaskTotals {
  return Object.fromEntries(CELLS.map((name) => [name, a[name] + b[name]])) as unknown as TaskTotals;
}

/** A task's counters in shared memory: written by its thread, read by any. */
export class TaskCounters {
  #cells: SharedCounters;
  /** What a task that ran in this one's place before had counted when its thread was lost. */
  readonly #before: TaskTotals;

  constructor(cells: SharedCounters) {
    this.#cells = cells;
    // What it was executing went down with it.
    this.#before = { ...this.read(), executing: 0 };
  }

  /** From now on publishes elsewhere: the memory of a new epoch. */
  moveTo(cells: SharedCounters): void {
    this.#cells = cells;
  }

  /** @param totals what the task itself has done */
  publish(totals: TaskTotals): void {
    const cells = this.#cells;
    for (const [cell, name] of CELLS.entries()) cells.set(cell, this.#before[name] + totals[name]);
    cells.publish();
  }

  read(): TaskTotals {
    return Object.fromEntries(CELLS.map((name, cell) => [name, this.#cells.read(cell)])) as unknown as TaskTotals;
  }
}
