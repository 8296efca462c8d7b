/** Shared memory of a ring of fixed slots: plain data, so that it can be given to a thread. */
export interface SlotRingMemory {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
}

/**
 * A batch must fit one slot; 16 of them keep both sides busy and, being partly filled, stay in the second-level
 * cache.
 */
export const SLOT_COUNT = 16;
export const SLOT_BYTES = 64 * 1024;

/** The two positions lie 512 bytes apart: no cache line holds both. */
const HEAD_WORD = 0;
const TAIL_WORD = 128;
export const SPINS_BEFORE_WAIT = 2_000;
/** A thread that waits for one ring may be needed by the other ring, so no wait is long. */
const WAIT_MS = 1;

export function newSlotRing(): SlotRingMemory {
  return { control: new SharedArrayBuffer(1024), slots: new SharedArrayBuffer(SLOT_COUNT * SLOT_BYTES) };
}

/** Ends of the ring work on these views; slot offsets are in bytes and multiples of SLOT_BYTES. */
export class SlotViews {
  readonly bytes: Buffer;
  readonly int32: Int32Array;
  readonly float64: Float64Array;

  constructor(memory: SlotRingMemory) {
    this.bytes = Buffer.from(memory.slots);
    this.int32 = new Int32Array(memory.slots);
    this.float64 = new Float64Array(memory.slots);
  }
}

/**
 * Producer's end.
 *
 * Ownership:  only this thread stores TAIL, only the consumer stores HEAD.
 * Visibility: slot bytes are plain writes, published by the store of TAIL in `publish`.
 */
export class SlotProducer {
  readonly views: SlotViews;
  readonly #control: Int32Array;
  #tail = 0;
  #headSeen = 0;

  constructor(memory: SlotRingMemory) {
    this.views = new SlotViews(memory);
    this.#control = new Int32Array(memory.control);
  }

  /** Byte offset of the next free slot, or -1 when there is none. */
  tryClaim(): number {
    if (((this.#tail - this.#headSeen) | 0) >= SLOT_COUNT) {
      this.#headSeen = Atomics.load(this.#control, HEAD_WORD);
      if (((this.#tail - this.#headSeen) | 0) >= SLOT_COUNT) return -1;
    }
    return (this.#tail & (SLOT_COUNT - 1)) * SLOT_BYTES;
  }

  /** Like `tryClaim`, but waits for the consumer: spinning first, then asleep. */
  claim(): number {
    for (let spins = 0; ; spins++) {
      const slot = this.tryClaim();
      if (slot !== -1) return slot;
      if (spins > SPINS_BEFORE_WAIT) this.awaitRoom();
    }
  }

  /** Sleeps until the consumer releases a slot, or shortly. */
  awaitRoom(): void {
    Atomics.wait(this.#control, HEAD_WORD, this.#headSeen, WAIT_MS);
  }

  publish(): void {
    this.#tail = (this.#tail + 1) | 0;
    Atomics.store(this.#control, TAIL_WORD, this.#tail);
    Atomics.notify(this.#control, TAIL_WORD, 1); // 40 ns per batch of hundreds when nobody sleeps.
  }
}

/** Consumer's end; see SlotProducer. */
export class SlotConsumer {
  readonly views: SlotViews;
  readonly #control: Int32Array;
  #head = 0;
  #tailSeen = 0;

  constructor(memory: SlotRingMemory) {
    this.views = new SlotViews(memory);
    this.#control = new Int32Array(memory.control);
  }

  /** Byte offset of the next full slot, or -1 when there is none. */
  tryPoll(): number {
    if (this.#head === this.#tailSeen) {
      this.#tailSeen = Atomics.load(this.#control, TAIL_WORD);
      if (this.#head === this.#tailSeen) return -1;
    }
    return (this.#head & (SLOT_COUNT - 1)) * SLOT_BYTES;
  }

  /** Like `tryPoll`, but waits for the producer. */
  poll(): number {
    for (let spins = 0; ; spins++) {
      const slot = this.tryPoll();
      if (slot !== -1) return slot;
      if (spins > SPINS_BEFORE_WAIT) this.awaitBatch();
    }
  }

  /** Sleeps until the producer publishes a slot, or shortly. */
  awaitBatch(): void {
    Atomics.wait(this.#control, TAIL_WORD, this.#tailSeen, WAIT_MS);
  }

  release(): void {
    this.#head = (this.#head + 1) | 0;
    Atomics.store(this.#control, HEAD_WORD, this.#head);
    Atomics.notify(this.#control, HEAD_WORD, 1);
  }
}
