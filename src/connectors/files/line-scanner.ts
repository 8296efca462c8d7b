import { isAscii } from "node:buffer";

export interface ScannerSettings {
  /** Of the first byte that the scanner is given. */
  readonly offset: number;
  /** Lines that begin there or later belong to others. */
  readonly to: number;
  /** A range in mid-file first skips the line that its first byte belongs to. */
  readonly isMidLine: boolean;
  /** Longer lines are left out. Without their line end. */
  readonly lineBytesMax: number;
  /** A carriage return before the line feed belongs to the line: it may stand in quotes. */
  readonly keepsReturns?: boolean;
  /** To begin with; a scanner that needs more makes a buffer of its own. */
  readonly buffer?: Buffer;
  /** Hears of a line that is too long: where it begins, and its first bytes, good until the call returns. */
  readonly onLongLine: (offset: number, beginning: Uint8Array) => void;
}

const LINE_FEED = 0x0a;
const RETURN = 0x0d;
/** Of a scanner's buffer, unless a line is longer. */
export const BUFFER_BYTES = 256 * 1024;
/**
 * So much is made text at a time. A line is a slice of it, which keeps the whole of it in memory: a program that
 * keeps one line of each piece keeps all pieces.
 */
const PIECE_BYTES = 16 * 1024;
/** Of the mark that a file of UTF-8 may begin with. */
const MARK_BYTES = 3;
const NO_TEXT = "";

/**
 * Finds lines in bytes that come in chunks, with memory bounded by the longest line that is allowed.
 *
 * A range owns the lines that begin in it, and finishes the last one beyond its end. So the ranges of a file cover it
 * exactly, wherever it is cut. The caller fills: `room` says where to, `filled` how much came, `end` that no more
 * will.
 */
export class LineScanner {
  readonly #settings: ScannerSettings;
  readonly #stripsReturns: boolean;
  /** Of the settings; behind the byte order mark, if there is one, since the first line begins before it. */
  #to: number;
  readonly #lineBytesMax: number;
  #buffer: Buffer;
  /** What is in the buffer and not a part of the text below: from `#start` to `#filled`. */
  #start = 0;
  #filled = 0;
  /** Of the buffer's first byte, in the source. */
  #bufferOffset: number;
  #isSkipping: boolean;
  #isComplete = false;
  #isOver = false;
  /** Whole lines of plain ASCII, and the last line of the source. */
  #text = NO_TEXT;
  #at = 0;
  #textOffset = 0;
  /** Up to here in the buffer lines are made text one by one. */
  #wideEnd = 0;
  /** Where the last line began, and where the one after it begins. */
  lineOffset: number;
  nextOffset: number;

  constructor(settings: ScannerSettings) {
    this.#settings = settings;
    this.#to = settings.to;
    this.#buffer = settings.buffer ?? Buffer.allocUnsafe(BUFFER_BYTES);
    this.#stripsReturns = settings.keepsReturns !== true;
    this.#lineBytesMax = settings.lineBytesMax;
    this.#bufferOffset = settings.offset;
    this.#isSkipping = settings.isMidLine;
    this.lineOffset = settings.offset;
    this.nextOffset = settings.offset;
  }

  /** True when there will be no more lines. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The next line without its end; null when bytes are needed, or none will help. */
  next(): string | null {
    for (;;) {
      if (this.#at < this.#text.length) {
        const line = this.#nextOfText();
        if (line !== null) return line;
      } else if (this.#start < this.#wideEnd) {
        const line = this.#nextWide();
        if (line !== null) return line;
      } else if (!this.#takePiece()) {
        return null;
      }
    }
  }

