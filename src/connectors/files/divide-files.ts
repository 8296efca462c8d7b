import { hashKey } from "../../grouping/key-hash.ts";
import type { ListedFile } from "./list-files.ts";

/** A part of a file that one task reads: the lines that begin at `from` or later, but before `to`. */
export interface FileRange {
  readonly file: ListedFile;
  readonly from: number;
  /** Infinity for a packed file, whose bytes are those that it holds. */
  readonly to: number;
}

/** How work is divided among tasks that cannot talk to each other. */
export interface Division {
  readonly files: readonly ListedFile[];
  /**
   * True when all tasks were given the same list: then each gets about the same number of bytes. Else a task may have
   * found another size, or another file, than the next one: who reads a range then depends on nothing but the file's
   * name and the range's place in it.
   */
  readonly isAgreed: boolean;
  readonly rangeBytes: number;
  /** A file that is packed, or whose records may hold line ends, has to be read from its beginning. */
  readonly wayOf: (file: ListedFile) => "split" | "whole" | "packed";
  readonly taskIndex: number;
  readonly taskCount: number;
}

/** What one of the tasks reads, in order. Every range is read by exactly one of them. */
export function shareOf(division: Division): FileRange[] {
  const { files, rangeBytes, wayOf, isAgreed, taskIndex } = division;
  const ranges = files.flatMap((file) => {
    const way = wayOf(file);
    if (way === "split") return rangesOf(file, rangeBytes);
    return [{ file, from: 0, to: way === "packed" ? Number.POSITIVE_INFINITY : file.bytes }];
  });
  const owners = isAgreed ? ownersBySize(ranges, division.taskCount) : ownersByName(ranges, division);
  return joined(ranges.filter((_, index) => owners[index] === taskIndex));
}

/** A word for a share: it is the same only if the files, their ranges and their sizes are. */
export function shareName(share: readonly FileRange[]): string {
  const names = share.map(({ file, from, to }) => `${file.path}\0${file.inode}\0${from}\0${to}`);
  return `${share.length}-${hashKey([names.join("\n")], [0], ["string"])}`;
}

/** Cuts are at multiples of `rangeBytes`, whatever the size: a file that grows keeps those that it has. */
function rangesOf(file: ListedFile, rangeBytes: number): FileRange[] {
  const count = Math.max(1, Math.ceil(file.bytes / rangeBytes));
  return Array.from({ length: count }, (_, index) => ({
    file,
    from: index * rangeBytes,
    to: Math.min(file.bytes, (index + 1) * rangeBytes),
  }));
}

/** The largest that is left goes to the task with the least to do. */
function ownersBySize(ranges: readonly FileRange[], taskCount: number): number[] {
  const bytesOf = ({ file, from, to }: FileRange) => Math.min(to, file.bytes) - from;
  const order = ranges.map((_, index) => index).sort((a, b) => bytesOf(ranges[b]!) - bytesOf(ranges[a]!) || a - b);
  const loads = new Array<number>(taskCount).fill(0);
  const owners = new Array<number>(ranges.length).fill(0);
  for (const index of order) {
    const task = loads.indexOf(Math.min(...loads));
    // Files that are nearly empty are work too.
    loads[task]! += bytesOf(ranges[index]!) + 4096;
    owners[index] = task;
  }
  return owners;
}

/** The ranges of a file go round, beginning with a task that its name tells. */
function ownersByName(ranges: readonly FileRange[], { rangeBytes, taskCount }: Division): number[] {
  return ranges.map(({ file, from }) => {
    const first = hashKey([file.path], [0], ["string"]);
    return (first + from / rangeBytes) % taskCount;
  });
}

/** Neighbours in a file are read in one go. */
function joined(ranges: readonly FileRange[]): FileRange[] {
  const share: FileRange[] = [];
  for (const range of ranges) {
    const last = share.at(-1);
    if (last !== undefined && last.file === range.file && last.to === range.from)
      share[share.length - 1] = { ...last, to: range.to };
    else share.push(range);
  }
  return share;
}
