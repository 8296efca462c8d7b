import type { Measurement } from "../../harness/benchmark.ts";
import { peakRssMb } from "../../harness/resource-use.ts";

/** How long a shape runs, from its first tuple on: a warm-up, then the window over which sinks count. */
export type WindowParams = { readonly warmupMs: number; readonly windowMs: number };

/** Short ones, for tables with many rows; a JVM warms up for longer. */
export const shortWindows = {
  smoke: { warmupMs: 50, windowMs: 50, rivalWarmupMs: 100, rivalWindowMs: 200 },
  full: { warmupMs: 2_000, windowMs: 3_000, rivalWarmupMs: 12_000, rivalWindowMs: 3_000 },
};

/** What one sink counted; the fields of its report, in order. */
export interface SinkCount {
  /** Tuples of the whole run. */
  readonly arrived: number;
  /** Tuples within the window, and the window as this sink saw it. */
  readonly counted: number;
  readonly seconds: number;
}

/** A look at the clock costs as much as a tuple, so it is taken once for so many; a power of two. */
const LOOK_EVERY = 256;

/** Counts the tuples of one sink task. */
export class SinkWindow {
  readonly #params: WindowParams;
  #arrived = 0;
  #firstMs = 0;
  #countFrom = 0;
  #openedMs = 0;
  #countTo = 0;
  #closedMs = 0;

  constructor({ warmupMs, windowMs }: WindowParams) {
    this.#params = { warmupMs, windowMs };
  }

  /** True once the window has been closed, for whoever counts what it emits itself. */
  get isOver(): boolean {
    return this.#closedMs !== 0;
  }

  add(): void {
    if ((++this.#arrived & (LOOK_EVERY - 1)) === 1) this.#look(performance.now());
  }

  report(): [arrived: number, counted: number, seconds: number] {
    // A run that ended in its warm-up, as tiny ones may on a busy machine, is its own window.
    if (this.#openedMs === 0) this.#openedMs = this.#firstMs;
    if (this.#closedMs === 0) this.#close(performance.now());
    const seconds = (this.#closedMs - this.#openedMs) / 1_000;
    return [this.#arrived, this.#countTo - this.#countFrom, seconds];
  }

  #look(nowMs: number): void {
    if (this.#closedMs !== 0) return;
    if (this.#firstMs === 0) this.#firstMs = nowMs;
    if (this.#openedMs === 0) {
      if (nowMs - this.#firstMs < this.#params.warmupMs) return;
      this.#openedMs = nowMs;
      this.#countFrom = this.#arrived;
    } else if (nowMs - this.#openedMs >= this.#params.windowMs) this.#close(nowMs);
  }

  #close(nowMs: number): void {
    this.#closedMs = nowMs;
    this.#countTo = this.#arrived;
  }
}

/** Emits go on a little longer than the window of any sink, whose first tuple comes after the spout's. */
const AFTER_THE_WINDOW_MS = 100;

/** Says to a spout that it shall end. */
export class SpoutWindow {
  readonly #lengthMs: number;
  #firstMs = 0;
  #questions = 0;

  constructor({ warmupMs, windowMs }: WindowParams) {
    this.#lengthMs = warmupMs + windowMs + AFTER_THE_WINDOW_MS;
  }

  /** For a spout that asks before every tuple: looks at the clock once for so many questions. */
  isOver(): boolean {
    return (this.#questions++ & (LOOK_EVERY - 1)) === 0 && this.isOverNow();
  }

  isOverNow(): boolean {
    const nowMs = performance.now();
    if (this.#firstMs === 0) this.#firstMs = nowMs;
    return nowMs - this.#firstMs >= this.#lengthMs;
  }
}

/** Processor time of the whole process over the window of a run that has just started, in cores. */
export async function coresOver({ warmupMs, windowMs }: WindowParams): Promise<number> {
  await passed(warmupMs);
  const [startMs, before] = [performance.now(), process.cpuUsage()];
  await passed(windowMs);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000 / (performance.now() - startMs);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Rates of all sinks together, with processor time and memory beside them. */
export function windowMeasurement(counts: readonly SinkCount[], cores: number): Measurement {
  const value = counts.reduce((sum, { counted, seconds }) => sum + counted / seconds, 0);
  if (!(value > 0)) throw new Error("no sink counted anything within its window");
  return { value, detail: { cores, perCore: value / cores, peakRssMb: peakRssMb() } };
}

/** What `copy` takes from every tuple of an output. */
export async function collectRows<T, R>(tuples: AsyncIterable<T>, copy: (tuple: T) => R): Promise<R[]> {
  const rows: R[] = [];
  for await (const tuple of tuples) rows.push(copy(tuple));
  return rows;
}
