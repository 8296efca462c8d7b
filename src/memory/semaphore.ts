import { invariant } from "../base/invariant.ts";
import { sleepWhile, sleepWhileAsync, WaitBudget, type WaitOptions } from "./futex-wait.ts";

const PERMITS = 0;
const WAITERS = 1;

/** Words that a semaphore takes: permits, waiters. */
export const SEMAPHORE_WORDS = 2;

/**
 * A number of permits that threads take and give back, in two shared words: the permits (store the first number with
 * `release`) and the waiters, which starts at 0.
 *
 * Ownership:  anyone adds or takes permits, in one step each.
 * Invariant:  permits >= 0; one who may sleep is counted as a waiter before it looks at the permits.
 * Visibility: no wake-up is lost: `release` adds permits, then loads the waiters; a waiter counts itself, then loads
 *             the permits and sleeps only while there are none. What was done before `release` is seen after
 *             `acquire`.
 *
 * Permits of a thread that dies are gone: give a timeout where that can happen.
 */
export class Semaphore {
  readonly #words: Int32Array;
  readonly #permits: number;
  readonly #waiters: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#permits = index + PERMITS;
    this.#waiters = index + WAITERS;
  }

  tryAcquire(): boolean {
    let permits = Atomics.load(this.#words, this.#permits);
    while (permits > 0) {
      const found = Atomics.compareExchange(this.#words, this.#permits, permits, permits - 1);
      if (found === permits) return true;
      permits = found; // Someone else moved the count, so the whole system made progress.
    }
    return false;
  }

  /** Blocks the thread until there is a permit; false when the time was over first. */
  acquire(options: WaitOptions = {}): boolean {
    if (this.tryAcquire()) return true;
    const budget = new WaitBudget(options);
    Atomics.add(this.#words, this.#waiters, 1);
    let hasTime = true;
    while (!this.tryAcquire()) {
      if (!hasTime) {
        Atomics.sub(this.#words, this.#waiters, 1);
        return false;
      }
      hasTime = sleepWhile(this.#words, this.#permits, 0, budget);
    }
    Atomics.sub(this.#words, this.#waiters, 1);
    return true;
  }

  /** `acquire` without blocking the thread. */
  async acquireAsync(options: WaitOptions = {}): Promise<boolean> {
    if (this.tryAcquire()) return true;
    const budget = new WaitBudget(options);
    Atomics.add(this.#words, this.#waiters, 1);
    try {
      let hasTime = true;
      while (!this.tryAcquire()) {
        if (!hasTime) return false;
        hasTime = await sleepWhileAsync(this.#words, this.#permits, 0, budget);
      }
      return true;
    } finally {
      Atomics.sub(this.#words, this.#waiters, 1);
    }
  }

  release(permits = 1): void {
    invariant(permits >= 0, "permits are given back, not taken, by release");
    Atomics.add(this.#words, this.#permits, permits);
    if (Atomics.load(this.#words, this.#waiters) > 0) Atomics.notify(this.#words, this.#permits, permits);
  }
}
