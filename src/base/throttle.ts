/** Lets through so many of what comes in each span of time: for what would flood a log. */
export class Throttle {
  readonly #max: number;
  readonly #spanMs: number;
  readonly #nowMs: () => number;
  #sinceMs = Number.NEGATIVE_INFINITY;
  #count = 0;

  constructor(max: number, spanMs: number, nowMs: () => number) {
    this.#max = max;
    this.#spanMs = spanMs;
    this.#nowMs = nowMs;
  }

  isOpen(): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - this.#sinceMs >= this.#spanMs) {
      this.#sinceMs = nowMs;
      this.#count = 0;
    }
    return this.#count++ < this.#max;
  }
}
