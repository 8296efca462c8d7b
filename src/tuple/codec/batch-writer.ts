import type { FrameMemory } from "../../base/frame-memory.ts";
import { invariant } from "../../base/invariant.ts";
import {
  KIND_ANY,
  KIND_BOOL,
  KIND_BYTES,
  KIND_FLOAT64,
  KIND_INT32,
  KIND_INT64,
  KIND_NULLABLE,
  KIND_STRING,
  KIND_TYPE_MASK,
} from "../column-kind.ts";
import type { FieldSpec } from "../field-spec.ts";
import type { TupleBatch } from "../tuple-batch.ts";
import { AnyEncoder } from "./any-encoder.ts";
import {
  alignUp,
  type BatchLayout,
  COLUMN_DATA_WORD,
  COLUMN_OFFSETS_WORD,
  COLUMN_VALIDITY_WORD,
  COUNT_WORD,
  computeBatchLayout,
  EPOCH_WORD,
  linkVector,
  ROOT_OFFSETS_WORD,
  ROOTS_WORD,
  SOURCE_TASK_WORD,
  STREAM_WORD,
  VECTOR_HEAD_BYTES,
} from "./batch-layout.ts";
import { TextColumnWriter } from "./text-column-writer.ts";

/** Longer templates are copied by `set`, shorter ones by a loop: the call costs as much as some 60 words. */
const LOOP_WORDS_MAX = 64;

/**
 * Writes rows of batches of one stream as frames, straight into the memory that they travel in.
 *
 * Ownership:  one per task and stream; `prepare` leaves in it what `write` needs, so the two go in pairs. Between them the
 *             batch must not change. `prepare` may be called again without `write`, when there was no room.
 * Invariant:  `write` takes at most the bytes that `prepare` said.
 */
export class BatchWriter {
  readonly #layout: BatchLayout;
  /** By column: the writer of a string column, else null. */
  readonly #texts: readonly (TextColumnWriter | null)[];
  /** By column: the encoded values of an `any` column, else null. */
  readonly #encoders: readonly (AnyEncoder | null)[];
  readonly #hasNulls: boolean[];
  #batch: TupleBatch | null = null;
  #from = 0;
  #to = 0;

  constructor(columns: readonly FieldSpec[]) {
    this.#layout = computeBatchLayout(columns);
    const types = this.#layout.kinds.map((kind) => kind & KIND_TYPE_MASK);
    this.#texts = types.map((type) => (type === KIND_STRING ? new TextColumnWriter() : null));
    this.#encoders = types.map((type) => (type === KIND_ANY ? new AnyEncoder() : null));
    this.#hasNulls = types.map(() => false);
  }

