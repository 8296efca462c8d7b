import { realClock } from "../base/clock.ts";
import { invariant } from "../base/invariant.ts";

/** How long a lock, permit or condition is waited for. */
export interface WaitOptions {
  /** Default: no limit. 0 looks once and never sleeps. */
  readonly timeoutMs?: number;
}

const KEEP_ALIVE_MS = 0x7fff_ffff;

/** The time left of one wait, over all the sleeps that it takes. */
export class WaitBudget {
  readonly #deadlineMs: number;

  constructor(options: WaitOptions) {
    const timeoutMs = options.timeoutMs ?? Number.POSITIVE_INFINITY;
    invariant(timeoutMs >= 0, "a timeout is 0 or more milliseconds");
    this.#deadlineMs = timeoutMs === Number.POSITIVE_INFINITY ? timeoutMs : realClock.nowMs() + timeoutMs;
  }

  leftMs(): number {
    if (this.#deadlineMs === Number.POSITIVE_INFINITY) return this.#deadlineMs;
    return Math.max(0, this.#deadlineMs - realClock.nowMs());
  }
}

/** Blocks the thread while the word holds `value`. False when the time was over; true may be early: look again. */
export function sleepWhile(words: Int32Array, index: number, value: number, budget: WaitBudget): boolean {
  return Atomics.wait(words, index, value, budget.leftMs()) !== "timed-out";
}

/**
 * `sleepWhile` that blocks nothing, and keeps the thread alive meanwhile: a pending `waitAsync` alone would let it
 * exit.
 */
export async function sleepWhileAsync(
  words: Int32Array,
  index: number,
  value: number,
  budget: WaitBudget,
): Promise<boolean> {
  const wait = Atomics.waitAsync(words, index, value, budget.leftMs());
  if (!wait.async) return wait.value !== "timed-out";
  const keepAlive = setInterval(() => {}, KEEP_ALIVE_MS);
  try {
    return (await wait.value) !== "timed-out";
  } finally {
    clearInterval(keepAlive);
  }
}
