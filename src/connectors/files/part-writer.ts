import * as path from "node:path";
import { fileFailed } from "./file-failed.ts";
import { UNFINISHED } from "./list-files.ts";
import type { FileAccess, WritableFile } from "./local-files.ts";
import { type PartNaming, parsePart, partName } from "./part-names.ts";
import { wholeRecordBytes } from "./whole-records.ts";

export interface PartSettings extends PartNaming {
  readonly folder: string;
  /** What every part begins with. */
  readonly header: string;
  /** See `wholeRecordBytes`. */
  readonly quote: string | null;
  readonly access: FileAccess;
  /** Throws when this writer does not own its files any more. */
  readonly checkOwner: () => void;
}

/** What was found of a writer before this one. */
export interface Recovered {
  readonly file: string;
  /** Whole records, and what was cut off behind them. */
  readonly bytes: number;
  readonly cutBytes: number;
}

/** A part that is being written. */
interface GrowingPart {
  readonly file: WritableFile;
  readonly finishedPath: string;
  bytes: number;
  /** Whole records that are on the disk: what is behind them may be cut. */
  syncedBytes: number;
  rows: number;
  readonly startMs: number;
}

/**
 * Writes the parts of one task, one after the other. A part is called `.tmp` until it is complete and on the disk.
 *
 * What always holds: up to `syncedBytes` a part has whole records that are on the disk. Where a write or a sync fails
 * the part is cut back to them, and not written to again: after a failed sync nobody knows what the disk has of the
 * rest.
 */
export class PartWriter {
  readonly #settings: PartSettings;
  #part: GrowingPart | null = null;
  #nextIndex = 0;

  constructor(settings: PartSettings) {
    this.#settings = settings;
  }

  /** Of the part that is being written; 0 when there is none. */
  get bytes(): number {
    return this.#part?.bytes ?? 0;
  }

  get rows(): number {
    return this.#part?.rows ?? 0;
  }

  /** When the part was begun; null when there is none. */
  get startMs(): number | null {
    return this.#part?.startMs ?? null;
  }

  /** What the next call of `write` writes to, or what was tried last: for errors. */
  get path(): string {
    return this.#part === null
      ? this.#finishedPath(this.#nextIndex) + UNFINISHED
      : this.#part.finishedPath + UNFINISHED;
  }