  /**
   * Takes rows `from` (included) to `to` (excluded) of `batch` in hand.
   * @returns the number of bytes that `write` will need at most, a multiple of 8
   * @throws EngineError TUPLE_VALUE_INVALID when an `any` value cannot be encoded (it was changed after its emit)
   */
  prepare(batch: TupleBatch, from: number, to: number): number {
    invariant(0 <= from && from <= to && to <= batch.count, "rows outside the batch");
    this.#batch = batch;
    this.#from = from;
    this.#to = to;
    const rows = to - from;
    const kinds = this.#layout.kinds;
    let bytes = this.#layout.preludeBytes + rootsBytes(batch, from, to);
    for (let k = 0; k < kinds.length; k++) {
      const kind = kinds[k]!;
      const column = batch.columns[k]!;
      if ((kind & KIND_NULLABLE) !== 0) {
        const hasNulls = includesNull(column, from, to);
        this.#hasNulls[k] = hasNulls;
        if (hasNulls) bytes += VECTOR_HEAD_BYTES + alignUp((rows + 7) >> 3);
      }
      switch (kind & KIND_TYPE_MASK) {
        case KIND_STRING:
          bytes += this.#texts[k]!.prepare(column as (string | null)[], from, to);
          break;
        case KIND_INT32:
          bytes += VECTOR_HEAD_BYTES + alignUp(rows * 4);
          break;
        case KIND_BOOL:
          bytes += VECTOR_HEAD_BYTES + alignUp(rows);
          break;
        case KIND_BYTES:
          bytes += 2 * VECTOR_HEAD_BYTES + alignUp((rows + 1) * 4) + alignUp(countBytes(column, from, to));
          break;
        case KIND_ANY:
          bytes += 2 * VECTOR_HEAD_BYTES + alignUp((rows + 1) * 4) + alignUp(this.#encodeRows(k, column, from, to));
          break;
        default:
          bytes += VECTOR_HEAD_BYTES + rows * 8;
      }
    }
    return bytes;
  }

  /**
   * Writes the prepared rows as a frame at `offset`, a multiple of 8.
   * @returns the bytes used, a multiple of 8
   */
  write(memory: FrameMemory, offset: number): number {
    const batch = this.#batch;
    invariant(batch !== null, "write without prepare");
    const layout = this.#layout;
    const words = memory.int32;
    const first = offset >> 2;
    const from = this.#from;
    const to = this.#to;
    copyWords(layout.template, words, first);
    words[first + STREAM_WORD] = batch.edgeIndex;
    words[first + SOURCE_TASK_WORD] = batch.sourceTask;
    words[first + EPOCH_WORD] = batch.epoch;
    words[first + COUNT_WORD] = to - from;
    let cursor = offset + layout.preludeBytes;
    if (batch.roots !== null) cursor = writeRoots(words, first, cursor, batch, from, to);
    const kinds = layout.kinds;
    for (let k = 0; k < kinds.length; k++) {
      const tableWord = first + layout.columnWords[k]!;
      const column = batch.columns[k]!;
      if (this.#hasNulls[k]!) cursor = writeValidity(memory, tableWord, cursor, column, from, to);
      cursor = this.#writeColumn(memory, k, tableWord, cursor, column);
    }
    this.#batch = null;
    return cursor - offset;
  }

  #writeColumn(memory: FrameMemory, k: number, tableWord: number, cursor: number, column: unknown[]): number {
    const from = this.#from;
    const to = this.#to;
    const dataWord = tableWord + COLUMN_DATA_WORD;
    const at = cursor + VECTOR_HEAD_BYTES;
    switch (this.#layout.kinds[k]! & KIND_TYPE_MASK) {
      case KIND_STRING:
        return this.#texts[k]!.write(memory, tableWord, cursor, column as (string | null)[], from, to);
      case KIND_INT32:
        linkVector(memory.int32, dataWord, cursor, to - from);
        return at + alignUp(writeInt32s(memory.int32, at >> 2, column as (number | null)[], from, to));
      case KIND_FLOAT64:
        linkVector(memory.int32, dataWord, cursor, to - from);
        return at + writeFloat64s(memory.float64, at >> 3, column as (number | null)[], from, to);
      case KIND_INT64:
        linkVector(memory.int32, dataWord, cursor, to - from);
        return at + writeInt64s(memory.bigint64, at >> 3, column as (bigint | null)[], from, to);
      case KIND_BOOL:
        linkVector(memory.int32, dataWord, cursor, to - from);
        return at + alignUp(writeBools(memory.bytes, at, column as (boolean | null)[], from, to));
      case KIND_BYTES:
        return writeBytes(memory, tableWord, cursor, column as (Uint8Array | null)[], from, to);
      default:
        return writeEncoded(memory, tableWord, cursor, this.#encoders[k]!);
    }
  }

  #encodeRows(k: number, column: unknown[], from: number, to: number): number {
    const encoder = this.#encoders[k]!;
    encoder.reset();
    for (let i = from; i < to; i++) encoder.append(column[i]);
    return encoder.length;
  }
}

function copyWords(source: Int32Array, target: Int32Array, at: number): void {
  if (source.length > LOOP_WORDS_MAX) target.set(source, at);
  else for (let i = 0; i < source.length; i++) target[at + i] = source[i]!;
}

function rootsBytes(batch: TupleBatch, from: number, to: number): number {
  if (batch.roots === null) return 0;
  const offsets = batch.rootOffsets;
  if (offsets === null) return VECTOR_HEAD_BYTES + (to - from) * 8;
  return 2 * VECTOR_HEAD_BYTES + alignUp((to - from + 1) * 4) + (offsets[to]! - offsets[from]!) * 8;
}

function writeRoots(
  words: Int32Array,
  first: number,
  cursor: number,
  batch: TupleBatch,
  from: number,
  to: number,
): number {
  const roots = batch.roots!;
  const offsets = batch.rootOffsets;
  let firstPair = from;
  let endPair = to;
  let next = cursor;
  if (offsets !== null) {
    firstPair = offsets[from]!;
    endPair = offsets[to]!;
    linkVector(words, first + ROOT_OFFSETS_WORD, next, to - from + 1);
    const at = (next + VECTOR_HEAD_BYTES) >> 2;
    for (let i = from; i <= to; i++) words[at + i - from] = offsets[i]! - firstPair;
    next += VECTOR_HEAD_BYTES + alignUp((to - from + 1) * 4);
  }
  linkVector(words, first + ROOTS_WORD, next, endPair - firstPair);
  const at = (next + VECTOR_HEAD_BYTES) >> 2;
  for (let i = firstPair * 2; i < endPair * 2; i++) words[at + i - firstPair * 2] = roots[i]!;
  return next + VECTOR_HEAD_BYTES + (endPair - firstPair) * 8;
}

function includesNull(column: readonly unknown[], from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (column[i] === null) return true;
  return false;
}

function countBytes(column: readonly unknown[], from: number, to: number): number {
  let bytes = 0;
  for (let i = from; i < to; i++) {
    const value = column[i] as Uint8Array | null;
    if (value !== null) bytes += value.length;
  }
  return bytes;
}

function writeValidity(
  memory: FrameMemory,
  tableWord: number,
  cursor: number,
  column: readonly unknown[],
  from: number,
  to: number,
): number {
  const bytes = (to - from + 7) >> 3;
  linkVector(memory.int32, tableWord + COLUMN_VALIDITY_WORD, cursor, bytes);
  let at = cursor + VECTOR_HEAD_BYTES;
  for (let i = from; i < to; i += 8) {
    const end = Math.min(i + 8, to);
    let bits = 0;
    for (let j = i; j < end; j++) if (column[j] !== null) bits |= 1 << (j - i);
    memory.bytes[at++] = bits;
  }
  return cursor + VECTOR_HEAD_BYTES + alignUp(bytes);
}

function writeInt32s(
  words: Int32Array,
  at: number,
  column: readonly (number | null)[],
  from: number,
  to: number,
): number {
  for (let i = from; i < to; i++) words[at + i - from] = column[i] as number; // null is stored as 0.
  return (to - from) * 4;
}

function writeFloat64s(
  doubles: Float64Array,
  at: number,
  column: readonly (number | null)[],
  from: number,
  to: number,
): number {
  for (let i = from; i < to; i++) doubles[at + i - from] = column[i] as number; // null is stored as 0.
  return (to - from) * 8;
}

function writeInt64s(
  longs: BigInt64Array,
  at: number,
  column: readonly (bigint | null)[],
  from: number,
  to: number,
): number {
  for (let i = from; i < to; i++) longs[at + i - from] = column[i] ?? 0n;
  return (to - from) * 8;
}

function writeBools(
  bytes: Uint8Array,
  at: number,
  column: readonly (boolean | null)[],
  from: number,
  to: number,
): number {
  for (let i = from; i < to; i++) bytes[at + i - from] = column[i] === true ? 1 : 0;
  return to - from;
}

function writeBytes(
  memory: FrameMemory,
  tableWord: number,
  cursor: number,
  column: readonly (Uint8Array | null)[],
  from: number,
  to: number,
): number {
  const words = memory.int32;
  linkVector(words, tableWord + COLUMN_OFFSETS_WORD, cursor, to - from + 1);
  let offsetWord = (cursor + VECTOR_HEAD_BYTES) >> 2;
  const dataCursor = cursor + VECTOR_HEAD_BYTES + alignUp((to - from + 1) * 4);
  const at = dataCursor + VECTOR_HEAD_BYTES;
  let end = 0;
  words[offsetWord++] = 0;
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (value !== null) {
      memory.bytes.set(value, at + end);
      end += value.length;
    }
    words[offsetWord++] = end;
  }
  linkVector(words, tableWord + COLUMN_DATA_WORD, dataCursor, end);
  return at + alignUp(end);
}

function writeEncoded(memory: FrameMemory, tableWord: number, cursor: number, encoder: AnyEncoder): number {
  const words = memory.int32;
  const ends = encoder.ends;
  linkVector(words, tableWord + COLUMN_OFFSETS_WORD, cursor, ends.length + 1);
  const offsetWord = (cursor + VECTOR_HEAD_BYTES) >> 2;
  words[offsetWord] = 0;
  for (let i = 0; i < ends.length; i++) words[offsetWord + 1 + i] = ends[i]!;
  const dataCursor = cursor + VECTOR_HEAD_BYTES + alignUp((ends.length + 1) * 4);
  linkVector(words, tableWord + COLUMN_DATA_WORD, dataCursor, encoder.length);
  encoder.copyTo(memory.bytes, dataCursor + VECTOR_HEAD_BYTES);
  return dataCursor + VECTOR_HEAD_BYTES + alignUp(encoder.length);
}
