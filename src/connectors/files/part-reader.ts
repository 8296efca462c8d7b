import { fileFailed } from "./file-failed.ts";
import { BUFFER_BYTES, LineScanner } from "./line-scanner.ts";
import type { FileAccess, ReadableFile } from "./local-files.ts";

/** A record of a part. */
export interface PartRecord {
  /** The name that the part has when it is complete. */
  readonly path: string;
  /** Where the record begins, in bytes. */
  readonly offset: number;
  /** Without its line end. */
  readonly text: string;
}

export interface PartReaderSettings {
  readonly finishedPath: string;
  readonly growingPath: string;
  /** See `wholeRecordBytes`. */
  readonly quote: string | null;
  readonly hasHeader: boolean;
  readonly access: FileAccess;
}

/** What `fileBolt` wrote has no longer records than a tuple can be. */
const LINE_BYTES_MAX = 1024 * 1024 * 1024;

/**
 * Reads the whole records of one part, from where it was the last time. The file stays the same one when it is
 * renamed, so what was open before its completion is read on.
 */
export class PartReader {
  readonly #settings: PartReaderSettings;
  #file: ReadableFile | null = null;
  #scanner: LineScanner | null = null;
  /** Of the next byte that is read. */
  #position = 0;
  /** The beginning of a record whose line ends are in quotes. */
  #open: { readonly offset: number; text: string } | null = null;
  #isHeaderNext: boolean;
  #isOver = false;

  constructor(settings: PartReaderSettings) {
    this.#settings = settings;
    this.#isHeaderNext = settings.hasHeader;
  }

  /** What has come since the last call. */
  *records(): Generator<PartRecord, void, undefined> {
    if (this.#isOver) return;
    // Before the reading: what is complete now does not grow any more.
    const isComplete = this.#isComplete();
    if (!this.#openFile()) return;
    this.#noteCut();
    for (;;) {
      for (let line = this.#nextLine(); line !== null; line = this.#nextLine()) {
        const record = this.#take(line);
        if (record !== null) yield record;
      }
      if (!this.#readOn()) break;
    }
    if (!isComplete) return;
    this.#isOver = true;
    this.close();
  }

  close(): void {
    this.#file?.close();
    this.#file = null;
    this.#scanner = null;
  }

  #nextLine(): string | null {
    return this.#scanner === null ? null : this.#scanner.next();
  }

  #take(line: string): PartRecord | null {
    const { finishedPath, quote } = this.#settings;
    const offset = this.#open?.offset ?? this.#scanner!.lineOffset;
    const text = this.#open === null ? line : `${this.#open.text}\n${line}`;
    if (quote !== null && countOf(text, quote) % 2 === 1) {
      this.#open = { offset, text };
      return null;
    }
    this.#open = null;
    if (!this.#isHeaderNext) return { path: finishedPath, offset, text };
    this.#isHeaderNext = false;
    return null;
  }

  #isComplete(): boolean {
    return this.#calling("stat", () => this.#settings.access.facts(this.#settings.finishedPath) !== null);
  }

  /** Under the one name or the other; false when it is gone from both. */
  #openFile(): boolean {
    if (this.#file !== null) return true;
    const { access, growingPath, finishedPath } = this.#settings;
    // It may be renamed between two looks, but only once.
    for (const path of [growingPath, finishedPath]) {
      try {
        this.#file = access.openToRead(path);
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw fileFailed("readParts", "open", path, error);
      }
    }
    this.#isOver = true;
    return false;
  }

  /** A writer that could not write cuts its part back: what comes then stands where the rest was. */
  #noteCut(): void {
    const { bytes } = this.#calling("stat", () => this.#file!.facts());
    if (this.#scanner === null || bytes < this.#position) this.#startAt(this.#scanner === null ? 0 : bytes);
  }

  #startAt(offset: number): void {
    this.#position = offset;
    this.#open = null;
    if (offset === 0) this.#isHeaderNext = this.#settings.hasHeader;
    this.#scanner = new LineScanner({
      offset,
      to: Number.POSITIVE_INFINITY,
      isMidLine: false,
      lineBytesMax: LINE_BYTES_MAX,
      buffer: Buffer.allocUnsafe(BUFFER_BYTES / 4),
      keepsReturns: true,
      onLongLine: () => {},
    });
  }

  /** False when there is no more for now. */
  #readOn(): boolean {
    const room = this.#scanner!.room();
    const bytes = this.#calling("read", () => this.#file!.read(room, 0, room.length, this.#position));
    this.#position += bytes;
    this.#scanner!.filled(bytes);
    return bytes > 0;
  }

  #calling<R>(operation: string, call: () => R): R {
    try {
      return call();
    } catch (error) {
      throw fileFailed("readParts", operation, this.#settings.finishedPath, error);
    }
  }
}

function countOf(text: string, sign: string): number {
  let count = 0;
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) count++;
  return count;
}
