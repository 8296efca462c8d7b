import type { Disk } from "../../base/disk.ts";

export interface RotatingFileOptions {
  readonly file: string;
  /** The file is put aside before it would become longer; one line may be longer than that by itself. */
  readonly maxBytes: number;
  /** Files that were put aside and are kept: `.1` is the newest. */
  readonly files: number;
}

/**
 * Appends lines to a file, and puts it aside when it is full. A line is never split over two files, and a line that
 * was torn by a full disk is ended before the next one begins.
 */
export class RotatingFile {
  readonly #disk: Disk;
  readonly #options: RotatingFileOptions;
  /** Null when it is not known: before the first line, and after a failure. */
  #bytes: number | null = null;
  #mayBeTorn = false;

  constructor(disk: Disk, options: RotatingFileOptions) {
    this.#disk = disk;
    this.#options = options;
  }

  /** Throws what the disk throws; the line is then lost, and the next call begins afresh. */
  writeLine(line: string): void {
    const data = Buffer.from(`${this.#mayBeTorn ? "\n" : ""}${line}\n`);
    this.#bytes ??= this.#disk.stat(this.#options.file)?.bytes ?? 0;
    if (this.#bytes > 0 && this.#bytes + data.length > this.#options.maxBytes) this.#putAside();
    const bytes = this.#bytes;
    this.#bytes = null;
    this.#mayBeTorn = true;
    this.#disk.append(this.#options.file, data);
    this.#bytes = bytes + data.length;
    this.#mayBeTorn = false;
  }

  #putAside(): void {
    const { file, files } = this.#options;
    // From the oldest on, so that a failure in between leaves a gap in the numbers and loses no file.
    for (let number = files - 1; number >= 1; number--) {
      if (this.#disk.stat(`${file}.${number}`) !== null)
        this.#disk.rename(`${file}.${number}`, `${file}.${number + 1}`);
    }
    this.#disk.rename(file, `${file}.1`);
    this.#bytes = 0;
  }
}
