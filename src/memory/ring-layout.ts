import { EngineError } from "../base/engine-error.ts";
import { invariant } from "../base/invariant.ts";
import { CACHE_LINE_WORDS } from "./cache-line.ts";

/**
 * Where everything of one ring lies.
 *
 * Control words, from the ring's first word in the run's control array (each end's word on its own line):
 *
 *     word 0                 word 32
 *     +------+---------+---+ +------+-------------+
 *     | TAIL | WAITING |   | | HEAD |   unused    |
 *     +------+---------+---+ +------+-------------+
 *       stored by producer     stored by consumer
 *
 * WAITING is 1 while the producer holds frames for which it found no room.
 *
 * TAIL and HEAD are byte positions that only grow, kept as int32 and therefore modulo 2^32. A position's place in the
 * ring is `position & (capacity - 1)`; `(tail - head) | 0` is the number of bytes in use, right across every wrap
 * because capacity divides 2^32 and is at most 2^30.
 *
 * Data: frames back to back, each starting at a multiple of 8.
 *
 *     byte 0         4          8                    8 + bytes      next multiple of 8
 *     +--------------+----------+---------------------+--------------+
 *     | bytes: int32 | kind     |  payload            | up to 7 lost |
 *     +--------------+----------+---------------------+--------------+
 *
 * A frame never straddles the ring's end. Where it would, the rest of the ring becomes one padding frame (kind 0),
 * published together with the real frame, which then starts at byte 0:
 *
 *     0                     head            tail before                        capacity
 *     +---------------------+---------------+-----------------------------------+
 *     | new frame           | older frames  | padding, too short for the frame  |
 *     +---------------------+---------------+-----------------------------------+
 *                     tail after: capacity + length of the new frame
 *
 * So one frame may use up two frames' worth of bytes. With payloads of at most capacity / 2 - 8, frame and padding
 * together always fit an empty ring, wherever its positions stand: a frame can wait for room but never for ever.
 */
export const RING_TAIL_WORD = 0;
export const RING_WAITING_WORD = 1;
export const RING_HEAD_WORD = CACHE_LINE_WORDS;
export const RING_CONTROL_WORDS = 2 * CACHE_LINE_WORDS;

export const FRAME_HEADER_BYTES = 8;

/** Kind of the filler before the ring's end. Kinds of real frames are positive. */
export const FRAME_PADDING = 0;

export const RING_BYTES_MIN = 1024;
export const RING_BYTES_MAX = 2 ** 30;

/** The longest payload that a ring of `ringBytes` takes. */
export function computeFrameBytesMax(ringBytes: number): number {
  return ringBytes / 2 - FRAME_HEADER_BYTES;
}

/** Ring bytes that a frame with this payload occupies. */
export function frameSpan(payloadBytes: number): number {
  return FRAME_HEADER_BYTES + ((payloadBytes + 7) & ~7);
}

/** Throws RING_BYTES_INVALID unless a ring can have this capacity. */
export function checkRingBytes(ringBytes: number): void {
  const isPowerOfTwo = Number.isInteger(Math.log2(ringBytes));
  if (isPowerOfTwo && ringBytes >= RING_BYTES_MIN && ringBytes <= RING_BYTES_MAX) return;
  throw new EngineError("RING_BYTES_INVALID", {
    problem: `a ring cannot hold ${ringBytes} bytes`,
    facts: { ringBytes, ringBytesMin: RING_BYTES_MIN, ringBytesMax: RING_BYTES_MAX },
    remedy: "give a power of two between the two limits",
  });
}

/**
 * Empties a ring and puts both its ends at `position`, a multiple of 8. For a ring that no thread uses yet; fresh
 * control words stand at 0, so only tests of far positions need it.
 */
export function resetRing(control: Int32Array, word: number, position: number): void {
  invariant((position & 7) === 0, "a ring position is a multiple of 8");
  Atomics.store(control, word + RING_TAIL_WORD, position | 0);
  Atomics.store(control, word + RING_HEAD_WORD, position | 0);
}

/** From any thread: how full a ring is, as a share of 1. The two ends are read one after the other. */
export function ringFill(control: Int32Array, word: number, capacity: number): number {
  const head = Atomics.load(control, word + RING_HEAD_WORD);
  const tail = Atomics.load(control, word + RING_TAIL_WORD);
  return Math.min(1, Math.max(0, ((tail - head) | 0) / capacity));
}
