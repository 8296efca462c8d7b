import { invariant } from "../../base/invariant.ts";
import type { Doorbell } from "../../memory/doorbell.ts";
import { FRAME_DATA } from "../../memory/frame-memory.ts";
import type { FrameRingConsumer } from "../../memory/frame-ring-consumer.ts";
import type { RoomWanted } from "../../memory/room-wanted.ts";
import { type BatchReader, peekEdgeIndex } from "../../tuple/codec/batch-reader.ts";
import { readSignal } from "../../tuple/codec/signal-codec.ts";
import type { InboxItem } from "./inbox.ts";

/** The consuming end of one ring, with what decodes its frames. */
export class RingInlet {
  readonly #consumer: FrameRingConsumer;
  /** By edge index: several streams of the producing thread share this ring. */
  readonly #readers: ReadonlyMap<number, BatchReader>;
  readonly #producerBell: Doorbell;
  readonly #roomWanted: RoomWanted;
  /**
   * False once the ring was found empty; the dirty bit of its ring sets it again. Starts true: frames may be there
   * already.
   */
  #mayHaveFrames = true;

  constructor(
    consumer: FrameRingConsumer,
    readers: ReadonlyMap<number, BatchReader>,
    producer: { bell: Doorbell; roomWanted: RoomWanted },
  ) {
    this.#consumer = consumer;
    this.#readers = readers;
    this.#producerBell = producer.bell;
    this.#roomWanted = producer.roomWanted;
  }

  markReadable(): void {
    this.#mayHaveFrames = true;
  }

  /** True when a look is worth it: nothing but a dirty bit makes an empty ring readable again. */
  get mayHaveFrames(): boolean {
    return this.#mayHaveFrames;
  }

  /** True while the producer holds what found no room in this ring. */
  get isAwaited(): boolean {
    return this.#consumer.isAwaited();
  }

  /** Decodes the next frame into private memory and gives its room back at once. Null when the ring is empty. */
  next(): InboxItem | null {
    if (!this.#mayHaveFrames) return null;
    const consumer = this.#consumer;
    if (!consumer.tryPoll()) {
      this.#mayHaveFrames = false;
      return null;
    }
    const { memory, frameOffset, frameBytes } = consumer;
    let item: InboxItem;
    if (consumer.frameKind === FRAME_DATA) {
      const reader = this.#readers.get(peekEdgeIndex(memory, frameOffset));
      invariant(reader !== undefined, "a frame names an edge that does not lead here");
      item = reader.read(memory, frameOffset, frameBytes);
    } else {
      item = readSignal(memory, frameOffset, frameBytes);
    }
    consumer.release();
    // A producer that waits for room is woken when half the ring is free, which is room for any frame, not at every
    // frame. It stores its wish before it looks at the ring a last time, and we release before we load the wish.
    if (consumer.isHalfFree() && this.#roomWanted.isSet()) this.#producerBell.ring();
    return item;
  }
}
