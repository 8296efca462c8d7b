import type { CountersShape, SharedCounters } from "../../memory/shared-counters.ts";

/** Cells of one task's shared counters. */
const EMITTED = 0;
const TRANSFERRED = 1;
const EXECUTED = 2;
const FAILED = 3;
const ACKED = 4;
const TIMED_OUT = 5;
const RESTARTS = 6;
const DROPPED = 7;
const EXPIRED = 8;
const CELLS_PER_TASK = 9;

/** One cell block per task id; index 0 is unused, as task ids start at 1. */
export function countersShapeFor(taskSlots: number): CountersShape {
  return { ownerCount: taskSlots, cellsPerOwner: CELLS_PER_TASK };
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
};

export function addTotals(a: TaskTotals, b: TaskTotals): TaskTotals {
  const names = Object.keys(NO_TOTALS) as (keyof TaskTotals)[];
  return Object.fromEntries(names.map((name) => [name, a[name] + b[name]])) as unknown as TaskTotals;
}

/** A task's counters in shared memory: written by its thread, read by any. */
export class TaskCounters {
  #cells: SharedCounters;
  /** What a task that ran in this one's place before had counted when its thread was lost. */
  readonly #before: TaskTotals;

  constructor(cells: SharedCounters) {
    this.#cells = cells;
    this.#before = this.read();
  }

  /** From now on publishes elsewhere: the memory of a new epoch. */
  moveTo(cells: SharedCounters): void {
    this.#cells = cells;
  }

  /** @param totals what the task itself has done */
  publish(totals: TaskTotals): void {
    const cells = this.#cells;
    const before = this.#before;
    cells.set(EMITTED, before.emitted + totals.emitted);
    cells.set(TRANSFERRED, before.transferred + totals.transferred);
    cells.set(EXECUTED, before.executed + totals.executed);
    cells.set(FAILED, before.failed + totals.failed);
    cells.set(ACKED, before.acked + totals.acked);
    cells.set(TIMED_OUT, before.timedOut + totals.timedOut);
    cells.set(RESTARTS, before.restarts + totals.restarts);
    cells.set(DROPPED, before.dropped + totals.dropped);
    cells.set(EXPIRED, before.expired + totals.expired);
    cells.publish();
  }

  read(): TaskTotals {
    const cells = this.#cells;
    return {
      emitted: cells.read(EMITTED),
      transferred: cells.read(TRANSFERRED),
      executed: cells.read(EXECUTED),
      acked: cells.read(ACKED),
      failed: cells.read(FAILED),
      timedOut: cells.read(TIMED_OUT),
      restarts: cells.read(RESTARTS),
      dropped: cells.read(DROPPED),
      expired: cells.read(EXPIRED),
    };
  }
}
