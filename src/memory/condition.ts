import { sleepWhile, sleepWhileAsync, WaitBudget, type WaitOptions } from "./futex-wait.ts";
import type { Mutex } from "./mutex.ts";

/**
 * Waiting for a change of data that a mutex guards. One shared word counts the signals; it starts anywhere.
 *
 * Ownership:  anyone adds to the count; nobody sets it back.
 * Invariant:  a waiter reads the count while it holds the mutex and sleeps only while the count still has that value,
 *             so a signal given after the mutex was released is never slept through.
 * Visibility: change the data under the mutex, then signal, before or after unlocking.
 *
 * A wait may end without a signal meant for it: call it in a loop that checks the data.
 */
export class Condition {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /**
   * Releases the mutex, sleeps until signalled, and locks again. False when the time was over; the mutex is locked in
   * either case, and waiting for it is not part of the time.
   */
  wait(mutex: Mutex, options: WaitOptions = {}): boolean {
    const seen = Atomics.load(this.#words, this.#index); // Must precede unlock: see Invariant.
    const budget = new WaitBudget(options);
    mutex.unlock();
    const wasSignalled = sleepWhile(this.#words, this.#index, seen, budget);
    mutex.lock();
    return wasSignalled;
  }

  /** `wait` without blocking the thread. */
  async waitAsync(mutex: Mutex, options: WaitOptions = {}): Promise<boolean> {
    const seen = Atomics.load(this.#words, this.#index); // Must precede unlock: see Invariant.
    const budget = new WaitBudget(options);
    mutex.unlock();
    const wasSignalled = await sleepWhileAsync(this.#words, this.#index, seen, budget);
    await mutex.lockAsync();
    return wasSignalled;
  }

  notifyOne(): void {
    Atomics.add(this.#words, this.#index, 1); // Before the notify: who has not slept yet sees the count move.
    Atomics.notify(this.#words, this.#index, 1);
  }

  notifyAll(): void {
    Atomics.add(this.#words, this.#index, 1);
    Atomics.notify(this.#words, this.#index);
  }
}