  /**
   * Makes the folder, finishes what a dead writer left behind, and goes on with the part after the last one. What is
   * cut off a part was not acked: a record is acked only when it is whole, and on the disk.
   */
  async start(): Promise<Recovered[]> {
    const { folder, access } = this.#settings;
    await this.#makeFolder();
    access.checkWritable(folder);
    const recovered: Recovered[] = [];
    const unfinished: string[] = [];
    for (const { name } of access.entries(folder)) {
      const part = parsePart(name);
      if (part === null || partName(this.#settings, part.index) !== part.finishedName) continue;
      this.#nextIndex = Math.max(this.#nextIndex, part.index + 1);
      if (!part.isFinished) unfinished.push(part.finishedName);
    }
    for (const finishedName of unfinished) recovered.push(await this.#recover(finishedName));
    if (recovered.length > 0) await access.syncFolder(folder);
    return recovered;
  }

  /** Writes records behind each other, into a new part if there is none. */
  async write(records: string, rows: number, nowMs: number): Promise<void> {
    this.#settings.checkOwner();
    const part = this.#part ?? (await this.#begin(nowMs));
    const bytes = Buffer.from(records);
    part.file.write(bytes, part.bytes);
    part.bytes += bytes.length;
    part.rows += rows;
  }

  /** Resolves when all that was written is on the disk. */
  async sync(): Promise<void> {
    const part = this.#part;
    if (part === null) return;
    const { bytes } = part;
    await part.file.sync();
    part.syncedBytes = bytes;
  }

  /** Completes the part, if there is one: its rows are all on the disk. */
  async finish(): Promise<void> {
    const part = this.#part;
    if (part === null) return;
    this.#settings.checkOwner();
    this.#part = null;
    part.file.close();
    const { access, folder } = this.#settings;
    this.#rename(part.finishedPath);
    await access.syncFolder(folder);
  }

  /** After a failure: cuts off what is not known to be on the disk, and ends the part with the rest. */
  async giveUp(): Promise<void> {
    const part = this.#part;
    if (part === null) return;
    this.#part = null;
    const { access, folder, header } = this.#settings;
    try {
      this.#settings.checkOwner();
      part.file.truncate(part.syncedBytes);
      await part.file.sync();
      if (part.syncedBytes > Buffer.byteLength(header)) this.#rename(part.finishedPath);
      else access.remove(part.finishedPath + UNFINISHED);
      await access.syncFolder(folder);
    } finally {
      part.file.close();
    }
  }

  /** Leaves the part as it is. The next writer of these files finishes it. */
  abandon(): void {
    this.#part?.file.close();
    this.#part = null;
  }

  /** Else the machine could forget the folder of files whose rows are on the disk. */
  async #makeFolder(): Promise<void> {
    const { folder, access } = this.#settings;
    const made = this.#tryMakeFolder();
    if (made === null) return;
    const uppermost = path.resolve(made);
    let current = path.resolve(folder);
    await access.syncFolder(path.dirname(current));
    while (current !== uppermost && current !== path.dirname(current)) {
      current = path.dirname(current);
      await access.syncFolder(path.dirname(current));
    }
  }

  #tryMakeFolder(): string | null {
    const { folder, access } = this.#settings;
    try {
      return access.makeFolder(folder);
    } catch (error) {
      throw fileFailed("fileBolt", "make folder", folder, error);
    }
  }

  /** A rename would take away what has that name: that cannot be, unless somebody else writes here. */
  #rename(finishedPath: string): void {
    if (this.#isTaken(finishedPath)) {
      const taken = new Error("EEXIST: there is a finished part of this name already");
      throw fileFailed("fileBolt", "rename", finishedPath, Object.assign(taken, { code: "EEXIST" }));
    }
    this.#settings.access.rename(finishedPath + UNFINISHED, finishedPath);
  }

  #isTaken(finishedPath: string): boolean {
    return this.#settings.access.facts(finishedPath) !== null;
  }

  #finishedPath(index: number): string {
    return path.join(this.#settings.folder, partName(this.#settings, index));
  }

  async #begin(nowMs: number): Promise<GrowingPart> {
    const { access, folder, header } = this.#settings;
    const finishedPath = this.#finishedPath(this.#nextIndex);
    const file = access.create(finishedPath + UNFINISHED);
    this.#nextIndex++;
    this.#part = { file, finishedPath, bytes: 0, syncedBytes: 0, rows: 0, startMs: nowMs };
    const headerBytes = Buffer.from(header);
    file.write(headerBytes, 0);
    this.#part.bytes = headerBytes.length;
    // Else the machine could forget the name of a file whose rows are on the disk.
    await access.syncFolder(folder);
    return this.#part;
  }

  async #recover(finishedName: string): Promise<Recovered> {
    const { access, folder, header, quote } = this.#settings;
    const foundPath = path.join(folder, finishedName);
    const unfinishedPath = foundPath + UNFINISHED;
    const file = access.openToRepair(unfinishedPath);
    try {
      const foundBytes = file.facts().bytes;
      const bytes = wholeRecordBytes(file, quote);
      if (bytes <= Buffer.byteLength(header)) {
        access.remove(unfinishedPath);
        return { file: unfinishedPath, bytes: 0, cutBytes: foundBytes };
      }
      if (bytes < foundBytes) file.truncate(bytes);
      await file.sync();
      // Both are there when two have written here that did not know of each other: neither's records are thrown away.
      const finishedPath = this.#isTaken(foundPath) ? this.#finishedPath(this.#nextIndex++) : foundPath;
      access.rename(unfinishedPath, finishedPath);
      return { file: finishedPath, bytes, cutBytes: foundBytes - bytes };
    } finally {
      file.close();
    }
  }
}
