import { loadWord, storeWord } from "./control-words.ts";

/**
 * A thread's wish to be woken when a ring that it fills gets room: without it every released frame would wake a producer
 * that sleeps for want of work.
 *
 * Ownership:  only the thread itself stores it; consumers of its rings load it.
 * Visibility: the producer stores its wish, then PARKED, then looks at the ring once more; the consumer stores HEAD,
 *             then loads the wish. Atomics are sequentially consistent, so one of the two sees the other.
 */
export class RoomWanted {
  readonly #control: Int32Array;
  readonly #word: number;

  constructor(control: Int32Array, word: number) {
    this.#control = control;
    this.#word = word;
  }

  set(): void {
    storeWord(this.#control, this.#word, 1);
  }

  clear(): void {
    storeWord(this.#control, this.#word, 0);
  }

  isSet(): boolean {
    return loadWord(this.#control, this.#word) !== 0;
  }
}
