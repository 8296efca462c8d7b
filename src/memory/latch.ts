import { invariant } from "../base/invariant.ts";
import { sleepWhile, sleepWhileAsync, WaitBudget, type WaitOptions } from "./futex-wait.ts";

/**
 * A gate that opens once, when a count reaches 0, and stays open. One shared word; a word that was never set is open.
 *
 * Ownership:  `reset` before the threads start; then anyone counts down.
 * Invariant:  the count only falls.
 * Visibility: what was done before `countDown` is seen by whoever came through.
 */
export class Latch {
  readonly #words: Int32Array;
  readonly #index: number;

  constructor(words: Int32Array, index: number) {
    this.#words = words;
    this.#index = index;
  }

  /** Closes the gate until `count` calls of `countDown`. Not while anyone waits. */
  reset(count: number): void {
    invariant(Number.isInteger(count) && count >= 0, "a latch counts down from a whole number");
    Atomics.store(this.#words, this.#index, count);
  }

  countDown(): void {
    const before = Atomics.sub(this.#words, this.#index, 1);
    invariant(before > 0, "a latch is counted down at most as often as it was set to");
    if (before === 1) Atomics.notify(this.#words, this.#index);
  }

  isOpen(): boolean {
    return Atomics.load(this.#words, this.#index) <= 0;
  }

  /** Blocks the thread until the gate is open; false when the time was over first. */
  wait(options: WaitOptions = {}): boolean {
    const budget = new WaitBudget(options);
    for (;;) {
      const count = Atomics.load(this.#words, this.#index);
      if (count <= 0) return true;
      if (!sleepWhile(this.#words, this.#index, count, budget)) return this.isOpen();
    }
  }

  /** `wait` without blocking the thread. */
  async waitAsync(options: WaitOptions = {}): Promise<boolean> {
    const budget = new WaitBudget(options);
    for (;;) {
      const count = Atomics.load(this.#words, this.#index);
      if (count <= 0) return true;
      if (!(await sleepWhileAsync(this.#words, this.#index, count, budget))) return this.isOpen();
    }
  }
}
