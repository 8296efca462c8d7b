import { invariant } from "../base/invariant.ts";

/** States of a slot, in the low bits of its state word. */
export const TREE_FREE = 0;
export const TREE_LIVE = 1;
/** Its time was up, as its spout knows, but it goes on and may still be acked: the spout waits for its end. */
export const TREE_OVERDUE = 2;
export const TREE_ACKED = 3;
export const TREE_FAILED = 4;

const STATE_BITS = 3;
const STATE_MASK = (1 << STATE_BITS) - 1;
/** Generations are counted modulo 2^28, so that they stay small integers and a state word stays positive. */
const GENERATION_MASK = 0x0fff_ffff;

const LIVE_COUNT = 0;
const STATE = 1;
const PROGRESS = 2;
const ATTEMPT = 3;
const EMITTED = 4;
const WAITS_FOR_END = 5;
/** Two slots per cache line of 64 bytes: fewer neighbours to disturb. */
export const WORDS_PER_SLOT = 8;

/**
 * The trees that are pending, in shared memory: for each slot its live count, its state with its generation, the
 * times of its emit and of its last progress, and which attempt it is. docs/ACKING.md draws a slot's life.
 *
 * Ownership:  the thread of the spout that owns the slot calls `open` and `free`; any thread the rest.
 * Invariant:  while a tree is pending, its live count is at least the number of its tuples that other threads may
 *             hold than the one with a positive entry in its ledger. It comes to zero once per tenancy.
 * Visibility: `open` stores count, attempt and time before the state, and the roots reach other threads through rings
 *             after that. Count and state change in atomic steps; time and attempt are plain words, as an older
 *             value does no harm.
 */
