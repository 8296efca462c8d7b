import type { Disk, FileStat, OpenFile } from "./disk.ts";

export type DiskOperation =
  | "readFile"
  | "open"
  | "read"
  | "close"
  | "readDir"
  | "stat"
  | "writeFile"
  | "append"
  | "rename";

/** One fault: the `call`-th call of `operation` (from 1) fails, or reads less than it could. */
export interface DiskFault {
  readonly operation: DiskOperation;
  readonly call: number;
  /** As Node names it: "EIO", "ENOSPC", "EMFILE". */
  readonly errno?: string;
  /** For `read`: the most bytes that this call gives. Short reads are legal, and readers must go on after them. */
  readonly shortBytes?: number;
}

/** A disk for tests: passes everything on to another disk, but for the faults it was told to make. */
export class FaultyDisk implements Disk {
  readonly #disk: Disk;
  readonly #faults: readonly DiskFault[];
  readonly #calls = new Map<DiskOperation, number>();

  constructor(disk: Disk, faults: readonly DiskFault[]) {
    this.#disk = disk;
    this.#faults = faults;
  }

  /** How often `operation` was called: a test runs once without faults, then fails each of the calls in turn. */
  calls(operation: DiskOperation): number {
    return this.#calls.get(operation) ?? 0;
  }

  readFile(file: string): Buffer {
    this.#next("readFile", file);
    return this.#disk.readFile(file);
  }

  open(file: string): OpenFile {
    this.#next("open", file);
    const opened = this.#disk.open(file);
    return {
      read: (buffer, offset, length, position) => {
        const fault = this.#next("read", file);
        return opened.read(buffer, offset, Math.min(length, fault?.shortBytes ?? length), position);
      },
      close: () => {
        opened.close(); // A close that fails has closed the descriptor all the same.
        this.#next("close", file);
      },
    };
  }

  readDir(directory: string): string[] {
    this.#next("readDir", directory);
    return this.#disk.readDir(directory);
  }

  stat(file: string): FileStat | null {
    this.#next("stat", file);
    return this.#disk.stat(file);
  }

  writeFile(file: string, data: string | Uint8Array): void {
    this.#next("writeFile", file);
    this.#disk.writeFile(file, data);
  }

  append(file: string, data: string | Uint8Array): void {
    this.#next("append", file);
    this.#disk.append(file, data);
  }

  rename(from: string, to: string): void {
    this.#next("rename", from);
    this.#disk.rename(from, to);
  }

  #next(operation: DiskOperation, file: string): DiskFault | undefined {
    const call = this.calls(operation) + 1;
    this.#calls.set(operation, call);
    const fault = this.#faults.find((candidate) => candidate.operation === operation && candidate.call === call);
    if (fault?.errno !== undefined) {
      const { errno } = fault;
      throw Object.assign(new Error(`${errno}: injected fault, ${operation} '${file}'`), {
        code: errno,
        syscall: operation,
        path: file,
      });
    }
    return fault;
  }
}
