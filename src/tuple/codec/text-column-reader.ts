import type { FrameMemory } from "../../base/frame-memory.ts";
import { invariant } from "../../base/invariant.ts";
import { COLUMN_DATA_WORD, COLUMN_HEAD_WORD, COLUMN_OFFSETS_WORD, ENCODING_UTF16 } from "./batch-layout.ts";
import { locateVector } from "./frame-bounds.ts";

/** Reads one string column: decodes all its characters by one call and cuts the rows out of the result. */
export class TextColumnReader {
  read(memory: FrameMemory, tableWord: number, count: number, end: number): string[] {
    const words = memory.int32;
    const offsetWord = locateVector(words, tableWord + COLUMN_OFFSETS_WORD, count + 1, 4, end) >> 2;
    const chars = words[offsetWord + count]!;
    const isWide = words[tableWord + COLUMN_HEAD_WORD]! >> 8 === ENCODING_UTF16;
    const bytes = isWide ? chars * 2 : chars;
    const at = locateVector(words, tableWord + COLUMN_DATA_WORD, bytes, 1, end);
    const text = memory.bytes.toString(isWide ? "utf16le" : "latin1", at, at + bytes);
    const values = new Array<string>(count);
    let from = 0;
    for (let i = 0; i < count; i++) {
      const to = words[offsetWord + i + 1]!;
      invariant(from <= to && to <= chars, "batch frame with positions out of order");
      values[i] = text.substring(from, to);
      from = to;
    }
    return values;
  }
}