export class TreeSlots {
  readonly slotCount: number;
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    invariant(words.length % WORDS_PER_SLOT === 0, "slots are whole");
    this.#words = words;
    this.slotCount = words.length / WORDS_PER_SLOT;
  }

  /**
   * Owner: begins a tenancy with so many tuples, before the first of them is handed out. Returns its generation.
   *
   * @param waitsForEnd true when its spout wants to hear how it ends after its time was up
   */
  open(slot: number, count: number, nowMs: number, attempt: number, waitsForEnd = false): number {
    const at = slot * WORDS_PER_SLOT;
    const words = this.#words;
    const state = Atomics.load(words, at + STATE);
    invariant((state & STATE_MASK) === TREE_FREE, "a slot that is opened is free");
    const generation = ((state >> STATE_BITS) + 1) & GENERATION_MASK;
    words[at + EMITTED] = nowMs;
    words[at + PROGRESS] = nowMs;
    words[at + ATTEMPT] = attempt;
    words[at + WAITS_FOR_END] = waitsForEnd ? 1 : 0;
    Atomics.store(words, at + LIVE_COUNT, count);
    Atomics.store(words, at + STATE, (generation << STATE_BITS) | TREE_LIVE);
    return generation;
  }

  /** Owner: ends a tenancy whose tree has been acked, or has failed and counted down to zero. */
  free(slot: number): void {
    const at = slot * WORDS_PER_SLOT;
    const state = Atomics.load(this.#words, at + STATE);
    invariant((state & STATE_MASK) >= TREE_ACKED, "a slot that is freed has ended");
    invariant(Atomics.load(this.#words, at + LIVE_COUNT) === 0, "a slot that is freed has no live tuple");
    Atomics.store(this.#words, at + STATE, state & ~STATE_MASK);
  }

  /**
   * Adds a net delta to the live count and notes the progress. True when this brought the count to zero: then the
   * tree is acked, unless it had failed, and the caller must tell the owner.
   */
  add(slot: number, delta: number, nowMs: number): boolean {
    const at = slot * WORDS_PER_SLOT;
    const words = this.#words;
    words[at + PROGRESS] = nowMs;
    if (delta === 0) return false;
    const count = Atomics.add(words, at + LIVE_COUNT, delta) + delta;
    if (count > 0) return false;
    invariant(count === 0, "a live count never falls below zero");
    // Nobody opens or frees the slot before it hears of this zero: the generation cannot have changed.
    this.#end(slot, TREE_ACKED);
    return true;
  }

  /** Fails the tree of this generation, if it is still pending. True for the one caller that did it. */
  fail(slot: number, generation: number): boolean {
    return this.#end(slot, TREE_FAILED, generation);
  }

  /** Acker: notes that the time of this tree was up, while it goes on. True for the one caller that did it. */
  markOverdue(slot: number, generation: number): boolean {
    const expected = (generation << STATE_BITS) | TREE_LIVE;
    const overdue = (generation << STATE_BITS) | TREE_OVERDUE;
    return Atomics.compareExchange(this.#words, slot * WORDS_PER_SLOT + STATE, expected, overdue) === expected;
  }

  /** True while the tree of this generation may still be acked. */
  isLive(slot: number, generation: number): boolean {
    const state = Atomics.load(this.#words, slot * WORDS_PER_SLOT + STATE);
    return state >> STATE_BITS === generation && isPending(state & STATE_MASK);
  }

  /** True from when the tree of this generation failed until its slot is free. */
  hasFailed(slot: number, generation: number): boolean {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + STATE) === ((generation << STATE_BITS) | TREE_FAILED);
  }

  /** True when its spout wants to hear how it ends after its time was up. */
  waitsForEnd(slot: number): boolean {
    return this.#words[slot * WORDS_PER_SLOT + WAITS_FOR_END] === 1;
  }

  /** Moves a pending tree to its last state. It may become overdue meanwhile, which must not keep it from ending. */
  #end(slot: number, last: number, generation?: number): boolean {
    const at = slot * WORDS_PER_SLOT + STATE;
    for (;;) {
      const state = Atomics.load(this.#words, at);
      if (!isPending(state & STATE_MASK)) return false; // Somebody else has decided just now.
      if (generation !== undefined && state >> STATE_BITS !== generation) return false;
      if (Atomics.compareExchange(this.#words, at, state, (state & ~STATE_MASK) | last) === state) return true;
    }
  }

  /** One of the five states. */
  stateOf(slot: number): number {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + STATE) & STATE_MASK;
  }

  generationOf(slot: number): number {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + STATE) >> STATE_BITS;
  }

  liveCountOf(slot: number): number {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + LIVE_COUNT);
  }

  /** Time of the last progress, in whole ms of the run's tree clock, as an int32 that may wrap. */
  progressOf(slot: number): number {
    return this.#words[slot * WORDS_PER_SLOT + PROGRESS]!;
  }

  /** Time of the emit, on the same clock. */
  emittedOf(slot: number): number {
    return this.#words[slot * WORDS_PER_SLOT + EMITTED]!;
  }

  /** Starts the timeout anew. */
  touch(slot: number, nowMs: number): void {
    this.#words[slot * WORDS_PER_SLOT + PROGRESS] = nowMs;
  }

  /**
   * As `touch`, unless somebody has noted progress since `seenMs` was read, or the slot has another tenant by now:
   * for the acker, which may be late. A tenant's progress is never before its emit, so the two cannot be taken for
   * one.
   */
  tryTouch(slot: number, seenMs: number, nowMs: number): void {
    Atomics.compareExchange(this.#words, slot * WORDS_PER_SLOT + PROGRESS, seenMs, nowMs);
  }

  /** Which attempt of its source the present tenant is, from 1. */
  attemptOf(slot: number): number {
    return this.#words[slot * WORDS_PER_SLOT + ATTEMPT]!;
  }
}

function isPending(state: number): boolean {
  return state === TREE_LIVE || state === TREE_OVERDUE;
}

/** Zeroed slots that threads can share: all free. */
export function allocateTreeSlots(slotCount: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(slotCount * WORDS_PER_SLOT * Int32Array.BYTES_PER_ELEMENT));
}
