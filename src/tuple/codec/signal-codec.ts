import type { FrameMemory } from "../../base/frame-memory.ts";
import { invariant } from "../../base/invariant.ts";
import { SIGNAL_BARRIER, SIGNAL_END_OF_STREAM, SIGNAL_FLUSH, SIGNAL_WATERMARK, type Signal } from "../signal.ts";
import { SIGNAL_IDENTIFIER } from "./batch-layout.ts";

/** Every signal's frame has this size. */
export const SIGNAL_FRAME_BYTES = 48;

const TABLE_WORD = 5;
const KIND_WORD = 6;
const SOURCE_TASK_WORD = 7;
const EPOCH_WORD = 8;
const VALUE_WORD = 10; // Even, so that the double is aligned.

/**
 * The words that are the same in every signal: root reference, identifier, vtable, the table's reference to its
 * vtable.
 */
const head = new Int32Array([
  TABLE_WORD * 4,
  SIGNAL_IDENTIFIER,
  (28 << 16) | 12, // Sizes of the table and of the vtable.
  ((SOURCE_TASK_WORD - TABLE_WORD) << 18) | ((KIND_WORD - TABLE_WORD) << 2),
  ((VALUE_WORD - TABLE_WORD) << 18) | ((EPOCH_WORD - TABLE_WORD) << 2),
  (TABLE_WORD - 2) * 4,
]);

/** Writes a signal at `offset` (a multiple of 8) and returns its size in bytes. */
export function writeSignal(memory: FrameMemory, offset: number, signal: Signal): number {
  const first = offset >> 2;
  const words = memory.int32;
  words.set(head, first);
  words[first + KIND_WORD] = signal.kind;
  words[first + SOURCE_TASK_WORD] = signal.sourceTask;
  words[first + EPOCH_WORD] = signal.epoch;
  words[first + VALUE_WORD - 1] = 0;
  memory.float64[(first + VALUE_WORD) >> 1] = signal.value;
  return SIGNAL_FRAME_BYTES;
}

/** Reads the signal that stands at `offset`. */
export function readSignal(memory: FrameMemory, offset: number, bytes: number): Signal {
  const first = offset >> 2;
  const words = memory.int32;
  invariant(
    bytes >= SIGNAL_FRAME_BYTES && offset >= 0 && offset + bytes <= memory.bytes.length,
    "signal frame too short",
  );
  for (let i = 0; i < head.length; i++) invariant(words[first + i] === head[i], "not a signal frame");
  const kind = words[first + KIND_WORD]!;
  invariant(
    kind === SIGNAL_FLUSH || kind === SIGNAL_END_OF_STREAM || kind === SIGNAL_BARRIER || kind === SIGNAL_WATERMARK,
    "signal of an unknown kind",
  );
  return {
    kind,
    sourceTask: words[first + SOURCE_TASK_WORD]! >>> 0,
    epoch: words[first + EPOCH_WORD]! >>> 0,
    value: memory.float64[(first + VALUE_WORD) >> 1]!,
  };
}
