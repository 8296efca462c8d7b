import { Prng } from "../../src/base/prng.ts";
import type { FrameMemory } from "../../src/memory/frame-memory.ts";

/** Lengths of a stream of frames: mostly short, at times anything up to the longest. Same seed, same lengths. */
export class FrameLengths {
  readonly #prng: Prng;
  readonly #bytesMax: number;
  readonly #oneLongIn: number;

  constructor(seed: number, bytesMax: number) {
    this.#prng = new Prng(seed);
    this.#bytesMax = bytesMax;
    // So that long frames take about as many bytes as short ones, in rings of every size.
    this.#oneLongIn = Math.max(2, Math.ceil(bytesMax / 128));
  }

  next(): number {
    const shortMax = Math.min(128, this.#bytesMax);
    return this.#prng.below((this.#prng.below(this.#oneLongIn) === 0 ? this.#bytesMax : shortMax) + 1);
  }
}

const CHECKSUM_WORDS = 2;

/** Fills a payload: sequence number, checksum, and words that depend on both; as much of that as fits. */
export function fillFrame(memory: FrameMemory, offset: number, frame: { seq: number; bytes: number }): void {
  const { seq, bytes } = frame;
  const first = offset >> 2;
  const words = bytes >> 2;
  let sum = seq;
  let word = Math.imul(seq, 0x9e3779b1) | 1;
  for (let index = CHECKSUM_WORDS; index < words; index++) {
    word = Math.imul(word, 0x2c9277b5) + index;
    memory.int32[first + index] = word;
    sum = (Math.imul(sum, 31) + word) | 0;
  }
  for (let byte = words * 4; byte < bytes; byte++) memory.bytes[offset + byte] = (seq + byte) & 0xff;
  if (words > 0) memory.int32[first] = seq;
  if (words > 1) memory.int32[first + 1] = sum;
}

/** What is wrong with a payload that should be frame `seq`, or null. */
export function faultOf(memory: FrameMemory, offset: number, frame: { seq: number; bytes: number }): string | null {
  const { seq, bytes } = frame;
  const first = offset >> 2;
  const words = bytes >> 2;
  if (words > 0 && memory.int32[first] !== (seq | 0)) return `it says it is frame ${memory.int32[first]}`;
  let sum = seq;
  for (let index = CHECKSUM_WORDS; index < words; index++)
    sum = (Math.imul(sum, 31) + memory.int32[first + index]!) | 0;
  if (words > 1 && memory.int32[first + 1] !== (sum | 0)) return "its checksum is wrong";
  for (let byte = words * 4; byte < bytes; byte++) {
    if (memory.bytes[offset + byte] !== ((seq + byte) & 0xff)) return `its byte ${byte} is wrong`;
  }
  return null;
}
