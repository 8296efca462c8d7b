import { SLOT_BYTES, type SlotConsumer, type SlotProducer } from "./slot-ring.ts";
import { BLOB_BYTES_PER_UNIT, BLOB_HEADER_BYTES, readTextBlob, TextBlobWriter } from "./text-blob.ts";

/**
 * One string per tuple. A slot: [count: int32][unused: int32][ends: int32 x count][blob]; count 0 ends the stream.
 * The ends grow straight into the slot while the strings are concatenated on the heap.
 */
export const ENDS_OFFSET = 8;
export const STRING_BATCH_ROWS_MAX = 512;
export const UNITS_MAX = Math.floor(
  (SLOT_BYTES - ENDS_OFFSET - 4 * STRING_BATCH_ROWS_MAX - BLOB_HEADER_BYTES) / BLOB_BYTES_PER_UNIT,
);

/** Appends strings and publishes a batch whenever one is full. */
export class StringBatchProducer {
  readonly #ring: SlotProducer;
  readonly #blobs = new TextBlobWriter();
  readonly #int32: Int32Array;
  /** Byte offset of the claimed slot, or -1 while none is. */
  #slot = -1;
  #endsIndex = 0;
  #count = 0;
  #text = "";

  constructor(ring: SlotProducer) {
    this.#ring = ring;
    this.#int32 = ring.views.int32;
  }

  /** False: the ring is full, and `text` was not taken. */
  tryAppend(text: string): boolean {
    if (this.#slot === -1 && !this.#tryOpen()) return false;
    if (this.#count === STRING_BATCH_ROWS_MAX || this.#text.length + text.length > UNITS_MAX) {
      if (text.length > UNITS_MAX) throw new Error(`a string of ${text.length} units does not fit a slot`);
      this.publish();
      if (!this.#tryOpen()) return false;
    }
    this.#text += text;
    this.#int32[this.#endsIndex + this.#count++] = this.#text.length;
    return true;
  }

  /** Sends what was appended; nothing happens when that is nothing. */
  publish(): void {
    if (this.#count === 0) return;
    this.#int32[this.#slot >> 2] = this.#count;
    this.#blobs.write(this.#ring.views, this.#slot + ENDS_OFFSET + 4 * this.#count, this.#text);
    this.#ring.publish();
    this.#slot = -1;
    this.#count = 0;
    this.#text = "";
  }

  /** Ends the stream, if there is room for that. */
  tryEnd(): boolean {
    this.publish();
    if (!this.#tryOpen()) return false;
    this.#int32[this.#slot >> 2] = 0;
    this.#ring.publish();
    return true;
  }

  #tryOpen(): boolean {
    this.#slot = this.#ring.tryClaim();
    this.#endsIndex = (this.#slot + ENDS_OFFSET) >> 2;
    return this.#slot !== -1;
  }
}

/** A received batch: its text, and where its strings end in it. Valid until the slot is released. */
export interface StringBatch {
  readonly count: number;
  readonly text: string;
  /** Index of the first end in the int32 view of the slots. */
  readonly endsIndex: number;
}

/** Null when nothing is there; a batch of no strings ends the stream. The caller releases the slot. */
export function tryReadStringBatch(ring: SlotConsumer): StringBatch | null {
  const slot = ring.tryPoll();
  return slot === -1 ? null : readStringBatch(ring, slot);
}

export function readStringBatch(ring: SlotConsumer, slot: number): StringBatch {
  const count = ring.views.int32[slot >> 2]!;
  const text = count === 0 ? "" : readTextBlob(ring.views, slot + ENDS_OFFSET + 4 * count);
  return { count, text, endsIndex: (slot + ENDS_OFFSET) >> 2 };
}
