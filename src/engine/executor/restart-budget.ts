import type { FailurePlan } from "./failure-plan.ts";

/** One restart that is allowed: its number within the span, from 1, and how long to wait for it. */
export interface AllowedRestart {
  readonly attempt: number;
  readonly delayMs: number;
}

/** How often and how soon one task may be restarted: the times of its restarts within the span, and what follows. */
export class RestartBudget {
  readonly #plan: Pick<FailurePlan, "backoff" | "restartsMax" | "restartSpanMs">;
  readonly #nextFloat: () => number;
  /** When each restart was asked for, oldest first: those of the span, or what a rate looks back on. */
  #asked: number[] = [];

  /** @param nextFloat uniform over [0, 1), for the jitter */
  constructor(plan: Pick<FailurePlan, "backoff" | "restartsMax" | "restartSpanMs">, nextFloat: () => number) {
    this.#plan = plan;
    this.#nextFloat = nextFloat;
  }

  /** Restarts within the span up to now. */
  get used(): number {
    return this.#asked.length;
  }

  /** The next restart, asked for now; null when that would be one too many. */
  next(nowMs: number): AllowedRestart | null {
    const { restartsMax, restartSpanMs, backoff } = this.#plan;
    this.#asked = this.#asked.filter((askedMs) => nowMs - askedMs < restartSpanMs);
    if (restartsMax !== null && this.#asked.length >= restartsMax) return null;
    const delayMs = this.#delayMs(nowMs);
    this.#asked.push(nowMs);
    // Without a limit nobody counts what is long past; a rate looks back on its own restarts only.
    const kept = Math.max(restartsMax ?? 0, backoff.kind === "rate" ? backoff.restarts : 64);
    if (this.#asked.length > kept) this.#asked.splice(0, this.#asked.length - kept);
    return { attempt: this.#asked.length, delayMs };
  }

  #delayMs(nowMs: number): number {
    const { backoff } = this.#plan;
    if (backoff.kind === "fixed") return backoff.delayMs;
    if (backoff.kind === "rate") {
      const first = this.#asked.at(-backoff.restarts);
      return first === undefined ? 0 : Math.max(0, first + backoff.spanMs - nowMs);
    }
    const { firstMs, maxMs, factor, jitter } = backoff;
    const fullMs = Math.min(maxMs, firstMs * factor ** this.#asked.length);
    return fullMs * (1 - jitter * this.#nextFloat());
  }
}
