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
import { TupleBatch } from "../tuple-batch.ts";
import { AnyDecoder } from "./any-decoder.ts";
import {
  type BatchLayout,
  COLUMN_DATA_WORD,
  COLUMN_HEAD_WORD,
  COLUMN_OFFSETS_WORD,
  COLUMN_VALIDITY_WORD,
  COUNT_WORD,
  computeBatchLayout,
  EPOCH_WORD,
  ROOT_OFFSETS_WORD,
  ROOTS_WORD,
  SOURCE_TASK_WORD,
  STREAM_WORD,
} from "./batch-layout.ts";
import { locateVector } from "./frame-bounds.ts";
import { TextColumnReader } from "./text-column-reader.ts";

/** No batch has more rows; a frame that says so is corrupt. */
const ROWS_MAX = 1 << 24;

/**
 * Reads frames of one stream, as its BatchWriter makes them, into batches that a consumer can keep: everything is
 * copied out.
 *
 * Only the wanted columns are decoded, in the order wanted. Every position and length that the frame states is held
 * against the frame's bounds before it is used.
 */
export class BatchReader {
  readonly #layout: BatchLayout;
  readonly #wanted: readonly number[];
  /** By place in `wanted`: the reader of a string column, else null. */
  readonly #texts: readonly (TextColumnReader | null)[];
  readonly #decoder: AnyDecoder | null;

  /**
   * @param wanted indices of the columns to decode; consumer field k is column `wanted[k]` of the stream
   * @param keys indices of the stream's columns by which it is grouped: what consumers look up in maps. Their strings
   *   are worth more trouble, see TextIntern.
   */
  constructor(columns: readonly FieldSpec[], wanted: readonly number[], keys: readonly number[] = []) {
    this.#layout = computeBatchLayout(columns);
    this.#wanted = [...wanted];
    const types = wanted.map((column) => {
      invariant(column >= 0 && column < columns.length, "wanted column outside the stream");
      return this.#layout.kinds[column]! & KIND_TYPE_MASK;
    });
    this.#texts = types.map((type, k) =>
      type === KIND_STRING ? new TextColumnReader(keys.includes(wanted[k]!)) : null,
    );
    this.#decoder = types.includes(KIND_ANY) ? new AnyDecoder() : null;
  }

  /** Decodes the frame of `bytes` bytes that begins at `offset`. */
  read(memory: FrameMemory, offset: number, bytes: number): TupleBatch {
    const words = memory.int32;
    const first = offset >> 2;
    const template = this.#layout.template;
    const end = offset + bytes;
    invariant(offset >= 0 && (offset & 7) === 0 && end <= memory.bytes.length, "frame outside its memory");
    invariant(bytes >= this.#layout.preludeBytes, "batch frame too short");
    invariant(words[first] === template[0] && words[first + 1] === template[1], "not a batch frame");
    const count = words[first + COUNT_WORD]!;
    invariant(count >= 0 && count <= ROWS_MAX, "batch frame with an impossible row count");

    const wanted = this.#wanted;
    const columns: unknown[][] = new Array(wanted.length);
    for (let k = 0; k < wanted.length; k++) columns[k] = this.#readColumn(memory, k, first, count, end);
    const batch = new TupleBatch(
      words[first + STREAM_WORD]! >>> 0,
      words[first + SOURCE_TASK_WORD]! >>> 0,
      words[first + EPOCH_WORD]! >>> 0,
      columns,
    );
    batch.count = count;
    if (words[first + ROOTS_WORD] !== template[ROOTS_WORD]) readRoots(words, first, count, end, batch);
    return batch;
  }

  #readColumn(memory: FrameMemory, k: number, first: number, count: number, end: number): unknown[] {
    const column = this.#wanted[k]!;
    const kind = this.#layout.kinds[column]!;
    const words = memory.int32;
    const tableWord = first + this.#layout.columnWords[column]!;
    const type = kind & KIND_TYPE_MASK;
    invariant((words[tableWord + COLUMN_HEAD_WORD]! & 0xff) === type, "batch frame of another schema");
    const dataWord = tableWord + COLUMN_DATA_WORD;
    let values: unknown[];
    switch (type) {
      case KIND_STRING:
        values = this.#texts[k]!.read(memory, tableWord, count, end);
        break;
      case KIND_INT32:
        values = readInt32s(words, locateVector(words, dataWord, count, 4, end) >> 2, count);
        break;
      case KIND_FLOAT64:
        values = readFloat64s(memory.float64, locateVector(words, dataWord, count, 8, end) >> 3, count);
        break;
      case KIND_INT64:
        values = readInt64s(memory.bigint64, locateVector(words, dataWord, count, 8, end) >> 3, count);
        break;
      case KIND_BOOL:
        values = readBools(memory.bytes, locateVector(words, dataWord, count, 1, end), count);
        break;
      case KIND_BYTES:
        values = readBytes(memory, tableWord, count, end);
        break;
      default:
        values = readEncoded(memory, tableWord, count, end, this.#decoder!);
    }
    const validityWord = tableWord + COLUMN_VALIDITY_WORD;
    if ((kind & KIND_NULLABLE) !== 0 && words[validityWord] !== this.#layout.template[validityWord - first]) {
      putNulls(values, memory.bytes, locateVector(words, validityWord, (count + 7) >> 3, 1, end), count);
    }
    return values;
  }
}

