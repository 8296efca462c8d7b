import type { RowTimer } from "../../metrics/row-timer.ts";
import type { TaskBlock } from "../../metrics/task-block.ts";
import type { TaskTimes } from "../../metrics/task-times.ts";
import { ROW_ACKED, ROW_FAILED, type TupleBatch } from "../../tuple/tuple-batch.ts";
import type { TaskParts } from "./task-parts.ts";

interface TimedRow {
  readonly batch: TupleBatch;
  readonly row: number;
  readonly beganMs: number;
  readonly weight: number;
}

/** Timed rows that may wait for their ack; one that comes while so many do is left out of the process latencies. */
const OPEN_MAX = 64;

/**
 * The execute and process latencies of one bolt's task: of rows that are chosen at random, each for many. Execute is
 * one call; process goes on until the tuple is acked or failed.
 */
export class RowTiming {
  readonly timer: RowTimer;
  readonly #block: TaskBlock;
  readonly #times: TaskTimes | null;
  readonly #nowMs: () => number;
  readonly #open: TimedRow[] = [];
  #current: TimedRow | null = null;

  constructor(timer: RowTimer, { block, times }: Pick<TaskParts, "block" | "times">, nowMs: () => number) {
    this.timer = timer;
    this.#block = block;
    this.#times = times;
    this.#nowMs = nowMs;
  }

  /** The next row is to be executed alone, and timed. */
  get isNext(): boolean {
    return this.timer.rowsBefore === 0;
  }

  /** A turn that began then has executed so many rows. */
  turned(beganMs: number, rows: number): void {
    if (rows === 0) return;
    const tookMs = this.#nowMs() - beganMs;
    this.#times?.executed(tookMs);
    this.timer.tune(rows, tookMs);
  }

  begin(batch: TupleBatch, row: number): void {
    this.#current = { batch, row, beganMs: this.#nowMs(), weight: this.timer.timed() };
  }

  /** @param isSettled false when its ack is still to come */
  executed(isSettled: boolean): void {
    const timed = this.#current;
    if (timed === null) return;
    this.#current = null;
    const tookMs = Math.max(0, this.#nowMs() - timed.beganMs);
    this.#block.execute!.record(tookMs, timed.weight);
    const state = timed.batch.rowStates?.[timed.row];
    if (isSettled || state === ROW_ACKED || state === ROW_FAILED) this.#block.process!.record(tookMs, timed.weight);
    else if (this.#open.length < OPEN_MAX) this.#open.push(timed);
  }

  /** A row was acked or failed, or does not matter any more. */
  closed(batch: TupleBatch, row: number, counts: boolean): void {
    const open = this.#open;
    const at = open.findIndex((timed) => timed.batch === batch && timed.row === row);
    if (at < 0) return;
    const [timed] = open.splice(at, 1);
    if (counts) this.#block.process!.record(Math.max(0, this.#nowMs() - timed!.beganMs), timed!.weight);
  }

  /** True while a timed row waits for its ack. */
  get isWaiting(): boolean {
    return this.#open.length > 0;
  }

  /** What is open belongs to an instance, or an epoch, that is no more. */
  clear(): void {
    this.#open.length = 0;
    this.#current = null;
  }
}
