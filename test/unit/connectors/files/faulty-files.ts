import { type FileAccess, localFiles, type WritableFile } from "../../../../src/connectors/files/local-files.ts";

export type FileOperation = "create" | "write" | "sync" | "truncate" | "rename" | "syncFolder" | "remove";

/** Real files, of which any call can be made to fail: the `call`-th of an operation, from 1. */
export class FaultyFiles {
  readonly access: FileAccess;
  readonly calls: FileOperation[] = [];
  #faults: {
    readonly operation: FileOperation;
    readonly call: number;
    readonly code: string;
    readonly part: number;
  }[] = [];

  constructor() {
    this.access = {
      ...localFiles,
      create: (path) => {
        this.#next("create", path);
        return this.#wrap(localFiles.create(path), path);
      },
      rename: (from, to) => {
        this.#next("rename", from);
        localFiles.rename(from, to);
      },
      remove: (path) => {
        this.#next("remove", path);
        localFiles.remove(path);
      },
      syncFolder: async (path) => {
        this.#next("syncFolder", path);
        await localFiles.syncFolder(path);
      },
    };
  }

  /** @param part of a write that fails, what part of its bytes is written before, from 0 to 1 */
  fail(operation: FileOperation, call: number, code = "ENOSPC", part = 0): void {
    this.#faults.push({ operation, call, code, part });
  }

  count(operation: FileOperation): number {
    return this.calls.filter((name) => name === operation).length;
  }

  #wrap(file: WritableFile, path: string): WritableFile {
    return {
      facts: () => file.facts(),
      write: (bytes, position) => {
        this.#next("write", path, (part) => file.write(bytes.subarray(0, Math.floor(bytes.length * part)), position));
        file.write(bytes, position);
      },
      sync: async () => {
        this.#next("sync", path);
        await file.sync();
      },
      truncate: (bytes) => {
        this.#next("truncate", path);
        file.truncate(bytes);
      },
      close: () => file.close(),
    };
  }

  #next(operation: FileOperation, path: string, before: (part: number) => void = () => {}): void {
    this.calls.push(operation);
    const call = this.count(operation);
    const fault = this.#faults.find((candidate) => candidate.operation === operation && candidate.call === call);
    if (fault === undefined) return;
    before(fault.part);
    const { code } = fault;
    throw Object.assign(new Error(`${code}: injected, ${operation} '${path}'`), { code, path });
  }
}
