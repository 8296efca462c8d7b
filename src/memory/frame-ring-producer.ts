import { invariant } from "../base/invariant.ts";
import { type FrameMemory, frameMemoryOver } from "./frame-memory.ts";
import {
  checkRingBytes,
  computeFrameBytesMax,
  FRAME_HEADER_BYTES,
  FRAME_PADDING,
  frameSpan,
  RING_HEAD_WORD,
  RING_TAIL_WORD,
  RING_WAITING_WORD,
} from "./ring-layout.ts";

const NO_CLAIM = -1;

/**
 * The producer's end of a one-producer, one-consumer ring of variable frames; `ring-layout.ts` draws it.
 *
 * Ownership:  only this thread stores TAIL and WAITING and writes frame bytes; only the consumer stores HEAD.
 * Invariant:  0 <= (tail - head) | 0 <= capacity; bytes from tail up to head + capacity are ours to write.
 * Visibility: frame bytes are plain writes. Storing TAIL publishes them: whoever loads that TAIL sees every byte
 *             written before it. Loading HEAD takes bytes back: the consumer read them before it stored that HEAD.
 *
 * A producer that dies leaves TAIL at the end of its last whole frame: what it was writing is behind TAIL, where no
 * consumer looks, and a new producer on the same words starts there.
 */
export class FrameRingProducer {
  readonly memory: FrameMemory;
  readonly frameBytesMax: number;
  readonly #control: Int32Array;
  readonly #tailWord: number;
  readonly #waitingWord: number;
  readonly #headWord: number;
  readonly #int32: Int32Array;
  readonly #capacity: number;
  readonly #mask: number;
  #tail: number; // Our own word: nobody else stores it, so it is loaded once.
  #headSeen: number; // May be stale. HEAD only grows, so staleness can only hide room.
  #claimStart = 0;
  #claimBytes = NO_CLAIM;

  constructor(control: Int32Array, word: number, data: ArrayBuffer | SharedArrayBuffer) {
    checkRingBytes(data.byteLength);
    this.memory = frameMemoryOver(data);
    this.frameBytesMax = computeFrameBytesMax(data.byteLength);
    this.#control = control;
    this.#tailWord = word + RING_TAIL_WORD;
    this.#waitingWord = word + RING_WAITING_WORD;
    this.#headWord = word + RING_HEAD_WORD;
    this.#int32 = this.memory.int32;
    this.#capacity = data.byteLength;
    this.#mask = data.byteLength - 1;
    this.#tail = Atomics.load(control, this.#tailWord);
    this.#headSeen = Atomics.load(control, this.#headWord);
  }

  /**
   * Makes room for one payload of up to `bytesMax` bytes and returns the byte offset in `memory` where to write it, a
   * multiple of 8; -1 when there is no room now. Nothing is published before `commit`; a claim that is never
   * committed is given up by the next call.
   */
  tryClaim(bytesMax: number): number {
    invariant(bytesMax >= 0 && bytesMax <= this.frameBytesMax, "a claim is between 0 and frameBytesMax bytes");
    this.#claimBytes = NO_CLAIM;
    const span = frameSpan(bytesMax);
    const offset = this.#tail & this.#mask;
    const untilEnd = this.#capacity - offset;
    if (span <= untilEnd) {
      if (!this.#hasRoom(span)) return -1;
      this.#claimStart = this.#tail;
      this.#claimBytes = bytesMax;
      return offset + FRAME_HEADER_BYTES;
    }
    if (!this.#hasRoom(untilEnd + span)) return -1;
    // There is always a whole header before the end, because positions and capacity are multiples of 8.
    this.#int32[offset >> 2] = untilEnd - FRAME_HEADER_BYTES;
    this.#int32[(offset >> 2) + 1] = FRAME_PADDING;
    this.#claimStart = (this.#tail + untilEnd) | 0;
    this.#claimBytes = bytesMax;
    return FRAME_HEADER_BYTES;
  }

  /** Publishes the first `bytes` bytes of the claim as one frame. */
  commit(bytes: number, kind: number): void {
    invariant(bytes >= 0 && bytes <= this.#claimBytes, "commit publishes at most what was claimed, once");
    invariant(kind > FRAME_PADDING, "kinds of frames are positive");
    const start = this.#claimStart;
    const header = (start & this.#mask) >> 2;
    this.#int32[header] = bytes;
    this.#int32[header + 1] = kind;
    this.#claimBytes = NO_CLAIM;
    this.#tail = (start + frameSpan(bytes)) | 0;
    // Publishes header, payload and any padding before them, so it must follow all of them. Pairs with tryPoll().
    Atomics.store(this.#control, this.#tailWord, this.#tail);
  }

  /** Tells the consumer whether frames wait here for room. A hint: it orders nothing. */
  setWaiting(isWaiting: boolean): void {
    Atomics.store(this.#control, this.#waitingWord, isWaiting ? 1 : 0); // Pairs with isAwaited() in the consumer.
  }

  /** True when the consumer has released every frame that was committed. */
  isEmpty(): boolean {
    this.#headSeen = Atomics.load(this.#control, this.#headWord);
    return this.#headSeen === this.#tail;
  }

  /** Bytes that were committed and not released yet, padding included. */
  usedBytes(): number {
    const head = Atomics.load(this.#control, this.#headWord);
    return (this.#tail - head) | 0;
  }

  #hasRoom(span: number): boolean {
    if (this.#capacity - ((this.#tail - this.#headSeen) | 0) >= span) return true;
    this.#headSeen = Atomics.load(this.#control, this.#headWord); // Pairs with release() in the consumer.
    const used = (this.#tail - this.#headSeen) | 0;
    invariant(used >= 0 && used <= this.#capacity, "a ring's HEAD lies outside of what was published");
    return this.#capacity - used >= span;
  }
}
