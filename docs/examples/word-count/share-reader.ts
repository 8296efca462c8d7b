import { type FileRange, reasonOf, type UnreadablePath } from "./text-files.ts";
import { TextRangeReader } from "./text-range-reader.ts";

/** What was read since the last time that somebody asked. */
export interface ReadProgress {
  /** Files whose first range was read to its end. */
  files: number;
  bytes: number;
  lines: number;
}

const CHUNK_BYTES = 256 * 1024;

/** Reads the lines of one task's share of the files. What cannot be read is reported and left; the rest goes on. */
export class ShareReader {
  readonly #ranges: FileRange[];
  readonly #onUnreadable: (unreadable: UnreadablePath) => void;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  #range: FileRange | null = null;
  #reader: TextRangeReader | null = null;
  #progress: ReadProgress = { files: 0, bytes: 0, lines: 0 };

  constructor(ranges: readonly FileRange[], onUnreadable: (unreadable: UnreadablePath) => void) {
    this.#ranges = [...ranges].reverse();
    this.#onUnreadable = onUnreadable;
  }

  /** The next line that is not empty, or the next piece of a long one; null when the share is done. */
  next(): string | null {
    while (this.#reader !== null || this.#openNext()) {
      const line = this.#read();
      if (line === null) this.#endRange();
      else if (line !== "") return line;
    }
    return null;
  }

  /** Bytes read since the last `takeProgress`. */
  get bytesRead(): number {
    return this.#progress.bytes + (this.#reader?.bytes ?? 0);
  }

  takeProgress(): ReadProgress {
    this.#addProgress();
    const taken = this.#progress;
    this.#progress = { files: 0, bytes: 0, lines: 0 };
    return taken;
  }

  /** Closes the file that is open. */
  close(): void {
    this.#addProgress();
    this.#reader?.close();
    this.#reader = null;
  }

  /** False when no range is left. True says nothing about success: `#read` finds no reader when it could not open. */
  #openNext(): boolean {
    const range = this.#ranges.pop();
    if (range === undefined) return false;
    this.#range = range;
    try {
      this.#reader = new TextRangeReader(range, this.#chunk);
    } catch (error) {
      this.#report(error);
    }
    return true;
  }

  #read(): string | null {
    try {
      return this.#reader?.next() ?? null;
    } catch (error) {
      this.#report(error);
      return null;
    }
  }

  #endRange(): void {
    if (this.#reader !== null && this.#range!.from === 0) this.#progress.files++;
    this.close();
  }

  #report(error: unknown): void {
    this.#onUnreadable({ path: this.#range!.path, reason: reasonOf(error) });
    this.close();
  }

  #addProgress(): void {
    if (this.#reader === null) return;
    this.#progress.bytes += this.#reader.bytes;
    this.#progress.lines += this.#reader.lines;
    this.#reader.bytes = 0;
    this.#reader.lines = 0;
  }
}
