import { invariant } from "../base/invariant.ts";
import { sleepWhile, sleepWhileAsync, WaitBudget, type WaitOptions } from "./futex-wait.ts";

const FREE = 0;
const LOCKED = 1;
const CONTENDED = 2;

/**
 * A lock for threads, in one shared word that starts at 0. Off the hot path only.
 *
 * Ownership:  whoever moved the word away from FREE holds the lock and is the only one that moves it back.
 * Invariant:  while anyone may be asleep the word is CONTENDED, so that `unlock` knows when it must notify.
 * Visibility: what the holder did before `unlock` is seen by the next holder.
 *
 * Not fair, not re-entrant, and a holder that dies keeps it: give a timeout where that can happen.
 */
export class Mutex {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  tryLock(): boolean {
    return Atomics.compareExchange(this.#words, this.#index, FREE, LOCKED) === FREE;
  }

  /** Blocks the thread until the lock is ours; false when the time was over first. */
  lock(options: WaitOptions = {}): boolean {
    if (this.tryLock()) return true;
    const budget = new WaitBudget(options);
    while (this.#isTakenByOther()) {
      if (sleepWhile(this.#words, this.#index, CONTENDED, budget)) continue;
      return !this.#isTakenByOther();
    }
    return true;
  }

  /** `lock` without blocking the thread. */
  async lockAsync(options: WaitOptions = {}): Promise<boolean> {
    if (this.tryLock()) return true;
    const budget = new WaitBudget(options);
    while (this.#isTakenByOther()) {
      if (await sleepWhileAsync(this.#words, this.#index, CONTENDED, budget)) continue;
      return !this.#isTakenByOther();
    }
    return true;
  }

  unlock(): void {
    const before = Atomics.exchange(this.#words, this.#index, FREE);
    invariant(before !== FREE, "only a locked mutex is unlocked");
    if (before === CONTENDED) Atomics.notify(this.#words, this.#index, 1);
  }

  /**
   * Takes the lock if it is free, and leaves the word CONTENDED either way: one who slept cannot know whether others
   * still do, and a needless notify is cheaper than a lost one.
   */
  #isTakenByOther(): boolean {
    return Atomics.exchange(this.#words, this.#index, CONTENDED) !== FREE;
  }
}
