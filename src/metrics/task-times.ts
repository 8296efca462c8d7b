import type { TaskCounter, TaskLevel } from "./metric-layout.ts";

/** What a task does while it does not work. */
export type RestState = "idle" | "blocked" | "waiting";

/** By number in the level `rest`. */
export const REST_STATES = ["idle", "blocked", "waiting"] as const satisfies readonly RestState[];

/** Where microseconds are counted; a TaskBlock is one. */
export interface TimeCounters {
  add(counter: TaskCounter, amount: number): void;
  setLevel(level: TaskLevel, value: number): void;
}

/**
 * Divides a task's time into busy, blocked, waiting and idle, from clock reads that its thread makes anyway. Idle
 * time is what is left of a span; only the others are counted.
 */
export class TaskTimes {
  state: RestState = "idle";
  readonly #counters: TimeCounters;
  /** Whole ms of the clock that all threads share: see treeClockOf. */
  readonly #sharedNowMs: () => number;
  /** Since when the state holds and is not counted. */
  #sinceMs: number;
  readonly #busy = new Micros();
  readonly #blocked = new Micros();
  readonly #waiting = new Micros();
  readonly #execute = new Micros();

  constructor(counters: TimeCounters, nowMs: number, sharedNowMs: () => number) {
    this.#counters = counters;
    this.#sharedNowMs = sharedNowMs;
    this.#sinceMs = nowMs;
  }

  /** The task worked from one time to another; before that, its state held. */
  worked(fromMs: number, toMs: number): void {
    this.note(fromMs);
    this.#count("busyUs", this.#busy, toMs - this.#sinceMs);
    this.#sinceMs = Math.max(this.#sinceMs, toMs);
  }

  /** Of the time that it worked, so much was spent in rows. */
  executed(tookMs: number): void {
    this.#count("executeUs", this.#execute, tookMs);
  }

  /** From now on its state is another one. */
  become(state: RestState, nowMs: number): void {
    if (state === this.state) return;
    this.note(nowMs);
    this.state = state;
    this.#counters.setLevel("rest", REST_STATES.indexOf(state));
    this.#counters.setLevel("restSinceMs", this.#sharedNowMs());
  }

  /** Counts what the state took up to now: when it changes, and whenever counters are published. */
  note(nowMs: number): void {
    const tookMs = nowMs - this.#sinceMs;
    if (tookMs <= 0) return;
    if (this.state === "blocked") this.#count("blockedUs", this.#blocked, tookMs);
    else if (this.state === "waiting") this.#count("waitingUs", this.#waiting, tookMs);
    if (this.state !== "idle") this.#counters.setLevel("restSinceMs", this.#sharedNowMs());
    this.#sinceMs = nowMs;
  }

  #count(counter: TaskCounter, micros: Micros, tookMs: number): void {
    const whole = micros.take(tookMs);
    if (whole > 0) this.#counters.add(counter, whole);
  }
}

/** Makes whole microseconds of spans, and keeps what is left for the next. */
class Micros {
  #rest = 0;

  take(spanMs: number): number {
    if (!(spanMs > 0)) return 0;
    this.#rest += spanMs * 1_000;
    const whole = Math.floor(this.#rest);
    this.#rest -= whole;
    return whole;
  }
}
