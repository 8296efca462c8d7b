import { invariant } from "../base/invariant.ts";

/** States of a slot, in the low bits of its state word. */
export const TREE_FREE = 0;
export const TREE_LIVE = 1;
/** Its time was up, as its spout knows, but it goes on and may still be acked: the spout waits for its end. */
export const TREE_OVERDUE = 2;
export const TREE_FAILED = 3;

const STATE_BITS = 3;
const STATE_MASK = (1 << STATE_BITS) - 1;
/** Generations are counted modulo 2^28, so that they stay small integers and a state word stays positive. */
const GENERATION_MASK = 0x0fff_ffff;

/**
 * Slots lie in blocks of sixteen, word by word: the sixteen live counts fill a cache line of 64 bytes, then come the
 * sixteen states, and so on. So a thread that gives up tuples takes one line from the spout for sixteen trees, and
 * what only the spout writes stays with it.
 */
const BLOCK_SLOTS = 16;
const SLOT_MASK = BLOCK_SLOTS - 1;
const LIVE_COUNT = 0 * BLOCK_SLOTS;
const STATE = 1 * BLOCK_SLOTS;
const PROGRESS = 2 * BLOCK_SLOTS;
const EMITTED = 3 * BLOCK_SLOTS;
/** The attempt, shifted by one, and in the lowest bit whether the spout wants to hear how it ends after its time. */
const ATTEMPT = 4 * BLOCK_SLOTS;
const WORDS_PER_SLOT = 5;
const BLOCK_WORDS = WORDS_PER_SLOT * BLOCK_SLOTS;

/** Where the first word of a slot is. */
function wordOf(slot: number): number {
  return (slot >> 4) * BLOCK_WORDS + (slot & SLOT_MASK);
}

/**
 * The trees that are pending, in shared memory: for each slot its live count, its state with its generation, the
 * times of its emit and of its last progress, and which attempt it is. docs/ACKING.md draws a slot's life.
 *
 * Ownership:  the thread of the spout that owns the slot calls `open` and `free`; any thread the rest.
 * Invariant:  while a tree is pending, its live count is at least the number of its tuples that other threads may
 *             hold than the one with a positive entry in its ledger. It comes to zero once per tenancy. A tree of
 *             count zero is done: acked, unless its state says that it had failed. Its owner decides which.
 * Visibility: the owner writes a slot with plain stores; roots reach other threads through rings after that, and a
 *             zero comes back through one. Everybody else changes count and state in atomic steps, except where it
 *             holds all that lives. That a failure is seen by the owner, who hears of the zero from another thread
 *             than that which failed the tree, rests on the machine's stores being seen in one order by all
 *             (multi-copy atomicity: x86, ARMv8), which is more than the language promises. Who comes to a slot by no
 *             ring, as the acker does, may see a tenant's words one by one: it acts on what it has seen twice, some
 *             ms apart, or what the owner's thread has answered for. Times and attempt may be older than they are.
 */
export class TreeSlots {
  readonly slotCount: number;
  readonly #words: Int32Array;

  constructor(words: Int32Array) {
    invariant(words.length % BLOCK_WORDS === 0, "blocks are whole");
    this.#words = words;
    this.slotCount = words.length / WORDS_PER_SLOT;
  }

  /**
   * Owner: begins a tenancy with so many tuples, before the first of them is handed out. Returns its generation.
   *
   * @param waitsForEnd true when its spout wants to hear how it ends after its time was up
   */
  open(slot: number, count: number, nowMs: number, attempt: number, waitsForEnd = false): number {
    const at = wordOf(slot);
    const words = this.#words;
    const state = words[at + STATE]!;
    invariant((state & STATE_MASK) === TREE_FREE, "a slot that is opened is free");
    const generation = ((state >> STATE_BITS) + 1) & GENERATION_MASK;
    words[at + LIVE_COUNT] = count;
    words[at + EMITTED] = nowMs;
    words[at + PROGRESS] = nowMs;
    words[at + ATTEMPT] = (attempt << 1) | (waitsForEnd ? 1 : 0);
    words[at + STATE] = (generation << STATE_BITS) | TREE_LIVE;
    return generation;
  }

  /**
   * Owner: ends the tenancy of a tree that has counted down to zero. Of a failure that somebody decides on at this
   * moment the owner hears later, and knows by what it keeps for itself that it comes too late.
   */
  free(slot: number): void {
    const at = wordOf(slot);
    const words = this.#words;
    invariant(words[at + LIVE_COUNT] === 0, "a slot that is freed has no live tuple");
    words[at + STATE] = words[at + STATE]! & ~STATE_MASK;
  }

  /** As `free`, unless the tree had failed: then this returns false, and the slot stays as it is. */
  freeIfAcked(slot: number): boolean {
    if (this.stateOf(slot) === TREE_FAILED) return false;
    invariant(this.stateOf(slot) !== TREE_FREE, "a slot that is freed has a tree");
    this.free(slot);
    return true;
  }

  /**
   * Adds a net delta to the live count and notes the progress. True when this brought the count to zero: then the
   * tree is done, and the caller must tell the owner.
   *
   * @param nowMs null where progress does not count
   */
  add(slot: number, delta: number, nowMs: number | null): boolean {
    const at = wordOf(slot);
    const words = this.#words;
    if (delta === 0) {
      if (nowMs !== null) words[at + PROGRESS] = nowMs;
      return false;
    }
    if (words[at + LIVE_COUNT] === -delta) {
      // Whoever gives up all that lives is alone with it: nobody else has a tuple, or a share to give up. An older
      // count would do as well, as long as it has the tuples in it that this thread was given.
      words[at + LIVE_COUNT] = 0;
      return true;
    }
    if (nowMs !== null) words[at + PROGRESS] = nowMs;
    const count = Atomics.add(words, at + LIVE_COUNT, delta) + delta;
    invariant(count >= 0, "a live count never falls below zero");
    return count === 0;
  }

