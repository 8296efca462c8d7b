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

/**
 * Up to so many rows and characters, loops over the characters are cheaper than calls into the runtime (about 50 ns
 * each).
 */
const LOOP_ROWS_MAX = 8;
const LOOP_CHARS_MAX = 96;
/**
 * From here on the text's width is looked at beforehand, so that a long text does not ask for twice the room that it
 * needs.
 */
const MEASURED_CHARS_MIN = 8192;
const FIRST_ENDS = 32;

/**
 * Writes one string column: one byte a character when all are ASCII, else UTF-16, which also keeps lone surrogates.
 *
 * A batch's strings are concatenated and written by a single call, as UTF-8 with room for four bytes more than
 * characters: as many bytes as characters then prove that all are ASCII, since a character that needs more could not
 * have been cut off before the count of bytes was passed. In a batch of a few short strings a loop sees every
 * character, so that one byte serves all of Latin-1 there.
 */
export class TextColumnWriter {
  /** All strings of the batch in one; "" when the loops write it. */
  #text = "";
  #chars = 0;
  /** Where each row ends, for batches that the loops do not write: taken while the strings are in hand anyway. */
  #ends = new Int32Array(FIRST_ENDS);
  /** Known before the write only for long texts. */
  #isWide = false;

  /** Looks at the rows and returns a bound of the bytes that `write` will take. */
  prepare(column: readonly (string | null)[], from: number, to: number): number {
    const rows = to - from;
    const headBytes = 2 * VECTOR_HEAD_BYTES + alignUp((rows + 1) * 4);
    this.#text = "";
    this.#isWide = false;
    if (rows <= LOOP_ROWS_MAX) {
      this.#chars = countChars(column, from, to);
      if (this.#chars <= LOOP_CHARS_MAX) return headBytes + alignUp(this.#chars * 2);
    }
    if (this.#ends.length < rows) this.#ends = new Int32Array(Math.max(rows, this.#ends.length * 2));
    const text = concatenate(column, from, to, this.#ends);
    const chars = text.length;
    this.#text = text;
    this.#chars = chars;
    if (chars < MEASURED_CHARS_MIN) return headBytes + alignUp(chars * 2 + ASCII_PROOF_BYTES);
    this.#isWide = Buffer.byteLength(text) !== chars;
    return headBytes + alignUp(this.#isWide ? chars * 2 : chars + ASCII_PROOF_BYTES);
  }

  /**
   * Writes both vectors at `cursor`, refers to them from the table at `tableWord`, and returns the cursor behind
   * them.
   */
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
    const firstOffset = (cursor + VECTOR_HEAD_BYTES) >> 2;
    const dataCursor = cursor + VECTOR_HEAD_BYTES + alignUp((rows + 1) * 4);
    const at = dataCursor + VECTOR_HEAD_BYTES;
    words[firstOffset] = 0;
    if (this.#text === "") {
      writeOffsets(words, firstOffset, column, from, to);
      this.#isWide = !tryWriteLatin1(memory.bytes, at, column, from, to);
      if (this.#isWide) writeUtf16(memory.uint16, at >> 1, column, from, to);
    } else {
      const ends = this.#ends;
      for (let i = 0; i < rows; i++) words[firstOffset + 1 + i] = ends[i]!;
      this.#isWide ||= !tryWriteAscii(memory.bytes, at, this.#text);
      if (this.#isWide) memory.bytes.write(this.#text, at, this.#chars * 2, "utf16le");
      this.#text = ""; // A rope of a whole batch must not live until the next one.
    }
    const bytes = this.#isWide ? this.#chars * 2 : this.#chars;
    linkVector(words, tableWord + COLUMN_DATA_WORD, dataCursor, bytes);
    if (this.#isWide) {
      words[tableWord + COLUMN_HEAD_WORD] = words[tableWord + COLUMN_HEAD_WORD]! | (ENCODING_UTF16 << 8);
    }
    return at + alignUp(bytes);
  }
}

/**
 * The room beyond the characters: one that needs several bytes is then either written in full or leaves less than
 * four.
 */
const ASCII_PROOF_BYTES = 4;

function tryWriteAscii(bytes: Buffer, at: number, text: string): boolean {
  return bytes.write(text, at, text.length + ASCII_PROOF_BYTES, "utf8") === text.length;
}

function countChars(column: readonly (string | null)[], from: number, to: number): number {
  let chars = 0;
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (value !== null) chars += value.length;
  }
  return chars;
}

function concatenate(column: readonly (string | null)[], from: number, to: number, ends: Int32Array): string {
  let text = "";
  let end = 0;
  for (let i = from; i < to; i++) {
    const value = column[i]!;
    if (value !== null) {
      text += value;
      end += value.length;
    }
    ends[i - from] = end;
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
