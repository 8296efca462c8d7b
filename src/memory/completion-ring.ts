import { invariant } from "../base/invariant.ts";
import { alignToCacheLine, CACHE_LINE_WORDS } from "./cache-line.ts";

const TAIL = 0;
const FIRST_ENTRY = CACHE_LINE_WORDS;

/** Words of a ring that can hold `capacity` slot numbers. */
export function completionRingWords(capacity: number): number {
  return alignToCacheLine(FIRST_ENTRY + placesFor(capacity));
}

function placesFor(capacity: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, capacity)));
}

/**
 * Slot numbers from one thread to another: trees whose live count this thread brought to zero.
 *
 * Ownership:  one thread pushes and stores TAIL; one thread drains, and is the one that owns the slots.
 * Invariant:  a slot comes to zero once per tenancy and is opened again only by the thread that drains, so at most
 *             one entry per slot is under way: a ring with a place for each slot of its owner is never full, and the
 *             producer need not know how far the consumer is.
 * Visibility: an entry is written before TAIL is stored.
 */
export class CompletionRing {
  readonly #words: Int32Array;
  readonly #first: number;
  readonly #mask: number;
  #head: number;
  #tail: number;

  /** @param first word where the ring begins; it has `completionRingWords(capacity)` of them */
  constructor(words: Int32Array, first: number, capacity: number) {
    invariant(first >= 0 && first + completionRingWords(capacity) <= words.length, "a ring lies inside its memory");
    this.#words = words;
    this.#first = first;
    this.#mask = placesFor(capacity) - 1;
    this.#tail = Atomics.load(words, first + TAIL);
    this.#head = 0; // Rings are new with each epoch, and drained by one object from the beginning.
  }

  /** Producer: takes an entry, which `publish` shows to the other side. */
  push(slot: number): void {
    this.#words[this.#first + FIRST_ENTRY + (this.#tail & this.#mask)] = slot;
    this.#tail = (this.#tail + 1) | 0;
  }

  /** Producer: shows what was pushed. Ring the owner's doorbell after it. */
  publish(): void {
    Atomics.store(this.#words, this.#first + TAIL, this.#tail);
  }

  /**
   * Consumer: takes all entries, in order, in one or two runs. Returns how many.
   *
   * @param take called with the words that hold the entries, the first one's index and the one behind the last
   */
  drain(take: (words: Int32Array, from: number, to: number) => void): number {
    const tail = Atomics.load(this.#words, this.#first + TAIL);
    const count = (tail - this.#head) | 0;
    if (count === 0) return 0;
    invariant(count > 0 && count <= this.#mask + 1, "a completion ring never overflows");
    const begin = this.#first + FIRST_ENTRY;
    const from = begin + (this.#head & this.#mask);
    const end = begin + this.#mask + 1;
    if (from + count <= end) take(this.#words, from, from + count);
    else {
      take(this.#words, from, end);
      take(this.#words, begin, from + count - this.#mask - 1);
    }
    this.#head = tail;
    return count;
  }
}
