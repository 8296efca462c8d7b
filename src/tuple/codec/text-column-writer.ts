import type { FrameMemory } from "../../base/frame-memory.ts";
import {
  alignUp,
  COLUMN_DATA_WORD,
  COLUMN_HEAD_WORD,
  COLUMN_OFFSETS_WORD,
  ENCODING_UTF16,
  linkVector,
  VECTOR_HEAD_BYTES,
} from "./batch-layout.ts";

/** Up to so many rows and characters, loops over the characters are cheaper than calls into the runtime (about 50 ns each). */
const LOOP_ROWS_MAX = 8;
const LOOP_CHARS_MAX = 96;

/**
 * Writes one string column: one byte a character when all are ASCII, else UTF-16, which also keeps lone surrogates.
 *
 * A batch's strings are concatenated and written by a single call. In a batch of a few short strings a loop sees every
 * character, so that one byte serves all of Latin-1 there.
 */
export class TextColumnWriter {
  /** All strings of the batch in one; "" when the loops write it. */
  #text = "";
  #chars = 0;
  #isWide = false;

  /** Looks at the rows and returns a bound of the bytes that `write` will take. */
  prepare(column: readonly (string | null)[], from: number, to: number): number {
    const rows = to - from;
    const offsetsBytes = VECTOR_HEAD_BYTES + alignUp((rows + 1) * 4);
    this.#text = "";
    if (rows <= LOOP_ROWS_MAX) {
      const chars = countChars(column, from, to);
      if (chars <= LOOP_CHARS_MAX) {
        this.#chars = chars;
        return offsetsBytes + VECTOR_HEAD_BYTES + alignUp(chars * 2);
      }
    }
    const text = concatenate(column, from, to);
    this.#text = text;
    this.#chars = text.length;
    this.#isWide = Buffer.byteLength(text) !== text.length;
    return offsetsBytes + VECTOR_HEAD_BYTES + alignUp(this.#isWide ? text.length * 2 : text.length);
  }

  /** Writes both vectors at `cursor`, refers to them from the table at `tableWord`, and returns the cursor behind them. */
  write(
    memory: FrameMemory,
    tableWord: number,
    cursor: number,
    column: readonly (string | null)[],
    from: number,
    to: number,
  ): number {
    const words = memory.int32;
    const rows = to - from;
    linkVector(words, tableWord + COLUMN_OFFSETS_WORD, cursor, rows + 1);
    writeOffsets(words, (cursor + VECTOR_HEAD_BYTES) >> 2, column, from, to);
    const dataCursor = cursor + VECTOR_HEAD_BYTES + alignUp((rows + 1) * 4);
    const at = dataCursor + VECTOR_HEAD_BYTES;
    const bytes = this.#writeChars(memory, at, column, from, to);
    linkVector(words, tableWord + COLUMN_DATA_WORD, dataCursor, bytes);
    if (this.#isWide) {
      words[tableWord + COLUMN_HEAD_WORD] = words[tableWord + COLUMN_HEAD_WORD]! | (ENCODING_UTF16 << 8);
    }
    this.#text = ""; // A rope of a whole batch must not live until the next one.
    return at + alignUp(bytes);
  }

  #writeChars(memory: FrameMemory, at: number, column: readonly (string | null)[], from: number, to: number): number {
    const chars = this.#chars;
    if (this.#text === "") {
      this.#isWide = !tryWriteLatin1(memory.bytes, at, column, from, to);
      if (this.#isWide) writeUtf16(memory.uint16, at >> 1, column, from, to);
    } else if (this.#isWide) {
      memory.bytes.write(this.#text, at, chars * 2, "utf16le");
    } else {
      memory.bytes.write(this.#text, at, chars, "latin1");
    }
    return this.#isWide ? chars * 2 : chars;
  }
}

function countChars(column: readonly (string | null)[], from: number, to: number): number {
  let chars = 0;
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (value !== null) chars += value.length;
  }
  return chars;
}

function concatenate(column: readonly (string | null)[], from: number, to: number): string {
  let text = "";
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (value !== null) text += value;
  }
  return text;
}

function writeOffsets(
  words: Int32Array,
  first: number,
  column: readonly (string | null)[],
  from: number,
  to: number,
): void {
  let end = 0;
  words[first] = 0;
  const shift = first + 1 - from;
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (value !== null) end += value.length;
    words[shift + i] = end;
  }
}

/** False when a character does not fit into one byte; what was written until then is of no use. */
function tryWriteLatin1(
  bytes: Uint8Array,
  at: number,
  column: readonly (string | null)[],
  from: number,
  to: number,
): boolean {
  let cursor = at;
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (value === null) continue;
    for (let j = 0; j < value.length; j++) {
      const code = value.charCodeAt(j);
      if (code > 0xff) return false;
      bytes[cursor++] = code;
    }
  }
  return true;
}

function writeUtf16(
  units: Uint16Array,
  at: number,
  column: readonly (string | null)[],
  from: number,
  to: number,
): void {
  let cursor = at;
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (value === null) continue;
    for (let j = 0; j < value.length; j++) units[cursor++] = value.charCodeAt(j);
  }
}
