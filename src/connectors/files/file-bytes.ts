import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { FileRange } from "./divide-files.ts";
import { fileChanged, fileFailed } from "./file-failed.ts";
import type { ListedFile } from "./list-files.ts";
import type { FileAccess, FileFacts, ReadableFile } from "./local-files.ts";

/** The bytes of one file, or of a part of it, in order. What cannot be read is CONNECTOR_FAILED. */
export interface FileBytes {
  /** Fills the beginning of `room`; 0 only at the end. A promise where the bytes are not there yet. */
  read(room: Uint8Array): number | Promise<number>;
  /** After the last read: fails when the file is not what it was when it was found. */
  checkUnchanged(): void;
  close(): void;
}

/** Read beyond the end of a range at a time: its last line is mostly short. */
const BEYOND_BYTES = 4096;
const CONNECTOR = "fileSpout";

/** The bytes of a plain file from `from` on, and beyond the range's end as long as they are asked for. */
export class PlainBytes implements FileBytes {
  readonly #range: FileRange;
  readonly #file: ReadableFile;
  #position: number;

  constructor(range: FileRange, from: number, access: FileAccess) {
    this.#range = range;
    this.#position = from;
    this.#file = failing(range.file.path, "open", () => access.openToRead(range.file.path));
    try {
      this.checkUnchanged();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  read(room: Uint8Array): number {
    const { file, to } = this.#range;
    const wanted = Math.min(room.length, Math.max(to - this.#position, 0) + BEYOND_BYTES);
    const bytes = failing(file.path, "read", () => this.#file.read(room, 0, wanted, this.#position));
    if (bytes === 0 && this.#position < file.bytes) throw fileChanged(CONNECTOR, file.path, "was cut");
    this.#position += bytes;
    return bytes;
  }

  checkUnchanged(): void {
    const { file } = this.#range;
    checkFacts(
      file,
      failing(file.path, "stat", () => this.#file.facts()),
      "may grow",
    );
  }

  close(): void {
    this.#file.close();
  }
}

/** What a gzip file holds, from its beginning. */
export class GzipBytes implements FileBytes {
  readonly #file: ListedFile;
  readonly #access: FileAccess;
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(file: ListedFile, access: FileAccess) {
    this.#file = file;
    this.#access = access;
    this.checkUnchanged();
    const gunzip = createGunzip({ chunkSize: 128 * 1024 });
    // An error of either of the two comes out of the second, where it is waited for.
    this.#stream = pipeline(access.stream(file.path), gunzip, () => {});
    this.#chunks = this.#stream[Symbol.asyncIterator]();
  }

  read(room: Uint8Array): number | Promise<number> {
    return this.#rest.length > 0 ? this.#give(room) : this.#readOn(room);
  }

  async #readOn(room: Uint8Array): Promise<number> {
    try {
      const { done, value } = await this.#chunks.next();
      if (done === true) return 0;
      this.#rest = value;
    } catch (error) {
      throw fileFailed(CONNECTOR, "unpack", this.#file.path, error);
    }
    return this.#give(room);
  }

  #give(room: Uint8Array): number {
    const part = this.#rest.subarray(0, room.length);
    room.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }

  checkUnchanged(): void {
    const { path } = this.#file;
    const facts = failing(path, "stat", () => this.#access.facts(path));
    checkFacts(this.#file, facts, "may not grow");
  }

  close(): void {
    this.#stream.destroy();
  }
}

/** True for a file that begins as gzip files do. */
export function beginsAsGzip(path: string, access: FileAccess): boolean {
  return failing(path, "read", () => {
    const file = access.openToRead(path);
    try {
      const beginning = new Uint8Array(2);
      return file.read(beginning, 0, 2, 0) === 2 && beginning[0] === 0x1f && beginning[1] === 0x8b;
    } finally {
      file.close();
    }
  });
}

function checkFacts(file: ListedFile, facts: FileFacts | null, growth: "may grow" | "may not grow"): void {
  if (facts === null) throw fileChanged(CONNECTOR, file.path, "was removed");
  if (facts.device !== file.device || facts.inode !== file.inode)
    throw fileChanged(CONNECTOR, file.path, "was replaced by another");
  if (facts.bytes < file.bytes) throw fileChanged(CONNECTOR, file.path, "was cut");
  const isGrown = facts.bytes > file.bytes && growth === "may grow";
  if (!isGrown && facts.modifiedMs !== file.modifiedMs) throw fileChanged(CONNECTOR, file.path, "was changed");
}

function failing<R>(path: string, operation: string, call: () => R): R {
  try {
    return call();
  } catch (error) {
    throw fileFailed(CONNECTOR, operation, path, error);
  }
}