  /** Where the next bytes go. Call `filled` before `next`. */
  room(): Uint8Array {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#filled);
      this.#bufferOffset += this.#start;
      this.#wideEnd = 0;
      this.#filled -= this.#start;
      this.#start = 0;
    }
    if (this.#filled === this.#buffer.length) {
      const longer = Buffer.allocUnsafe(Math.min(this.#buffer.length * 2, this.#lineBytesMax + BUFFER_BYTES));
      this.#buffer.copy(longer);
      this.#buffer = longer;
    }
    return this.#buffer.subarray(this.#filled);
  }

  filled(bytes: number): void {
    this.#filled += bytes;
  }

  /** The source has no more bytes. */
  end(): void {
    this.#isComplete = true;
  }

  #nextOfText(): string | null {
    const text = this.#text;
    const at = this.#at;
    const feed = text.indexOf("\n", at);
    let end = feed < 0 ? text.length : feed;
    this.#at = end + 1;
    this.lineOffset = this.#textOffset + at;
    this.nextOffset = feed < 0 ? this.#textOffset + end : this.#textOffset + end + 1;
    if (this.#stripsReturns && end > at && text.charCodeAt(end - 1) === RETURN) end--;
    if (end - at > this.#lineBytesMax) {
      this.#settings.onLongLine(this.lineOffset, Buffer.from(text.slice(at, end), "latin1"));
      return null;
    }
    return text.slice(at, end);
  }

  /** A line that may hold any characters. */
  #nextWide(): string | null {
    const start = this.#start;
    const feed = this.#buffer.indexOf(LINE_FEED, start);
    const isLast = feed < 0 || feed >= this.#wideEnd;
    let end = isLast ? this.#wideEnd : feed;
    this.#start = isLast ? end : end + 1;
    this.lineOffset = this.#bufferOffset + start;
    this.nextOffset = this.#bufferOffset + this.#start;
    if (this.#stripsReturns && end > start && this.#buffer[end - 1] === RETURN) end--;
    if (end - start > this.#lineBytesMax) {
      this.#settings.onLongLine(this.lineOffset, this.#buffer.subarray(start, end));
      return null;
    }
    return this.#buffer.toString("utf8", start, end);
  }

  /** Makes text of the next whole lines. False when there are none in the buffer. */
  #takePiece(): boolean {
    if (this.#isOver || !this.#skipByteOrderMark() || !this.#skipToLine()) return false;
    if (this.#bufferOffset + this.#start >= this.#to) return this.#finish();
    const end = this.#endOfPiece();
    if (end < 0) return this.#isOver ? false : this.#waitForLine();
    const piece = this.#buffer.subarray(this.#start, end);
    if (isAscii(piece)) {
      this.#text = piece.toString("latin1");
      this.#at = 0;
      this.#textOffset = this.#bufferOffset + this.#start;
      this.#start = end;
    } else {
      this.#wideEnd = end;
    }
    return true;
  }

  /** Where the last whole line within reach ends; -1 when there is none. */
  #endOfPiece(): number {
    const reach = Math.min(this.#start + PIECE_BYTES, this.#filled);
    let feed = this.#buffer.lastIndexOf(LINE_FEED, reach - 1);
    if (feed < this.#start || reach === this.#start) feed = this.#feedFrom(reach);
    if (feed < 0) {
      const isLastLine = this.#isComplete && this.#start < this.#filled;
      if (this.#isComplete && !isLastLine) this.#finish();
      return isLastLine ? this.#filled : -1;
    }
    // The line that the last byte of the range belongs to is the last one.
    const lastByte = this.#to - 1 - this.#bufferOffset;
    return lastByte < feed ? this.#feedFrom(Math.max(this.#start, lastByte)) + 1 : feed + 1;
  }

  /** The first line feed from there on; -1 when there is none. */
  #feedFrom(at: number): number {
    if (at >= this.#filled) return -1;
    const feed = this.#buffer.indexOf(LINE_FEED, at);
    return feed >= this.#filled ? -1 : feed;
  }

  /** A line is not complete. False always: bytes are needed. */
  #waitForLine(): boolean {
    // A return and a feed may still end a line that is just long enough.
    if (this.#filled - this.#start <= this.#lineBytesMax + 1) return false;
    this.#settings.onLongLine(this.#bufferOffset + this.#start, this.#buffer.subarray(this.#start, this.#filled));
    this.#isSkipping = true;
    return this.#takePiece();
  }

  /** False while it is not known where the next line begins. */
  #skipToLine(): boolean {
    if (!this.#isSkipping) return true;
    const feed = this.#feedFrom(this.#start);
    this.#start = feed < 0 ? this.#filled : feed + 1;
    this.nextOffset = this.#bufferOffset + this.#start;
    if (feed >= 0) this.#isSkipping = false;
    // What is skipped beyond the range's end belongs to a line that began before.
    else if (this.#isComplete || this.nextOffset >= this.#to) this.#finish();
    return feed >= 0;
  }

  /** At the beginning of a file. False while it is too short to tell. */
  #skipByteOrderMark(): boolean {
    if (this.#bufferOffset + this.#start > 0) return true;
    if (this.#filled < MARK_BYTES && !this.#isComplete) return false;
    if (this.#filled >= MARK_BYTES && this.#buffer.readUIntBE(0, MARK_BYTES) === 0xefbbbf) {
      this.#start = MARK_BYTES;
      this.#to = Math.max(this.#to, MARK_BYTES + 1);
    }
    return true;
  }

  #finish(): boolean {
    this.#isOver = true;
    return false;
  }
}
