/** By default a spout task makes up for so much time in which it could not emit: several timers of the system. */
const BURST_MS = 20;

/**
 * A token bucket for the emits of one spout task. A call that emits several tuples may overdraw it, and the debt is
 * waited for: over a long time the rate is exact.
 */
export class RateLimit {
  /** When the next tuple may be emitted; 0 while one may. */
  resumeMs = 0;
  readonly #perMs: number;
  readonly #burst: number;
  #tokens: number;
  #filledMs: number | null = null;
  #emitted = 0;

  constructor(perSecond: number, burst: number | null) {
    this.#perMs = perSecond / 1000;
    this.#burst = burst ?? Math.max(1, this.#perMs * BURST_MS);
    this.#tokens = this.#burst;
  }

  /**
   * How many tuples may be emitted now.
   *
   * @param emitted how many the task has emitted so far
   */
  allowance(emitted: number, nowMs: number): number {
    this.#fill(nowMs);
    this.#tokens -= emitted - this.#emitted;
    this.#emitted = emitted;
    const allowance = Math.max(0, Math.floor(this.#tokens + ROUNDING));
    this.resumeMs = allowance > 0 ? 0 : nowMs + (1 - this.#tokens) / this.#perMs;
    return allowance;
  }

  #fill(nowMs: number): void {
    const elapsedMs = this.#filledMs === null ? 0 : Math.max(0, nowMs - this.#filledMs);
    this.#filledMs = nowMs;
    this.#tokens = Math.min(this.#burst, this.#tokens + elapsedMs * this.#perMs);
  }
}

/** Sums of fractions miss whole numbers by a little. */
const ROUNDING = 1e-6;