  /** Fails the tree of this generation, if it is still pending. True for the one caller that did it. */
  fail(slot: number, generation: number): boolean {
    const at = wordOf(slot) + STATE;
    for (;;) {
      const state = Atomics.load(this.#words, at);
      if (state >> STATE_BITS !== generation || !isPending(state & STATE_MASK)) return false;
      const failed = (generation << STATE_BITS) | TREE_FAILED;
      if (Atomics.compareExchange(this.#words, at, state, failed) === state) return true;
      // It has become overdue meanwhile, which must not keep it from failing; or somebody else was faster.
    }
  }

  /** Acker: notes that the time of this tree was up, while it goes on. True for the one caller that did it. */
  markOverdue(slot: number, generation: number): boolean {
    const expected = (generation << STATE_BITS) | TREE_LIVE;
    const overdue = (generation << STATE_BITS) | TREE_OVERDUE;
    return Atomics.compareExchange(this.#words, wordOf(slot) + STATE, expected, overdue) === expected;
  }

  /** True while the tree of this generation may still be acked, as far as this thread knows. */
  isLive(slot: number, generation: number): boolean {
    const state = this.#words[wordOf(slot) + STATE]!;
    return state >> STATE_BITS === generation && isPending(state & STATE_MASK);
  }

  /**
   * True when all these trees may still be acked, as far as this thread knows.
   *
   * @param roots slot, generation, slot, generation, ...: looked at from pair `from` up to that before `to`
   */
  areLive(roots: readonly number[], from: number, to: number): boolean {
    const words = this.#words;
    for (let at = from * 2; at < to * 2; at += 2) {
      const slot = roots[at]!;
      if (slot < 0) return false;
      const state = words[wordOf(slot) + STATE]!;
      if (state >> STATE_BITS !== roots[at + 1] || !isPending(state & STATE_MASK)) return false;
    }
    return true;
  }

  /** True from when the tree of this generation failed until its slot is free. */
  hasFailed(slot: number, generation: number): boolean {
    return Atomics.load(this.#words, wordOf(slot) + STATE) === ((generation << STATE_BITS) | TREE_FAILED);
  }

  /** True when nothing of the slot's tree lives any more, and it had not failed; also when its threads are gone. */
  isDone(slot: number): boolean {
    const at = wordOf(slot);
    // The count first: the state that is seen then is at least as new.
    if (Atomics.load(this.#words, at + LIVE_COUNT) !== 0) return false;
    return isPending(Atomics.load(this.#words, at + STATE) & STATE_MASK);
  }

  /** True when its spout wants to hear how it ends after its time was up. */
  waitsForEnd(slot: number): boolean {
    return (this.#words[wordOf(slot) + ATTEMPT]! & 1) === 1;
  }

  /** One of the four states, as far as this thread knows. */
  stateOf(slot: number): number {
    return this.#words[wordOf(slot) + STATE]! & STATE_MASK;
  }

  /** True when some slot has had a tenant, as far as this thread knows. */
  get wereUsed(): boolean {
    for (let slot = 0; slot < this.slotCount; slot++) if (this.generationOf(slot) !== 0) return true;
    return false;
  }

  generationOf(slot: number): number {
    return this.#words[wordOf(slot) + STATE]! >> STATE_BITS;
  }

  liveCountOf(slot: number): number {
    return this.#words[wordOf(slot) + LIVE_COUNT]!;
  }

  /** Time of the last progress, in whole ms of the run's tree clock, as an int32 that may wrap. */
  progressOf(slot: number): number {
    return this.#words[wordOf(slot) + PROGRESS]!;
  }

  /** Time of the emit, on the same clock. */
  emittedOf(slot: number): number {
    return this.#words[wordOf(slot) + EMITTED]!;
  }

  /** Starts the timeout anew. */
  touch(slot: number, nowMs: number): void {
    this.#words[wordOf(slot) + PROGRESS] = nowMs;
  }

  /**
   * As `touch`, unless somebody has noted progress since `seenMs` was read, or the slot has another tenant by now:
   * for the acker, which may be late. A tenant's progress is never before its emit, so the two cannot be taken for
   * one.
   */
  tryTouch(slot: number, seenMs: number, nowMs: number): void {
    Atomics.compareExchange(this.#words, wordOf(slot) + PROGRESS, seenMs, nowMs);
  }

  /** Which attempt of its source the present tenant is, from 1. */
  attemptOf(slot: number): number {
    return this.#words[wordOf(slot) + ATTEMPT]! >> 1;
  }
}

function isPending(state: number): boolean {
  return state === TREE_LIVE || state === TREE_OVERDUE;
}

/** Zeroed slots that threads can share, `slotCount` of them or a few more: all free. */
export function allocateTreeSlots(slotCount: number): Int32Array {
  const blocks = Math.ceil(slotCount / BLOCK_SLOTS);
  return new Int32Array(new SharedArrayBuffer(blocks * BLOCK_WORDS * Int32Array.BYTES_PER_ELEMENT));
}
