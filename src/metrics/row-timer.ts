import type { Prng } from "../base/prng.ts";

/** What a timed row costs, in ms: two reads of the clock, and entries in two histograms. */
const TIMED_ROW_MS = 0.000_2;
/** The share of the rows' time that this may take. */
const COST_SHARE_MAX = 0.005;
/** One in so many of the shortest rows still makes thousands a second. */
const TIMED_EVERY_MAX = 1_024;
const ROUNDING = 1e-9;

/**
 * Chooses the rows whose execution is timed: at random, since every n-th might always be of one kind. Each stands for
 * `timedEvery` rows, whose number follows from how long rows take.
 */
export class RowTimer {
  /** One row in so many is timed: also the weight of a timed row. */
  timedEvery: number;
  /** Rows before the next that is timed; 0 when that one is next. */
  rowsBefore: number;
  readonly #prng: Prng;
  readonly #isAll: boolean;

  /** @param isAll times every row, whatever it costs */
  constructor(prng: Prng, isAll: boolean) {
    this.#prng = prng;
    this.#isAll = isAll;
    this.timedEvery = isAll ? 1 : TIMED_EVERY_MAX;
    this.rowsBefore = this.#gap();
  }

  /** So many rows were executed without being timed: at most `rowsBefore`. */
  passed(rows: number): void {
    this.rowsBefore -= rows;
  }

  /** The row was timed. Returns for how many it stands. */
  timed(): number {
    const weight = this.timedEvery;
    this.rowsBefore = this.#gap();
    return weight;
  }

  /** Rows of a turn took so long: what the next gaps are drawn from. */
  tune(rows: number, tookMs: number): void {
    if (this.#isAll || rows === 0) return;
    const every = (TIMED_ROW_MS * rows) / (COST_SHARE_MAX * Math.max(tookMs, 1e-9));
    const next = Math.min(TIMED_EVERY_MAX, Math.max(1, Math.ceil(every - ROUNDING)));
    if (next === this.timedEvery) return;
    this.timedEvery = next;
    this.rowsBefore = this.#gap();
  }

  /** From 0 to 2 (n - 1), each as likely: n rows from one timed row to the next, on the average. */
  #gap(): number {
    return this.#prng.below(2 * this.timedEvery - 1);
  }
}
