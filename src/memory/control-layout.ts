import { invariant } from "../base/invariant.ts";
import { alignToCacheLine, CACHE_LINE_WORDS } from "./cache-line.ts";
import { dirtyWordCount } from "./dirty-bits.ts";
import { RING_CONTROL_WORDS } from "./ring-layout.ts";

/** One ring as the layout needs to know it; a `RingPlan` is one. */
export interface RingEnds {
  readonly producerThread: number;
  readonly consumerThread: number;
  /** Position among the rings of that pair of threads. */
  readonly dirtyBit: number;
}

export interface ControlShape {
  readonly threadCount: number;
  readonly rings: readonly RingEnds[];
}

/** Dirty words of one (producer thread, consumer thread) pair; none when no ring connects them. */
export interface DirtyPlace {
  readonly word: number;
  readonly wordCount: number;
}

const DOORBELL_LINE = 0;
const REPORT_LINE = 1;
const ORDER_LINE = 2;
const LINES_PER_THREAD = 3;
const NO_DIRTY_WORDS: DirtyPlace = { word: 0, wordCount: 0 };

/**
 * Says where everything lies in the one Int32Array of control words of a run. A pure function of the shape, so every
 * thread computes it for itself. Each row below begins a new cache line; words that different threads store never
 * share one.
 *
 *     line 0                     run:         stop word (main stores)
 *     3 lines per thread         doorbell:    stored by its owner and by ringers; room wanted: stored by its owner
 *                                report:      heartbeat, state, hook (its thread stores)
 *                                order:       what main asks of the thread (main stores)
 *     >= 1 line per pair         dirty words: set by the producer thread, cleared by the consumer thread
 *     2 lines per ring           TAIL, HEAD:  see ring-layout
 */
export class ControlLayout {
  /** The run's stop flag: 0 until main stores a reason to stop. */
  readonly stopWord = 0;
  readonly wordCount: number;
  readonly threadCount: number;
  readonly ringCount: number;
  readonly #firstRingWord: number;
  readonly #dirtyPlaces = new Map<number, DirtyPlace>();

  constructor(shape: ControlShape) {
    invariant(Number.isInteger(shape.threadCount) && shape.threadCount > 0, "a run has at least one thread");
    this.threadCount = shape.threadCount;
    this.ringCount = shape.rings.length;
    let word = CACHE_LINE_WORDS * (1 + LINES_PER_THREAD * shape.threadCount);
    for (const [pair, bits] of this.#bitsByPair(shape.rings)) {
      invariant(Math.max(...bits) === bits.size - 1, "dirty bits of a pair of threads are 0, 1, 2 and so on");
      const wordCount = dirtyWordCount(bits.size);
      this.#dirtyPlaces.set(pair, { word, wordCount });
      word += alignToCacheLine(wordCount);
    }
    this.#firstRingWord = word;
    this.wordCount = word + RING_CONTROL_WORDS * shape.rings.length;
  }

  doorbellWord(thread: number): number {
    return this.#threadLine(thread, DOORBELL_LINE);
  }

  /** Beside the doorbell: whoever frees room for a thread looks at both. */
  roomWantedWord(thread: number): number {
    return this.#threadLine(thread, DOORBELL_LINE) + 1;
  }

  heartbeatWord(thread: number): number {
    return this.#threadLine(thread, REPORT_LINE);
  }

  stateWord(thread: number): number {
    return this.#threadLine(thread, REPORT_LINE) + 1;
  }

  /** The hook that the thread is in: see HookNote. */
  hookWord(thread: number): number {
    return this.#threadLine(thread, REPORT_LINE) + 2;
  }

  orderWord(thread: number): number {
    return this.#threadLine(thread, ORDER_LINE);
  }

  dirtyPlace(producerThread: number, consumerThread: number): DirtyPlace {
    this.#checkThread(producerThread);
    this.#checkThread(consumerThread);
    return this.#dirtyPlaces.get(producerThread * this.threadCount + consumerThread) ?? NO_DIRTY_WORDS;
  }

  /** First of the ring's RING_CONTROL_WORDS words. */
  ringWord(ringIndex: number): number {
    invariant(ringIndex >= 0 && ringIndex < this.ringCount, "a ring's index is less than the number of rings");
    return this.#firstRingWord + RING_CONTROL_WORDS * ringIndex;
  }

  #bitsByPair(rings: readonly RingEnds[]): Map<number, Set<number>> {
    const bitsByPair = new Map<number, Set<number>>();
    for (const { producerThread, consumerThread, dirtyBit } of rings) {
      this.#checkThread(producerThread);
      this.#checkThread(consumerThread);
      const pair = producerThread * this.threadCount + consumerThread;
      const bits = bitsByPair.get(pair) ?? new Set();
      invariant(dirtyBit >= 0 && !bits.has(dirtyBit), "each ring of a pair of threads has a dirty bit of its own");
      bitsByPair.set(pair, bits.add(dirtyBit));
    }
    return bitsByPair;
  }

  #threadLine(thread: number, line: number): number {
    this.#checkThread(thread);
    return CACHE_LINE_WORDS * (1 + LINES_PER_THREAD * thread + line);
  }

  #checkThread(thread: number): void {
    invariant(thread >= 0 && thread < this.threadCount, "a thread's number is less than the number of threads");
  }
}
