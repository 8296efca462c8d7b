import type { FrameMemory } from "../../base/frame-memory.ts";
import { invariant } from "../../base/invariant.ts";
import { COLUMN_DATA_WORD, COLUMN_HEAD_WORD, COLUMN_OFFSETS_WORD, ENCODING_UTF16 } from "./batch-layout.ts";
import { locateVector } from "./frame-bounds.ts";
import { INTERNED_CHARS_MAX, TextIntern } from "./text-intern.ts";

/**
 * Reads one string column: decodes all its characters by one call and cuts the rows out of the result. For a key
 * column, whose strings a consumer will look up, it first tries to find the string that it gave for the same
 * characters before.
 */
export class TextColumnReader {
  readonly #intern: TextIntern | null;

  constructor(isKey: boolean) {
    this.#intern = isKey ? new TextIntern() : null;
  }

  read(memory: FrameMemory, tableWord: number, count: number, end: number): string[] {
    const words = memory.int32;
    const offsetWord = locateVector(words, tableWord + COLUMN_OFFSETS_WORD, count + 1, 4, end) >> 2;
    const chars = words[offsetWord + count]!;
    const isWide = words[tableWord + COLUMN_HEAD_WORD]! >> 8 === ENCODING_UTF16;
    const bytes = isWide ? chars * 2 : chars;
    const at = locateVector(words, tableWord + COLUMN_DATA_WORD, bytes, 1, end);
    // The intern table reads whole words, so up to three bytes behind the last character.
    const canIntern = this.#intern !== null && !isWide && at + chars + 3 <= memory.bytes.length;
    if (canIntern && this.#intern.isWorthwhile(count)) {
      return readInterned(memory, offsetWord, at, count, this.#intern);
    }
    return cutRows(memory.bytes.toString(isWide ? "utf16le" : "latin1", at, at + bytes), words, offsetWord, count);
  }
}

function cutRows(text: string, words: Int32Array, offsetWord: number, count: number): string[] {
  const values = new Array<string>(count);
  let from = 0;
  for (let i = 0; i < count; i++) {
    const to = words[offsetWord + i + 1]!;
    invariant(from <= to && to <= text.length, "batch frame with positions out of order");
    values[i] = text.substring(from, to);
    from = to;
  }
  return values;
}

function readInterned(
  memory: FrameMemory,
  offsetWord: number,
  at: number,
  count: number,
  intern: TextIntern,
): string[] {
  const words = memory.int32;
  const view = memory.view;
  const chars = words[offsetWord + count]!;
  const values = new Array<string>(count);
  let text: string | null = null; // Decoded when the first string is not found.
  let from = 0;
  for (let i = 0; i < count; i++) {
    const to = words[offsetWord + i + 1]!;
    invariant(from <= to && to <= chars, "batch frame with positions out of order");
    const length = to - from;
    const isShort = length > 0 && length <= INTERNED_CHARS_MAX;
    let value = isShort ? intern.find(view, at + from, length) : null;
    if (value === null) {
      text ??= memory.bytes.toString("latin1", at, at + chars);
      value = text.substring(from, to);
      if (isShort) intern.remember(value);
    }
    values[i] = value;
    from = to;
  }
  return values;
}
