/** Which files are counted, and which task counts which part of them. */
import { closeSync, type Dirent, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import path from "node:path";
import { EngineError } from "stormcell";

export interface TextFile {
  readonly path: string;
  readonly bytes: number;
}

/** The lines of a file that begin at `from` or later, but before `to`. */
export interface FileRange {
  readonly path: string;
  readonly from: number;
  readonly to: number;
}

export interface FoundFiles {
  /** In order of their paths, each once. */
  readonly files: TextFile[];
  /** Files with a zero byte among their first 8 KiB. */
  binaryFiles: number;
  /** Symbolic links, sockets, devices: met below a folder, and left alone. */
  otherEntries: number;
  readonly unreadable: UnreadablePath[];
}

export interface UnreadablePath {
  readonly path: string;
  readonly reason: string;
}

const SNIFFED_BYTES = 8 * 1024;
const RANGE_BYTES_MIN = 1024 * 1024;
const RANGES_PER_TASK = 4;

/**
 * Finds the text files among `paths` and below them.
 *
 * A path that was named may be a symbolic link; links met below it are not followed, so no folder is entered twice.
 *
 * @throws EngineError INPUT_NOT_FOUND for a named path that does not exist
 */
export function findTextFiles(paths: readonly string[]): FoundFiles {
  const found: FoundFiles = { files: [], binaryFiles: 0, otherEntries: 0, unreadable: [] };
  const seen = new Set<string>();
  const sniffed = Buffer.alloc(SNIFFED_BYTES);
  const pending = paths.map(resolveNamedPath).reverse();
  while (pending.length > 0) {
    const next = pending.pop()!;
    if (seen.has(next)) continue;
    seen.add(next);
    try {
      const stats = statSync(next);
      if (stats.isDirectory()) {
        const entries = readdirSync(next, { withFileTypes: true }).filter((entry) => isFileOrFolder(entry));
        pending.push(...entries.map((entry) => path.join(next, entry.name)));
      } else {
        takeFile(next, stats.size);
      }
    } catch (error) {
      found.unreadable.push({ path: next, reason: reasonOf(error) });
    }
  }
  found.files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return found;

  function isFileOrFolder(entry: Dirent): boolean {
    if (entry.isFile() || entry.isDirectory()) return true;
    found.otherEntries++;
    return false;
  }

  function takeFile(file: string, bytes: number): void {
    if (isBinary(file, sniffed)) found.binaryFiles++;
    else found.files.push({ path: file, bytes });
  }
}

/**
 * The part of the work that one of several tasks does. Every task computes the same division, so they need not talk.
 *
 * Files are cut into ranges small enough that one huge file keeps all tasks busy; the largest range left goes to the
 * task with the least to do.
 */
export function shareOfWork(files: readonly TextFile[], taskIndex: number, taskCount: number): FileRange[] {
  const totalBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const rangeBytesMax = Math.max(RANGE_BYTES_MIN, Math.ceil(totalBytes / (taskCount * RANGES_PER_TASK)));
  const ranges = files.flatMap((file) => rangesOf(file, rangeBytesMax));
  const order = ranges.map((_, index) => index).sort((a, b) => bytesOf(ranges[b]!) - bytesOf(ranges[a]!) || a - b);
  const loads = new Array<number>(taskCount).fill(0);
  const mine: number[] = [];
  for (const index of order) {
    const task = loads.indexOf(Math.min(...loads));
    // One byte more than there is: empty files are work too, and are spread like the others.
    loads[task]! += bytesOf(ranges[index]!) + 1;
    if (task === taskIndex) mine.push(index);
  }
  return mine.sort((a, b) => a - b).map((index) => ranges[index]!);
}

/** A file in ranges of about equal length, in order; an empty file is one empty range. */
export function rangesOf(file: TextFile, rangeBytesMax: number): FileRange[] {
  const count = Math.max(1, Math.ceil(file.bytes / rangeBytesMax));
  const cut = (index: number) => Math.floor((file.bytes * index) / count);
  return Array.from({ length: count }, (_, index) => ({ path: file.path, from: cut(index), to: cut(index + 1) }));
}

function bytesOf(range: FileRange): number {
  return range.to - range.from;
}

function isBinary(file: string, sniffed: Buffer): boolean {
  const descriptor = openSync(file, "r");
  try {
    const bytes = readSync(descriptor, sniffed, 0, sniffed.length, 0);
    return sniffed.subarray(0, bytes).includes(0);
  } finally {
    closeSync(descriptor);
  }
}

function resolveNamedPath(named: string): string {
  try {
    return realpathSync(path.resolve(named));
  } catch (cause) {
    if (reasonOf(cause) !== "ENOENT" && reasonOf(cause) !== "ENOTDIR") return path.resolve(named);
    throw new EngineError("INPUT_NOT_FOUND", {
      problem: `there is no file or folder "${named}"`,
      facts: { "looked at": path.resolve(named) },
      remedy: "name files or folders that exist",
      cause,
    });
  }
}

/** The operating system's code for what went wrong, such as EACCES. */
export function reasonOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
