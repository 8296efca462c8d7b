import { invariant } from "../base/invariant.ts";

/**
 * Counters that are counted where others can read them, with each event, so that they outlive the thread that counts.
 * A counter is two words of an Int32Array over shared memory: LOW, its low 32 bits, and HALVES, how often it has
 * passed 2^31.
 *
 *     first                          first + count
 *     | HALVES 0 | HALVES 1 | ...    | LOW 0 | LOW 1 | ... |
 *
 * The writer adds to LOW by a plain `words[low] = (words[low] + 1) | 0`, which takes about 1 ns, two to three times
 * as long as a field of an object. Whole int32 elements never tear, by the language's own rules. Only `carryCounters`
 * stores HALVES.
 *
 * The sign bit of LOW changes each time that the counter passes a multiple of 2^31, and the lowest bit of HALVES says
 * what it was at the last carry. Where they differ, the counter has passed one multiple more than HALVES says.
 */
export function carryCounters(words: Int32Array, first: number, count: number): void {
  for (let at = first; at < first + count; at++) {
    const halves = words[at]!;
    // A store of its own kind, so that LOW is seen by whoever sees that HALVES has moved on.
    if (words[at + count]! >>> 31 !== (halves & 1)) Atomics.store(words, at, halves + 1);
  }
}

/**
 * The value of one counter, from any thread: whole, exact, and never less than what was read before. Right as long as
 * the counter does not grow by more than 2^31 between two carries.
 *
 * @param halves the word of HALVES
 * @param low the word of LOW
 */
export function readCounter(words: Int32Array, halves: number, low: number): number {
  // HALVES first: LOW is then at least as new, and can be ahead by one half, which shows.
  const passed = Atomics.load(words, halves);
  const lowBits = Atomics.load(words, low);
  const isAhead = lowBits >>> 31 !== (passed & 1);
  return (passed + (isAhead ? 1 : 0)) * 0x8000_0000 + (lowBits & 0x7fff_ffff);
}

/** Zeroed words for the metrics of a run, or of one user metric. */
export function allocateMetricWords(wordCount: number): Int32Array {
  invariant(Number.isInteger(wordCount) && wordCount >= 0, "memory for metrics has a whole number of words");
  return new Int32Array(new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT));
}

/**
 * Gives memory of the same shape the values of another: all words, or those of one task. The writers may be at it:
 * words are loaded one after the other, and so LOW of a counter after its HALVES, as `readCounter` does.
 */
export function copyMetricWords(from: Int32Array, to: Int32Array, first = 0, count = from.length - first): void {
  invariant(from.length === to.length, "metrics are copied to memory of the same shape");
  for (let word = first; word < first + count; word++) to[word] = Atomics.load(from, word);
}

/**
 * One number with a fraction that one thread sets and others read.
 *
 * Ownership:  only the thread of the task that defined it calls `set`.
 * Invariant:  the cell holds a number that was set, or 0 before the first.
 * Visibility: both halves of a number are stored and loaded in one atomic step of 64 bits.
 */
export class SharedNumber {
  static readonly bytes = 8;
  readonly #cells: BigInt64Array;
  // A number is put into two halves here and stored as one int64, which is cheaper than to make a BigInt of it.
  readonly #value = new Float64Array(1);
  readonly #whole = new BigInt64Array(this.#value.buffer);

  constructor(words: Int32Array) {
    invariant(words.byteLength >= SharedNumber.bytes && words.byteOffset % 8 === 0, "a number has a cell of 8 bytes");
    this.#cells = new BigInt64Array(words.buffer, words.byteOffset, 1);
  }

  set(value: number): void {
    this.#value[0] = value;
    Atomics.store(this.#cells, 0, this.#whole[0]!); // One step: a plain store of 64 bits may be seen by halves.
  }

  read(): number {
    this.#whole[0] = Atomics.load(this.#cells, 0); // Pairs with `set`.
    return this.#value[0]!;
  }
}
