import * as fs from "node:fs";
import { dirname } from "node:path";
import type { Readable } from "node:stream";

/** What tells one file, and one state of it, from another. */
export interface FileFacts {
  readonly kind: "file" | "folder" | "other";
  readonly bytes: number;
  readonly device: number;
  readonly inode: number;
  readonly modifiedMs: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "other";
}

/** A file opened for reading. */
export interface ReadableFile {
  facts(): FileFacts;
  /** Returns how many bytes there were: perhaps fewer than wanted, 0 only at the end. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): number;
  /** Closing twice changes nothing. */
  close(): void;
}

/** A file opened for writing by its one writer. */
export interface WritableFile {
  facts(): FileFacts;
  /** Writes all of it at `position`, or throws. */
  write(bytes: Uint8Array, position: number): void;
  /** Resolves when what was written before is on the disk. */
  sync(): Promise<void>;
  truncate(bytes: number): void;
  close(): void;
}

/**
 * All that the files connector does with files: one object, so that tests can make any call fail. Reads and writes
 * are synchronous, since the page cache answers faster than a promise; syncs are not, since the disk does not.
 */
export interface FileAccess {
  /** Follows symbolic links; null when there is nothing of that name. */
  facts(path: string): FileFacts | null;
  /** Without symbolic links, which are "other". */
  entries(folder: string): FolderEntry[];
  /** The path without symbolic links on the way. */
  realPath(path: string): string;
  openToRead(path: string): ReadableFile;
  stream(path: string): Readable;
  /** Fails when there is such a file. */
  create(path: string): WritableFile;
  /** Fails when there is no such file. */
  openToRepair(path: string): ReadableFile & WritableFile;
  /** With those above it that are missing; returns the uppermost that was made, or null. */
  makeFolder(path: string): string | null;
  /** Fails when no file can be made there. */
  checkWritable(folder: string): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** Names that were made, changed and removed in the folder are on the disk then. */
  syncFolder(path: string): Promise<void>;
}

/** The file system of this machine. */
export const localFiles: FileAccess = {
  facts(path) {
    const stats = fs.statSync(path, { throwIfNoEntry: false });
    return stats === undefined ? null : factsOf(stats);
  },
  entries: (folder) =>
    fs.readdirSync(folder, { withFileTypes: true }).map((entry) => ({ name: entry.name, kind: kindOf(entry) })),
  realPath: (path) => fs.realpathSync(path),
  openToRead: (path) => new LocalFile(fs.openSync(path, "r")),
  stream: (path) => fs.createReadStream(path, { highWaterMark: 256 * 1024 }),
  create: (path) => new LocalFile(fs.openSync(path, "wx+")),
  openToRepair: (path) => new LocalFile(fs.openSync(path, "r+")),
  makeFolder,
  checkWritable: (folder) => fs.accessSync(folder, fs.constants.W_OK | fs.constants.X_OK),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { force: true }),
  async syncFolder(path) {
    const folder = await fs.promises.open(path, "r");
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  },
};

/** Not Node's own recursion, which takes a folder that cannot be written for one that is not there. */
function makeFolder(folder: string): string | null {
  if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return null;
  const parent = dirname(folder);
  const uppermost = parent === folder ? null : makeFolder(parent);
  try {
    fs.mkdirSync(folder);
  } catch (error) {
    // Another task may have been faster.
    if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
  return uppermost ?? folder;
}

class LocalFile implements ReadableFile, WritableFile {
  readonly #descriptor: number;
  #isClosed = false;
  #syncs = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  facts(): FileFacts {
    return factsOf(fs.fstatSync(this.#descriptor));
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number): number {
    return fs.readSync(this.#descriptor, buffer, offset, length, position);
  }

  write(bytes: Uint8Array, position: number): void {
    // The system may take a part of it: when the disk is full, the next part says so.
    for (let done = 0; done < bytes.length; ) {
      done += fs.writeSync(this.#descriptor, bytes, done, bytes.length - done, position + done);
    }
  }

  sync(): Promise<void> {
    this.#syncs++;
    return new Promise((resolve, reject) => {
      fs.fdatasync(this.#descriptor, (error) => {
        this.#syncs--;
        if (this.#isClosed && this.#syncs === 0) fs.closeSync(this.#descriptor);
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  truncate(bytes: number): void {
    fs.ftruncateSync(this.#descriptor, bytes);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // Not under a sync that is under way: the number could be another file's by then.
    if (this.#syncs === 0) fs.closeSync(this.#descriptor);
  }
}

function factsOf(stats: fs.Stats): FileFacts {
  const { size, dev, ino, mtimeMs } = stats;
  return { kind: kindOf(stats), bytes: size, device: dev, inode: ino, modifiedMs: mtimeMs };
}

function kindOf(entry: Pick<fs.Stats, "isFile" | "isDirectory">): FileFacts["kind"] {
  return entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other";
}
