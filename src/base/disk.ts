import * as fs from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { threadId } from "node:worker_threads";

export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** A file opened for reading: several may be open, each with one reader. */
export interface OpenFile {
  /**
   * Reads up to `length` bytes at `position` into `buffer`, from `offset` on.
   * Returns how many: perhaps fewer than there are, 0 only at the end of the file.
   */
  read(buffer: Uint8Array, offset: number, length: number, position: number): number;
  /** Closing twice changes nothing. */
  close(): void;
}

/**
 * All that the project does with files. Everything goes through such an object so that tests can make any call fail.
 * Calls are synchronous: workers read in small pieces, and a piece that the page cache holds costs less than a
 * promise. Failures are Node's own errors, with `code` and `path`: whoever knows what the file is for makes a coded
 * error of them.
 */
export interface Disk {
  readFile(file: string): Buffer;
  open(file: string): OpenFile;
  /**
   * Paths of all files below `directory`, sorted, so that every thread and every run sees the same order.
   * Symbolic links are not followed.
   */
  readDir(directory: string): string[];
  /** Follows symbolic links; null when there is nothing of that name. */
  stat(file: string): FileStat | null;
  /** Atomically: a reader, or a crash, finds the old content or the new one, never a part. */
  writeFile(file: string, data: string | Uint8Array): void;
  append(file: string, data: string | Uint8Array): void;
  /** Within one file system, and atomically: whatever had the new name is gone. */
  rename(from: string, to: string): void;
}

class RealOpenFile implements OpenFile {
  #descriptor: number | null;

