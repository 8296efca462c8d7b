const TIMER_SLACK_MS = 0.5;
/** What a nap grows by while there is nothing: what comes then comes late by a quarter of the silence at most. */
const GROWTH = 1.25;
/** The part of a nap that is given up if the thread is awake anyhow: naps of one thread's spouts end together. */
const SLACK = 0.25;

/** The pauses of a spout that has nothing to emit: they grow with the silence, up to a limit. */
export class Nap {
  /** When the nap under way ends; 0 when there is none. */
  endMs = 0;
  readonly #firstMs: number;
  readonly #maxMs: number;
  #lastMs = 0;

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
  }

  get isOn(): boolean {
    return this.endMs > 0;
  }

  /** There is nothing: the next call comes after a nap, a longer one each time. */
  fall(nowMs: number): void {
    this.#lastMs = Math.min(this.#maxMs, this.#lastMs === 0 ? this.#firstMs : this.#lastMs * GROWTH);
    this.endMs = nowMs + this.#lastMs;
  }

  /** True when the nap has ended. Timers fire a little early: one that is all but over is over. */
  isOver(nowMs: number): boolean {
    if (nowMs < this.endMs - Math.max(TIMER_SLACK_MS, this.#lastMs * SLACK)) return false;
    this.endMs = 0;
    return true;
  }

  end(): void {
    this.endMs = 0;
  }

  /** There was something: the next nap is a short one. */
  shorten(): void {
    this.#lastMs = 0;
  }
}
