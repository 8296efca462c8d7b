import { invariant } from "../base/invariant.ts";

/** Dirty words needed for `bitCount` bits. */
export function dirtyWordCount(bitCount: number): number {
  return (bitCount + 31) >>> 5;
}

/**
 * Which rings of one (producer thread, consumer thread) pair may hold frames: one bit per ring, so that an idle ring
 * costs its consumer nothing.
 *
 * Ownership:  the producer thread only sets bits, the consumer thread only clears them.
 * Invariant:  a ring that holds a frame which its consumer has not noticed has its bit up, or its producer is between
 *             `commit` and `mark`. A bit may be up with nothing behind it.
 * Visibility: `mark` follows the store of TAIL, `take` precedes the load of TAIL. Atomics are sequentially
 *             consistent, so a consumer that took the bit sees the TAIL for which it was set.
 *
 * `mark` loads first and leaves a bit that is up alone, which spares most locked operations under load. Nothing is
 * lost by that: a bit seen up is cleared by a `take` that comes after our load, that comes after our store of TAIL,
 * and the consumer loads TAIL after that `take`.
 */
export class DirtyBits {
  readonly wordCount: number;
  readonly #control: Int32Array;
  readonly #firstWord: number;

  constructor(control: Int32Array, firstWord: number, wordCount: number) {
    invariant(firstWord >= 0 && firstWord + wordCount <= control.length, "dirty words lie inside the control array");
    this.wordCount = wordCount;
    this.#control = control;
    this.#firstWord = firstWord;
  }

  /** Says, for the producer, that ring `bit` has a new frame. Call it after the commit. */
  mark(bit: number): void {
    const word = this.#firstWord + (bit >>> 5);
    const mask = 1 << (bit & 31); // Shift counts are taken modulo 32 anyway; said here for the reader.
    if ((Atomics.load(this.#control, word) & mask) !== 0) return; // Must follow the store of TAIL: see above.
    Atomics.or(this.#control, word, mask);
  }

  /**
   * Shows the consumer 32 bits from `32 * wordIndex` on and leaves them up. While rings stay busy it is cheaper to
   * poll what `peek` shows and to `take` only when they have run dry: then a mark is a load of an unchanged line.
   */
  peek(wordIndex: number): number {
    return Atomics.load(this.#control, this.#firstWord + wordIndex);
  }

  /**
   * Gives the consumer 32 bits from `32 * wordIndex` on and clears them. Whoever takes a bit must poll that ring
   * until it is empty, or remember that it did not.
   */
  take(wordIndex: number): number {
    const word = this.#firstWord + wordIndex;
    if (Atomics.load(this.#control, word) === 0) return 0; // The common case when idle: no locked operation.
    // Must precede the load of TAIL; and one step, or a mark in the middle is lost.
    return Atomics.exchange(this.#control, word, 0);
  }
}
