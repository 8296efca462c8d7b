/** When a bolt's ticks are due. Those that were missed are not made up for: a tick says that time has passed. */
export class TickLane {
  nextMs = Number.POSITIVE_INFINITY;
  readonly #tickMs: number | null;

  /** @param tickMs null for no ticks */
  constructor(tickMs: number | null) {
    this.#tickMs = tickMs;
  }

  start(nowMs: number): void {
    if (this.#tickMs !== null) this.nextMs = nowMs + this.#tickMs;
  }

  /** True when a tick is due, which the caller then gives. */
  take(nowMs: number): boolean {
    const tickMs = this.#tickMs;
    if (tickMs === null || nowMs < this.nextMs) return false;
    this.nextMs += tickMs * Math.max(1, Math.ceil((nowMs - this.nextMs) / tickMs));
    return true;
  }

  /** A tick that took longer than the time between two leaves the input that time: else nothing else ran. */
  ended(nowMs: number): void {
    if (this.nextMs <= nowMs) this.start(nowMs);
  }
}