  constructor(file: string) {
    this.#descriptor = fs.openSync(file, "r");
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number): number {
    if (this.#descriptor === null) throw Object.assign(new Error("EBADF: the file is closed"), { code: "EBADF" });
    return fs.readSync(this.#descriptor, buffer, offset, length, position);
  }

  close(): void {
    if (this.#descriptor === null) return;
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    fs.closeSync(descriptor);
  }
}

let temporaryFiles = 0;

export const realDisk: Disk = {
  readFile: (file) => fs.readFileSync(file),
  open: (file) => new RealOpenFile(file),
  readDir(directory) {
    const files: string[] = [];
    const waiting = [directory];
    while (waiting.length > 0) {
      const current = waiting.pop()!;
      for (const entry of fs.readdirSync(current, { withFileTypes: true })) {
        const entryPath = path.join(current, entry.name);
        if (entry.isDirectory()) waiting.push(entryPath);
        else if (entry.isFile()) files.push(entryPath);
      }
    }
    return files.sort(); // By UTF-16 code units, not by locale: the same on every machine.
  },
  stat(file) {
    const stat = fs.statSync(file, { throwIfNoEntry: false });
    if (stat === undefined) return null;
    const kind = stat.isFile() ? "file" : stat.isDirectory() ? "directory" : "other";
    return { kind, bytes: stat.size, modifiedMs: stat.mtimeMs };
  },
  writeFile(file, data) {
    // Beside the target, since a rename is atomic only within one file system. The count is this thread's own.
    const temporary = `${file}.${process.pid}-${threadId}-${temporaryFiles++}.part`;
    try {
      writeAndSync(temporary, data);
      fs.renameSync(temporary, file);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  },
  append: (file, data) => fs.appendFileSync(file, data),
  rename: (from, to) => fs.renameSync(from, to),
};

/** Files that only the user who runs the process may read: for what holds a secret. */
export interface PrivateDisk {
  /**
   * Makes the folder with mode 0700 if there is none. Returns what is wrong with one that is there: not a folder, a
   * symbolic link, somebody else's, or open to others. Null when it is private.
   */
  openFolder(folder: string): string | null;
  /** Atomically, with mode 0600 from the first byte on. */
  writeFile(file: string, text: string): void;
  readFile(file: string): string;
  /** Names in a folder; none when there is no such folder. */
  list(folder: string): string[];
  /** No error when it is gone already. */
  remove(file: string): void;
}

export const realPrivateDisk: PrivateDisk = {
  openFolder(folder) {
    makePrivateFolder(folder);
    const stat = fs.lstatSync(folder);
    if (!stat.isDirectory()) return stat.isSymbolicLink() ? "it is a symbolic link" : "it is not a folder";
    // Where there are no user ids, modes say nothing either.
    if (process.getuid === undefined) return null;
    if (stat.uid !== process.getuid()) return "it belongs to another user";
    return (stat.mode & 0o077) === 0 ? null : `others may use it: its mode is ${(stat.mode & 0o777).toString(8)}`;
  },
  writeFile(file, text) {
    const temporary = `${file}.${process.pid}-${threadId}-${temporaryFiles++}.part`;
    try {
      fs.writeFileSync(temporary, text, { mode: 0o600, flag: "wx" });
      fs.renameSync(temporary, file);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
  },
  readFile: (file) => fs.readFileSync(file, "utf8"),
  list: (folder) => (fs.existsSync(folder) ? fs.readdirSync(folder).sort() : []),
  remove: (file) => fs.rmSync(file, { force: true }),
};

/**
 * With all that is missing above it, one after the other: Node's own way to do so never ends where the system goes on
 * saying that a folder is missing which is there, as below /proc.
 */
function makePrivateFolder(folder: string, isParentMade = false): void {
  try {
    fs.mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "EEXIST") return;
    if (errno !== "ENOENT" || isParentMade) throw error;
    makePrivateFolder(path.dirname(folder));
    makePrivateFolder(folder, true);
  }
}

/** What stands at a path: nothing, the text of a small file, or something else, in words. */
export type SmallFile =
  | { readonly kind: "none" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "other"; readonly what: string };

/** What claims need of a file system, each call atomic on one of Linux's own: see docs/CLAIMS.md. */
export interface ClaimDisk {
  /** As of PrivateDisk. */
  openFolder(folder: string): string | null;
  /** With all that is missing above it, for this user alone. */
  makeFolder(folder: string): void;
  /** Never waits, and never follows a link. */
  read(file: string): SmallFile;
  /** Makes a file that is not there yet, with mode 0600. A crash of the machine leaves it whole from then on. */
  writeNew(file: string, text: string): void;
  /** Gives a file a second name. "taken" when something has that name, "gone" when the file is not there. */
  link(file: string, name: string): "linked" | "taken" | "gone";
  /** Whatever had the new name is gone. A crash of the machine does not undo it. */
  rename(from: string, to: string): void;
  /** No error when it is gone already. */
  remove(file: string): void;
  /** Names in a folder. */
  list(folder: string): string[];
}

const SMALL_FILE_BYTES_MAX = 16_384;

export const realClaimDisk: ClaimDisk = {
  openFolder: (folder) => realPrivateDisk.openFolder(folder),
  makeFolder: (folder) => makePrivateFolder(folder),
  read: readSmallFile,
  writeNew: (file, text) => writeAndSync(file, text, 0o600),
  link(file, name) {
    try {
      fs.linkSync(file, name);
      return "linked";
    } catch (error) {
      if (errnoOf(error) === "EEXIST") return "taken";
      if (errnoOf(error) === "ENOENT") return "gone";
      throw error;
    }
  },
  rename(from, to) {
    fs.renameSync(from, to);
    const descriptor = fs.openSync(path.dirname(to), "r");
    try {
      fs.fsyncSync(descriptor);
    } finally {
      fs.closeSync(descriptor);
    }
  },
  remove: (file) => fs.rmSync(file, { force: true }),
  list: (folder) => fs.readdirSync(folder),
};

function readSmallFile(file: string): SmallFile {
  let descriptor: number;
  try {
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
    descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === "ENOENT") return { kind: "none" };
    if (errno === "ELOOP") return { kind: "other", what: "it is a symbolic link" };
    if (errno === "EACCES" || errno === "EPERM") return { kind: "other", what: "it cannot be read" };
    throw error;
  }
  try {
    const stat = fs.fstatSync(descriptor);
    if (!stat.isFile()) return { kind: "other", what: "it is no regular file" };
    if (stat.size > SMALL_FILE_BYTES_MAX) return { kind: "other", what: `it has ${stat.size} bytes` };
    return { kind: "text", text: fs.readFileSync(descriptor, "utf8") };
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What the system tells of itself in small files, such as those below /proc. */
export interface SystemFiles {
  /** "absent" when there is none, null when it cannot be read. */
  readText(file: string): { readonly text: string } | "absent" | null;
  /** Where a symbolic link leads; null when that cannot be told. */
  readLink(file: string): string | null;
  /** Names in a folder; null when that cannot be told. */
  list(folder: string): readonly string[] | null;
}

export const realSystemFiles: SystemFiles = {
  readText(file) {
    try {
      return { text: fs.readFileSync(file, "utf8") };
    } catch (error) {
      // ESRCH: the process or thread ended between the opening of its file and the reading.
      return ["ENOENT", "ESRCH"].includes(errnoOf(error)) ? "absent" : null;
    }
  },
  readLink: (file) => orNull(() => fs.readlinkSync(file)),
  list: (folder) => orNull(() => fs.readdirSync(folder)),
};

function orNull<T>(call: () => T): T | null {
  try {
    return call();
  } catch {
    return null;
  }
}

function errnoOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException | null)?.code);
}

/** Without the sync a crash of the machine could leave the new name on an empty file. */
function writeAndSync(file: string, data: string | Uint8Array, mode = 0o666): void {
  const descriptor = fs.openSync(file, "wx", mode);
  try {
    fs.writeFileSync(descriptor, data);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** A file in a folder of its own below the system's folder for such files: it is there until it was read once. */
export class TemporaryFile {
  readonly path: string;
  readonly #folder: string;

  constructor(name: string) {
    this.#folder = fs.mkdtempSync(path.join(tmpdir(), "stormcell-"));
    this.path = path.join(this.#folder, name);
  }

  async *read(): AsyncGenerator<Uint8Array, void> {
    try {
      for await (const chunk of fs.createReadStream(this.path)) yield chunk as Uint8Array;
    } finally {
      this.remove();
    }
  }

  /** No error when it is gone already. */
  remove(): void {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}
