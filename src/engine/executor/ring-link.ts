import { EngineError } from "../../base/engine-error.ts";
import type { DirtyBits } from "../../memory/dirty-bits.ts";
import type { Doorbell } from "../../memory/doorbell.ts";
import { FRAME_DATA, FRAME_SIGNAL } from "../../memory/frame-memory.ts";
import type { FrameRingProducer } from "../../memory/frame-ring-producer.ts";
import type { BatchWriter } from "../../tuple/codec/batch-writer.ts";
import { SIGNAL_FRAME_BYTES, writeSignal } from "../../tuple/codec/signal-codec.ts";
import type { Signal } from "../../tuple/signal.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { Link } from "./link.ts";
import { WaitingLine } from "./waiting-line.ts";

/**
 * The producing end of one ring with what must happen after each frame; shared by all links of a thread to one task.
 */
export class RingSender {
  readonly producer: FrameRingProducer;
  readonly #dirty: DirtyBits;
  readonly #dirtyBit: number;
  readonly #doorbell: Doorbell;
  /** Average size of a row in this ring, for the estimate of rows on their way. */
  #rowBytes = 16;
  readonly #line = new WaitingLine();
  #holdingLinks = 0;

  constructor(producer: FrameRingProducer, dirty: DirtyBits, dirtyBit: number, doorbell: Doorbell) {
    this.producer = producer;
    this.#dirty = dirty;
    this.#dirtyBit = dirtyBit;
    this.#doorbell = doorbell;
  }

  /** Publishes the claimed frame and lets the consuming thread know. */
  commit(bytes: number, kind: number, rows: number): void {
    this.producer.commit(bytes, kind);
    // After the commit: the consumer clears a bit before it reads the tail, so a bit set now cannot be lost.
    this.#dirty.mark(this.#dirtyBit);
    this.#doorbell.ring();
    if (rows > 0) this.#rowBytes += (bytes / rows - this.#rowBytes) / 16;
  }

  isTurnOf(link: Link): boolean {
    return this.#line.isTurnOf(link);
  }

  /** See WaitingLine. */
  noteOffer(link: Link, isTaken: boolean): void {
    if (!isTaken || !this.#line.isEmpty) this.#line.note(link, isTaken);
  }

  /** See Link. */
  holdsBack(by: 1 | -1): void {
    this.#holdingLinks += by;
    this.producer.setWaiting(this.#holdingLinks > 0);
  }

  pendingRows(): number {
    return Math.round(this.producer.usedBytes() / this.#rowBytes);
  }
}

/** Carries one edge's batches into a ring as frames, splitting a batch that is too long for one. */
export class RingLink implements Link {
  readonly keepsBatch = false;
  readonly #sender: RingSender;
  readonly #writer: BatchWriter;
  readonly #streamName: string;
  readonly #beforeRoots: () => void;
  /** First row of the batch under way that is not sent yet. */
  #from = 0;
  /** Room that the frame under way needs; while the ring has less, nothing is encoded again. */
  #bytesNeeded = 0;

  /** @param beforeRoots called before rows that belong to trees are committed: their trees must count them by then */
  constructor(sender: RingSender, writer: BatchWriter, streamName: string, beforeRoots: () => void) {
    this.#sender = sender;
    this.#writer = writer;
    this.#streamName = streamName;
    this.#beforeRoots = beforeRoots;
  }

  trySend(batch: TupleBatch): boolean {
    const isSent = this.#sender.isTurnOf(this) && this.#sendAll(batch);
    this.#sender.noteOffer(this, isSent);
    return isSent;
  }

  holdsBack(by: 1 | -1): void {
    this.#sender.holdsBack(by);
  }

  get rowsGone(): number {
    return this.#from;
  }

  trySignal(signal: Signal): boolean {
    const producer = this.#sender.producer;
    const offset = producer.tryClaim(SIGNAL_FRAME_BYTES);
    if (offset < 0) return false;
    this.#sender.commit(writeSignal(producer.memory, offset, signal), FRAME_SIGNAL, 0);
    return true;
  }

  pendingRows(): number {
    return this.#sender.pendingRows();
  }

  /** Sends what is left of the batch, in as many frames as it takes. */
  #sendAll(batch: TupleBatch): boolean {
    const producer = this.#sender.producer;
    if (this.#bytesNeeded > 0 && producer.tryClaim(this.#bytesNeeded) < 0) return false;
    if (batch.roots !== null) this.#beforeRoots();
    while (this.#from < batch.count) {
      let to = batch.count;
      let bytes = this.#writer.prepare(batch, this.#from, to);
      while (bytes > producer.frameBytesMax) {
        if (to - this.#from === 1) this.#throwTooLong(bytes);
        to = this.#from + ((to - this.#from) >> 1);
        bytes = this.#writer.prepare(batch, this.#from, to);
      }
      const offset = producer.tryClaim(bytes);
      if (offset < 0) {
        this.#bytesNeeded = bytes;
        return false;
      }
      this.#sender.commit(this.#writer.write(producer.memory, offset), FRAME_DATA, to - this.#from);
      this.#from = to;
    }
    this.#from = 0;
    this.#bytesNeeded = 0;
    return true;
  }

  #throwTooLong(bytes: number): never {
    this.#from = 0;
    const needed = 2 ** Math.ceil(Math.log2(2 * bytes + 64));
    throw new EngineError("TUPLE_TOO_LARGE", {
      problem: `a tuple of stream "${this.#streamName}" needs a frame of up to ${bytes} bytes, longer than its ring takes`,
      facts: { stream: this.#streamName, frameBytes: bytes, frameBytesMax: this.#sender.producer.frameBytesMax },
      remedy: `raise ringBytesMin and ringBytesMax to ${needed} or more, or send less in one tuple`,
    });
  }
}
