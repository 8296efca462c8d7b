import { invariant } from "../base/invariant.ts";
import { BUCKET_COUNT, bucketOf } from "./histogram-scale.ts";

const RECORDS_WORD = 0;
const MAX_WORD = 1;
const FIRST_BUCKET_WORD = 2;
/** Words of one histogram. */
export const HISTOGRAM_WORDS = FIRST_BUCKET_WORD + BUCKET_COUNT;

/**
 * The end of a histogram that records: one thread's.
 *
 *     | RECORDS | MAX, as float32 | 528 buckets |
 *
 * Ownership:  only the thread of the task stores, in all words.
 * Invariant:  each bucket holds the sum of weights recorded for it, modulo 2^32; MAX never falls.
 * Visibility: plain stores of whole int32 elements, which never tear. A reader may see the bucket of a record before
 *             its RECORDS or the other way round: it then finds the rest at its next look.
 */
export class HistogramWriter {
  #words: Int32Array;
  readonly #first: number;
  readonly #unitsPerValue: number;
  #max: number;
  readonly #maxBits = new Int32Array(1);
  readonly #maxValue = new Float32Array(this.#maxBits.buffer);

  /**
   * @param first where its words begin
   * @param unitsPerValue what makes units of what `record` is given
   */
  constructor(words: Int32Array, first: number, unitsPerValue: number) {
    invariant(first >= 0 && first + HISTOGRAM_WORDS <= words.length, "a histogram lies inside its memory");
    this.#words = words;
    this.#first = first;
    this.#unitsPerValue = unitsPerValue;
    this.#maxBits[0] = Atomics.load(words, first + MAX_WORD);
    this.#max = this.#maxValue[0]!;
  }

  /** From now on records elsewhere, where the same values stand: the memory of a new epoch. */
  moveTo(words: Int32Array): void {
    invariant(words.length === this.#words.length, "a histogram moves to memory of the same shape");
    this.#words = words;
  }

  /** @param weight how many values it stands for: a whole number */
  record(value: number, weight = 1): void {
    const words = this.#words;
    const units = value * this.#unitsPerValue;
    const bucket = this.#first + FIRST_BUCKET_WORD + bucketOf(units);
    words[bucket] = (words[bucket]! + weight) | 0;
    if (units > this.#max) this.#raiseMax(units);
    words[this.#first + RECORDS_WORD] = (words[this.#first + RECORDS_WORD]! + 1) | 0;
  }

  #raiseMax(units: number): void {
    this.#maxValue[0] = units;
    this.#max = units;
    this.#words[this.#first + MAX_WORD] = this.#maxBits[0]!;
  }
}

/**
 * The end that reads, on another thread: takes what was recorded since it last looked.
 *
 * Ownership:  stores nothing that is shared.
 * Invariant:  what it has taken in all is what was recorded up to its last look, if no bucket got 2^32 in between.
 * Visibility: RECORDS is loaded atomically and only tells whether a look is worth it. Buckets are plain loads of
 *             whole int32 elements: one that is seen late is taken at the next look.
 */
export class HistogramReader {
  /** The highest value so far, in units. */
  maxUnits = 0;
  #words: Int32Array;
  readonly #first: number;
  #records = 0;
  /** One more look after the last that found something: RECORDS may have been seen before a bucket. */
  #isSettled = true;
  readonly #seen = new Int32Array(BUCKET_COUNT);
  readonly #maxBits = new Int32Array(1);
  readonly #maxValue = new Float32Array(this.#maxBits.buffer);

  constructor(words: Int32Array, first: number) {
    invariant(first >= 0 && first + HISTOGRAM_WORDS <= words.length, "a histogram lies inside its memory");
    this.#words = words;
    this.#first = first;
  }

  /** From now on reads elsewhere, where the same values stand: the memory of a new epoch. */
  moveTo(words: Int32Array): void {
    invariant(words.length === this.#words.length, "a histogram moves to memory of the same shape");
    this.#words = words;
    this.#isSettled = false;
  }

  /** Adds what is new to `counts`, one number per bucket. False when nothing was. */
  takeInto(counts: Float64Array): boolean {
    const words = this.#words;
    const records = Atomics.load(words, this.#first + RECORDS_WORD);
    if (records === this.#records && this.#isSettled) return false;
    this.#isSettled = records === this.#records;
    this.#records = records;
    const seen = this.#seen;
    const firstBucket = this.#first + FIRST_BUCKET_WORD;
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
      const now = words[firstBucket + bucket]!;
      if (now === seen[bucket]) continue;
      counts[bucket] = counts[bucket]! + ((now - seen[bucket]!) >>> 0);
      seen[bucket] = now;
    }
    this.#maxBits[0] = Atomics.load(words, this.#first + MAX_WORD);
    this.maxUnits = Math.max(this.maxUnits, this.#maxValue[0]!);
    return true;
  }
}
