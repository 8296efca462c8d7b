import { closeSync, openSync, readSync } from "node:fs";
import type { FileRange } from "./text-files.ts";
import { isApostrophe, lastBreakBefore, TOO_LONG_RUN } from "./words.ts";

const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

/** Longer lines come in pieces, cut where no word is cut. */
export const PIECE_UNITS_MAX = 16 * 1024;

/**
 * Reads the lines that begin within a range of a file, with memory bounded by the chunk, however long a line is.
 *
 * A range owns the lines that begin in it: it skips the line that began before, and finishes the one it is in at its
 * end. So the ranges of a file cover it exactly, wherever it was cut. Reads are synchronous: meant for local disks.
 */
export class TextRangeReader {
  readonly #path: string;
  readonly #to: number;
  readonly #chunk: Buffer;
  #file: number;
  /** Where the next read starts. */
  #position: number;
  /** A range in mid-file first skips the line that its first byte belongs to. */
  #skipping: boolean;
  #endOfRange = false;
  /** Bytes of an unfinished character at the end of the last chunk; they stand at the front of `#chunk`. */
  #heldBytes = 0;
  #text = "";
  #at = 0;
  /** Bytes and lines of this range so far. */
  bytes = 0;
  lines = 0;

  /** `chunk` is the caller's, so that a task can use one for all its files; at least 4 bytes. */
  constructor(range: FileRange, chunk: Buffer = Buffer.allocUnsafe(CHUNK_BYTES)) {
    this.#path = range.path;
    this.#to = range.to;
    this.#chunk = chunk;
    this.#file = openSync(this.#path, "r");
    // One byte early: when that byte ends a line, the line that begins at `from` is ours.
    this.#skipping = range.from > 0;
    this.#position = this.#skipping ? range.from - 1 : 0;
    if (range.from === range.to) this.#endOfRange = true;
  }

  /** The next line without its line feed, or the next piece of a long one; null at the end of the range. */
  next(): string | null {
    while (true) {
      const lineFeed = this.#text.indexOf("\n", this.#at);
      const end = lineFeed < 0 ? this.#text.length : lineFeed;
      if (end - this.#at > PIECE_UNITS_MAX) {
        const piece = this.#cutPiece();
        if (piece !== null) return piece;
      } else if (lineFeed >= 0) {
        this.lines++;
        return this.#takeUntil(lineFeed, lineFeed + 1);
      } else if (!this.#endOfRange) {
        this.#readOn();
      } else if (this.#at < end) {
        this.lines++;
        return this.#takeUntil(end, end);
      } else {
        return null;
      }
    }
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  #takeUntil(end: number, next: number): string {
    const line = this.#text.slice(this.#at, end);
    this.#at = next;
    return line;
  }

  /** Takes a piece off a long line. Null when the text begins with a run so long that it was cut down instead. */
  #cutPiece(): string | null {
    const end = this.#at + PIECE_UNITS_MAX;
    const cut = this.#at + lastBreakBefore(this.#text.slice(this.#at, end + 1), PIECE_UNITS_MAX);
    if (cut > this.#at) return this.#takeUntil(cut, cut);
    // What follows a cut must not see half a character, nor lose an apostrophe that may join it to the run.
    const isPairCut = this.#text.codePointAt(end - 1)! > 0xffff;
    const next = isPairCut ? end - 1 : end;
    const kept = isApostrophe(this.#text, next - 1) ? TOO_LONG_RUN + this.#text.charAt(next - 1) : TOO_LONG_RUN;
    this.#text = kept + this.#text.slice(next);
    this.#at = 0;
    return null;
  }

  /** Reads a chunk and puts its text behind what is left of the last one. */
  #readOn(): void {
    const chunkPosition = this.#position - this.#heldBytes;
    const room = this.#chunk.length - this.#heldBytes;
    const read = readSync(this.#file, this.#chunk, this.#heldBytes, room, this.#position);
    this.#position += read;
    const filled = this.#heldBytes + read;
    const start = this.#skipping ? this.#skipToLine(chunkPosition, filled) : 0;
    const end = this.#endWithin(chunkPosition, start, filled);
    if (read === 0) this.#endOfRange = true;
    const textEnd = this.#endOfRange ? end : endOfWholeCharacters(this.#chunk, start, end);
    this.bytes += textEnd - start;
    this.#text = this.#text.slice(this.#at) + this.#chunk.toString("utf8", start, textEnd);
    this.#at = 0;
    this.#heldBytes = end - textEnd;
    this.#chunk.copyWithin(0, textEnd, end);
  }

  /** Where the first line that begins in this range stands in the chunk; the chunk's end when it is further on. */
  #skipToLine(chunkPosition: number, filled: number): number {
    const lineFeed = this.#chunk.subarray(0, filled).indexOf(LINE_FEED);
    if (lineFeed >= 0) this.#skipping = false;
    const start = lineFeed < 0 ? filled : lineFeed + 1;
    // The line that began before this range may end behind it: then no line begins in it.
    if (chunkPosition + start >= this.#to) this.#endOfRange = true;
    return start;
  }

  /** Where this range ends in the chunk: behind the line feed of the line that its last byte belongs to. */
  #endWithin(chunkPosition: number, start: number, filled: number): number {
    if (this.#endOfRange) return start;
    const lastByte = Math.max(start, this.#to - 1 - chunkPosition);
    if (lastByte >= filled) return filled;
    const lineFeed = this.#chunk.subarray(0, filled).indexOf(LINE_FEED, lastByte);
    if (lineFeed < 0) return filled;
    this.#endOfRange = true;
    return lineFeed + 1;
  }
}

/**
 * Where the bytes can be cut without cutting a character: before the last lead byte when it is among the last three,
 * else at the end. A byte that continues nothing is replaced on either side of any cut, so it needs no care.
 */
function endOfWholeCharacters(bytes: Buffer, start: number, end: number): number {
  for (let at = end - 1; at >= start && at >= end - 3; at--) {
    if (bytes[at]! >= 0xc0) return at;
    if (bytes[at]! < 0x80) return end;
  }
  return end;
}