// One function with its own `new Array` per kind: V8 learns the kind of elements for each such place, so that a
// column of doubles is made as an array of doubles from the start.

function readInt32s(words: Int32Array, at: number, count: number): number[] {
  const values = new Array<number>(count);
  for (let i = 0; i < count; i++) values[i] = words[at + i]!;
  return values;
}

function readFloat64s(doubles: Float64Array, at: number, count: number): number[] {
  const values = new Array<number>(count);
  for (let i = 0; i < count; i++) values[i] = doubles[at + i]!;
  return values;
}

function readInt64s(longs: BigInt64Array, at: number, count: number): bigint[] {
  const values = new Array<bigint>(count);
  for (let i = 0; i < count; i++) values[i] = longs[at + i]!;
  return values;
}

function readBools(bytes: Uint8Array, at: number, count: number): boolean[] {
  const values = new Array<boolean>(count);
  for (let i = 0; i < count; i++) values[i] = bytes[at + i] !== 0;
  return values;
}

function readBytes(memory: FrameMemory, tableWord: number, count: number, end: number): Uint8Array[] {
  const words = memory.int32;
  const offsetWord = locateVector(words, tableWord + COLUMN_OFFSETS_WORD, count + 1, 4, end) >> 2;
  const length = words[offsetWord + count]!;
  const at = locateVector(words, tableWord + COLUMN_DATA_WORD, length, 1, end);
  const values = new Array<Uint8Array>(count);
  for (let i = 0; i < count; i++) {
    const from = words[offsetWord + i]!;
    const to = words[offsetWord + i + 1]!;
    invariant(from >= 0 && from <= to && to <= length, "batch frame with positions out of order");
    const value = new Uint8Array(to - from);
    value.set(memory.bytes.subarray(at + from, at + to));
    values[i] = value;
  }
  return values;
}

function readEncoded(
  memory: FrameMemory,
  tableWord: number,
  count: number,
  end: number,
  decoder: AnyDecoder,
): unknown[] {
  const words = memory.int32;
  const offsetWord = locateVector(words, tableWord + COLUMN_OFFSETS_WORD, count + 1, 4, end) >> 2;
  const length = words[offsetWord + count]!;
  const at = locateVector(words, tableWord + COLUMN_DATA_WORD, length, 1, end);
  decoder.setMemory(memory.bytes, memory.view);
  const values = new Array<unknown>(count);
  for (let i = 0; i < count; i++) {
    const from = words[offsetWord + i]!;
    const to = words[offsetWord + i + 1]!;
    invariant(from >= 0 && from <= to && to <= length, "batch frame with positions out of order");
    values[i] = decoder.decode(at + from, at + to);
  }
  return values;
}

function putNulls(values: unknown[], bytes: Uint8Array, at: number, count: number): void {
  for (let i = 0; i < count; i++) {
    if ((bytes[at + (i >> 3)]! & (1 << (i & 7))) === 0) values[i] = null;
  }
}

function readRoots(words: Int32Array, first: number, count: number, end: number, batch: TupleBatch): void {
  const pairs = words[first + ROOTS_WORD + (words[first + ROOTS_WORD]! >> 2)]!;
  const at = locateVector(words, first + ROOTS_WORD, pairs, 8, end) >> 2;
  const roots = new Array<number>(pairs * 2);
  for (let i = 0; i < pairs * 2; i++) roots[i] = words[at + i]! >>> 0;
  batch.roots = roots;
  batch.rootPairs = pairs;
  const offsetsLength = words[first + ROOT_OFFSETS_WORD + (words[first + ROOT_OFFSETS_WORD]! >> 2)]!;
  if (offsetsLength === 0) {
    invariant(pairs === count, "batch frame with too few roots");
    return;
  }
  const offsetWord = locateVector(words, first + ROOT_OFFSETS_WORD, count + 1, 4, end) >> 2;
  const offsets = new Array<number>(count + 1);
  for (let i = 0; i <= count; i++) {
    offsets[i] = words[offsetWord + i]!;
    invariant(i === 0 ? offsets[0] === 0 : offsets[i]! >= offsets[i - 1]!, "batch frame with roots out of order");
  }
  invariant(offsets[count] === pairs, "batch frame with too few roots");
  batch.rootOffsets = offsets;
}

/** The edge that a batch frame travels on: says which reader it wants. */
export function peekEdgeIndex(memory: FrameMemory, offset: number): number {
  return memory.int32[(offset >> 2) + STREAM_WORD]!;
}
