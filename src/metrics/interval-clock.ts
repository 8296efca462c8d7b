import { type Clock, TIMER_MS_MAX } from "../base/clock.ts";

/** One interval, whose end is a multiple of its length since 1970; the first and the last of a run may be shorter. */
export interface Interval {
  readonly endMs: number;
  readonly intervalMs: number;
  /** How long after its end it is told. Below 0 for the last one, which is told before its end. */
  readonly lateMs: number;
  /** The run has ended: this one covers the rest. */
  readonly isLast: boolean;
}

/** Calls back after a time; the result takes that back. Timers may fire late, and a little early. */
export type SetTimer = (call: () => void, delayMs: number) => () => void;

export interface IntervalClockParts {
  readonly intervalMs: number;
  /** Ms since 1970; never goes back: see SteadyWallClock. */
  readonly clock: Clock;
  readonly setTimer: SetTimer;
  /** Must not throw. */
  readonly ended: (interval: Interval) => void;
}

/** Intervals that are told in a row before the event loop gets a turn: the machine may have slept for a week. */
const TOLD_MAX = 1_000;

/**
 * Tells the end of each interval, in order: none is missing, none comes twice, whatever the timers do. An interval
 * that ended while nobody could tell it is told as soon as somebody can.
 */
export class IntervalClock {
  readonly #parts: IntervalClockParts;
  /** End of the interval under way. */
  #endMs: number;
  #cancel: () => void = () => {};
  #isStopped = false;

  /** Begins with the interval that is under way. */
  constructor(parts: IntervalClockParts) {
    this.#parts = parts;
    const { intervalMs, clock } = parts;
    this.#endMs = (Math.floor(clock.nowMs() / intervalMs) + 1) * intervalMs;
    this.#wait();
  }

  /** Tells what has ended, and then the interval under way as the last one, unless nothing of it can be untold. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#cancel();
    const nowMs = this.#parts.clock.nowMs();
    let isTold = false;
    for (; this.#endMs <= nowMs; isTold = true) this.#tell(nowMs, false);
    const isOnBoundary = nowMs === this.#endMs - this.#parts.intervalMs;
    if (!isTold || !isOnBoundary) this.#tell(nowMs, true);
  }

  #wait(): void {
    const delayMs = Math.ceil(this.#endMs - this.#parts.clock.nowMs());
    this.#cancel = this.#parts.setTimer(() => this.#look(), Math.min(TIMER_MS_MAX, Math.max(0, delayMs)));
  }

  #look(): void {
    const nowMs = this.#parts.clock.nowMs();
    for (let told = 0; told < TOLD_MAX && this.#endMs <= nowMs && !this.#isStopped; told++) this.#tell(nowMs, false);
    if (!this.#isStopped) this.#wait();
  }

  #tell(nowMs: number, isLast: boolean): void {
    const { intervalMs, ended } = this.#parts;
    const endMs = this.#endMs;
    // First, so that whoever stops the clock from inside the call is not told the same interval again.
    this.#endMs = endMs + intervalMs;
    ended({ endMs, intervalMs, lateMs: nowMs - endMs, isLast });
  }
}
