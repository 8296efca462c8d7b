import type { Clock } from "../base/clock.ts";

/** How far the wall clock may lag behind the monotonic one before it counts as set back. */
const SET_BACK_MS = 250;

/**
 * The time of day as a clock that never goes back: it follows the wall clock where that goes forward, also by a leap,
 * and goes on at the monotonic clock's pace where the wall clock is set back, until that has caught up.
 */
export class SteadyWallClock implements Clock {
  readonly #wall: Clock;
  readonly #monotonic: Clock;
  #lastMs: number;
  #lastMonotonicMs: number;

  /** @param wall ms since 1970 */
  constructor(wall: Clock, monotonic: Clock) {
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#lastMs = wall.nowMs();
    this.#lastMonotonicMs = monotonic.nowMs();
  }

  nowMs(): number {
    const monotonicMs = this.#monotonic.nowMs();
    const wallMs = this.#wall.nowMs();
    const expectedMs = this.#lastMs + Math.max(0, monotonicMs - this.#lastMonotonicMs);
    const isSetBack = wallMs < expectedMs - SET_BACK_MS;
    this.#lastMonotonicMs = monotonicMs;
    this.#lastMs = Math.max(this.#lastMs, isSetBack ? expectedMs : wallMs);
    return this.#lastMs;
  }
}
