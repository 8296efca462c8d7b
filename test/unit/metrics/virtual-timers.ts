import type { Clock } from "../../../src/base/clock.ts";
import type { SetTimer } from "../../../src/metrics/interval-clock.ts";

interface Due {
  readonly atMs: number;
  readonly call: () => void;
}

/** A clock and timers that move only when told to, and in which a timer may fire late. */
export class VirtualTimers {
  nowMs: number;
  readonly clock: Clock = { nowMs: () => this.nowMs };
  readonly #due: Due[] = [];

  constructor(startMs = 0) {
    this.nowMs = startMs;
  }

  readonly setTimer: SetTimer = (call, delayMs) => {
    const timer = { atMs: this.nowMs + delayMs, call };
    this.#due.push(timer);
    return () => {
      const at = this.#due.indexOf(timer);
      if (at >= 0) this.#due.splice(at, 1);
    };
  };

  get pending(): number {
    return this.#due.length;
  }

  /** Runs what is due up to `toMs`, each at its time. */
  advanceTo(toMs: number): void {
    for (;;) {
      const next = this.#due.reduce<Due | null>(
        (first, timer) => (timer.atMs <= toMs && (first === null || timer.atMs < first.atMs) ? timer : first),
        null,
      );
      if (next === null) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.nowMs = Math.max(this.nowMs, next.atMs);
      next.call();
    }
    this.nowMs = Math.max(this.nowMs, toMs);
  }

  /** Nothing runs until `toMs`, when all that was due runs at once. */
  stallTo(toMs: number): void {
    this.nowMs = Math.max(this.nowMs, toMs);
    this.advanceTo(this.nowMs);
  }
}
