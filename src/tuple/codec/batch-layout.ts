import { KIND_ANY, KIND_BYTES, KIND_STRING, KIND_TYPE_MASK, kindOf } from "../column-kind.ts";
import type { FieldSpec } from "../field-spec.ts";

/** The file identifiers "SCB1" (batch) and "SCS1" (signal) as little-endian words. */
export const BATCH_IDENTIFIER = 0x31424353;
export const SIGNAL_IDENTIFIER = 0x31534353;

/** Words of the frame, from its start, that hold the batch's scalars and the references to its root vectors. */
export const STREAM_WORD = 8;
export const SOURCE_TASK_WORD = 9;
export const EPOCH_WORD = 10;
export const COUNT_WORD = 11;
export const ROOT_OFFSETS_WORD = 12;
export const ROOTS_WORD = 13;
const COLUMNS_WORD = 14;
const COLUMN_COUNT_WORD = 15;

export const ENCODING_LATIN1 = 0;
export const ENCODING_UTF16 = 1;

/** Words of a column's table, from the table's start. A reference is the distance in bytes from its own place to the vector. */
export const COLUMN_HEAD_WORD = 1;
export const COLUMN_VALIDITY_WORD = 2;
export const COLUMN_DATA_WORD = 3;
export const COLUMN_OFFSETS_WORD = 4;
const COLUMN_WORDS = 5;

/** Bytes of a vector beside its data: four unused, then its length, so that the data begins at a multiple of 8. */
export const VECTOR_HEAD_BYTES = 8;

/** Slots of a vtable by type: the Column table's field that holds the data, counted from 0 in order of declaration. */
const dataFieldOfType = [8, 3, 4, 5, 6, 8, 8] as const;
const COLUMN_FIELD_COUNT = 9;
const OFFSETS_FIELD = 7;
const COLUMN_VTABLE_WORDS = 6; // 4 bytes of sizes and 9 entries of 2 bytes, rounded up.

/**
 * Where everything stands in a frame of one schema, and the bytes that never change: all FlatBuffers machinery (vtables,
 * tables, types). The hot path copies these words, patches the batch's scalars and references, and appends the vectors.
 * All references to vectors begin as references to one empty vector, at the end of these words: a column without nulls or a
 * batch without roots leaves its reference as it is. Drawn in docs/BATCHES.md.
 */
export interface BatchLayout {
  readonly kinds: readonly number[];
  /** The words to copy; an even number of them, so that the first vector stands at a multiple of 8. */
  readonly template: Int32Array;
  readonly preludeBytes: number;
  /** The first word of each column's table. */
  readonly columnWords: readonly number[];
}

/** Computes the layout of frames of a stream with these columns. */
export function computeBatchLayout(columns: readonly FieldSpec[]): BatchLayout {
  const kinds = columns.map(kindOf);
  const types = [...new Set(kinds.map((kind) => kind & KIND_TYPE_MASK))].sort((a, b) => a - b);
  const vtablesWord = COLUMN_COUNT_WORD + 1 + columns.length;
  const tablesWord = vtablesWord + types.length * COLUMN_VTABLE_WORDS;
  const emptyWord = tablesWord + columns.length * COLUMN_WORDS;
  const template = new Int32Array((emptyWord + 2) & ~1);
  const view = new DataView(template.buffer);
  const columnWords = columns.map((_column, index) => tablesWord + index * COLUMN_WORDS);

  writeBatchTable(template, view, columns.length, emptyWord);
  types.forEach((type, index) => {
    writeColumnVtable(view, vtablesWord + index * COLUMN_VTABLE_WORDS, type);
  });
  kinds.forEach((kind, index) => {
    const type = kind & KIND_TYPE_MASK;
    const table = columnWords[index]!;
    refer(template, COLUMN_COUNT_WORD + 1 + index, table);
    template[table] = (table - (vtablesWord + types.indexOf(type) * COLUMN_VTABLE_WORDS)) * 4;
    template[table + COLUMN_HEAD_WORD] = type | (ENCODING_LATIN1 << 8);
    for (const word of [COLUMN_VALIDITY_WORD, COLUMN_DATA_WORD, COLUMN_OFFSETS_WORD]) {
      refer(template, table + word, emptyWord);
    }
  });
  return { kinds, template, preludeBytes: template.byteLength, columnWords };
}

/** Whether the column stores positions beside its data: strings, bytes and any. */
function hasOffsets(kind: number): boolean {
  const type = kind & KIND_TYPE_MASK;
  return type === KIND_STRING || type === KIND_BYTES || type === KIND_ANY;
}

/** Words 0 to 15: the root reference, the identifier, the TupleBatch vtable and its table, the columns' count. */
function writeBatchTable(template: Int32Array, view: DataView, columnCount: number, emptyWord: number): void {
  const vtableWord = 2;
  const tableWord = 7;
  refer(template, 0, tableWord);
  template[1] = BATCH_IDENTIFIER;
  view.setUint16(vtableWord * 4, 4 + 7 * 2, true);
  view.setUint16(vtableWord * 4 + 2, 8 * 4, true);
  for (let field = 0; field < 7; field++) view.setUint16(vtableWord * 4 + 4 + field * 2, 4 + field * 4, true);
  template[tableWord] = (tableWord - vtableWord) * 4;
  refer(template, ROOT_OFFSETS_WORD, emptyWord);
  refer(template, ROOTS_WORD, emptyWord);
  refer(template, COLUMNS_WORD, COLUMN_COUNT_WORD);
  template[COLUMN_COUNT_WORD] = columnCount;
}

function writeColumnVtable(view: DataView, vtableWord: number, type: number): void {
  const at = vtableWord * 4;
  view.setUint16(at, 4 + COLUMN_FIELD_COUNT * 2, true);
  view.setUint16(at + 2, COLUMN_WORDS * 4, true);
  const setField = (field: number, offset: number): void => view.setUint16(at + 4 + field * 2, offset, true);
  setField(0, COLUMN_HEAD_WORD * 4);
  setField(1, COLUMN_HEAD_WORD * 4 + 1);
  setField(2, COLUMN_VALIDITY_WORD * 4);
  setField(dataFieldOfType[type]!, COLUMN_DATA_WORD * 4);
  if (hasOffsets(type)) setField(OFFSETS_FIELD, COLUMN_OFFSETS_WORD * 4);
}

function refer(template: Int32Array, fromWord: number, toWord: number): void {
  template[fromWord] = (toWord - fromWord) * 4;
}

export function alignUp(bytes: number): number {
  return (bytes + 7) & ~7;
}

/** Writes the length of a vector whose head stands at `cursor` (a multiple of 8), and the reference to it at `fromWord`. */
export function linkVector(words: Int32Array, fromWord: number, cursor: number, length: number): void {
  const lengthWord = (cursor >> 2) + 1;
  words[lengthWord] = length;
  words[fromWord] = (lengthWord - fromWord) << 2;
}
