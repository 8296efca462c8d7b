import { invariant } from "../base/invariant.ts";
import { sleepWhile, sleepWhileAsync, WaitBudget, type WaitOptions } from "./futex-wait.ts";

const ARRIVED_BITS = 16;
const ARRIVED_MASK = 0xffff;

/**
 * A meeting point for a fixed number of threads, usable again and again, in one shared word that starts at 0: the
 * generation in the upper half, the number that arrived in the lower half.
 *
 * Ownership:  every change is one compare-and-exchange of the whole word, so both halves always belong together.
 * Invariant:  arrived < parties; the generation moves exactly when the last party arrives.
 * Visibility: what any party did before it arrived is seen by all once they are through.
 */
export class Barrier {
  readonly #words: Int32Array;
  readonly #index: number;
  readonly #parties: number;

  constructor(words: Int32Array, index: number, parties: number) {
    invariant(parties >= 1 && parties <= ARRIVED_MASK, "a barrier is for 1 to 65535 parties");
    this.#words = words;
    this.#index = index;
    this.#parties = parties;
  }

  /** Blocks until all parties arrived. False when the time was over first: then this arrival is taken back. */
  wait(options: WaitOptions = {}): boolean {
    const budget = new WaitBudget(options);
    const generation = this.#arrive();
    let word = Atomics.load(this.#words, this.#index);
    while (generationOf(word) === generation) {
      if (!sleepWhile(this.#words, this.#index, word, budget)) return !this.#tryLeave(generation);
      word = Atomics.load(this.#words, this.#index);
    }
    return true;
  }

  /** `wait` without blocking the thread. */
  async waitAsync(options: WaitOptions = {}): Promise<boolean> {
    const budget = new WaitBudget(options);
    const generation = this.#arrive();
    let word = Atomics.load(this.#words, this.#index);
    while (generationOf(word) === generation) {
      if (!(await sleepWhileAsync(this.#words, this.#index, word, budget))) return !this.#tryLeave(generation);
      word = Atomics.load(this.#words, this.#index);
    }
    return true;
  }

  /**
   * Counts us in and returns the generation we wait for; the last party opens the barrier and starts the next one.
   */
  #arrive(): number {
    for (;;) {
      const word = Atomics.load(this.#words, this.#index);
      const isLast = (word & ARRIVED_MASK) + 1 === this.#parties;
      const next = isLast ? (generationOf(word) + 1) << ARRIVED_BITS : word + 1;
      if (Atomics.compareExchange(this.#words, this.#index, word, next) !== word) continue;
      if (isLast) Atomics.notify(this.#words, this.#index);
      return generationOf(word);
    }
  }

  /** Takes our arrival back; false when the barrier opened meanwhile, with us counted in. */
  #tryLeave(generation: number): boolean {
    for (;;) {
      const word = Atomics.load(this.#words, this.#index);
      if (generationOf(word) !== generation) return false;
      if (Atomics.compareExchange(this.#words, this.#index, word, word - 1) === word) return true;
    }
  }
}

/**
 * Modulo 2^16: a party waits for one generation at a time, so it never has to tell apart ones that far from each
 * other.
 */
function generationOf(word: number): number {
  return word >>> ARRIVED_BITS;
}
