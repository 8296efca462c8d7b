import { invariant } from "../base/invariant.ts";
import { type FrameMemory, frameMemoryOver } from "./frame-memory.ts";
import {
  checkRingBytes,
  FRAME_HEADER_BYTES,
  FRAME_PADDING,
  frameSpan,
  RING_HEAD_WORD,
  RING_TAIL_WORD,
  RING_WAITING_WORD,
} from "./ring-layout.ts";

/**
 * The consumer's end of a one-producer, one-consumer ring of variable frames; `ring-layout.ts` draws it.
 *
 * Ownership:  only this thread stores HEAD; only the producer stores TAIL and writes frame bytes.
 * Invariant:  0 <= (tail - head) | 0 <= capacity; bytes from head to tail are whole frames, unchanged until released.
 * Visibility: loading a TAIL shows every byte of the frames before it. Storing HEAD hands bytes back, so everything
 *             wanted from a frame must have been read or copied before `release()`.
 */
export class FrameRingConsumer {
  readonly memory: FrameMemory;
  readonly #control: Int32Array;
  readonly #tailWord: number;
  readonly #waitingWord: number;
  readonly #headWord: number;
  readonly #int32: Int32Array;
  readonly #capacity: number;
  readonly #mask: number;
  #head: number; // Our own word: nobody else stores it, so it is loaded once. May stand before a padding frame.
  #tailSeen: number; // May be stale. TAIL only grows, so staleness can only hide frames.
  #hasFrame = false;
  #frameOffset = 0;
  #frameBytes = 0;
  #frameKind = 0;

  constructor(control: Int32Array, word: number, data: ArrayBuffer | SharedArrayBuffer) {
    checkRingBytes(data.byteLength);
    this.memory = frameMemoryOver(data);
    this.#control = control;
    this.#tailWord = word + RING_TAIL_WORD;
    this.#waitingWord = word + RING_WAITING_WORD;
    this.#headWord = word + RING_HEAD_WORD;
    this.#int32 = this.memory.int32;
    this.#capacity = data.byteLength;
    this.#mask = data.byteLength - 1;
    this.#head = Atomics.load(control, this.#headWord);
    this.#tailSeen = this.#head;
  }

  /** Byte offset of the polled frame's payload in `memory`, a multiple of 8. */
  get frameOffset(): number {
    return this.#frameOffset;
  }

  /** Payload bytes of the polled frame; 0 is legal. */
  get frameBytes(): number {
    return this.#frameBytes;
  }

  get frameKind(): number {
    return this.#frameKind;
  }

  /** Shows the oldest frame, or returns false when there is none. Until `release()` it shows the same frame again. */
  tryPoll(): boolean {
    if (this.#hasFrame) return true;
    if (this.#head === this.#tailSeen) {
      this.#tailSeen = Atomics.load(this.#control, this.#tailWord); // Pairs with commit() in the producer.
      if (this.#head === this.#tailSeen) return false;
    }
    let offset = this.#head & this.#mask;
    if (this.#int32[(offset >> 2) + 1] === FRAME_PADDING) {
      // Padding is published together with the frame behind it, so that frame is there. HEAD is stored with its
      // release.
      this.#head = (this.#head + this.#capacity - offset) | 0;
      offset = 0;
    }
    this.#frameBytes = this.#int32[offset >> 2]!;
    this.#frameKind = this.#int32[(offset >> 2) + 1]!;
    this.#frameOffset = offset + FRAME_HEADER_BYTES;
    this.#hasFrame = true;
    return true;
  }

  /**
   * True when at least half of the capacity is free for the producer, as far as this side has seen: it may say so too
   * early, when frames were published that it did not see, but never too late.
   */
  isHalfFree(): boolean {
    return ((this.#tailSeen - this.#head) | 0) <= this.#capacity >> 1;
  }

  /** True while the producer holds frames for which it found no room. A hint, which may be a moment old. */
  isAwaited(): boolean {
    return Atomics.load(this.#control, this.#waitingWord) === 1; // Pairs with setWaiting() in the producer.
  }

  /** Gives the polled frame's bytes back to the producer. */
  release(): void {
    invariant(this.#hasFrame, "release follows a successful tryPoll, once");
    this.#hasFrame = false;
    this.#head = (this.#head + frameSpan(this.#frameBytes)) | 0;
    // Everything read from the frame was read before this store. Pairs with the producer's loads of HEAD.
    Atomics.store(this.#control, this.#headWord, this.#head);
  }
}
