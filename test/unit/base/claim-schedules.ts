// Runs the lock protocol of claims under chosen schedules: several contenders, each stopped between any two calls of
// the disk, killed there, or gone on with later. The protocol's own code runs, unchanged: a contender that goes on is
// run from its beginning, and is given again what it was given before.
import { basename, dirname } from "node:path";
import { type ClaimWorld, releaseClaim, tryTakeClaim } from "../../../src/base/claim-lock.ts";
import type { ClaimOwner } from "../../../src/base/claim-owner.ts";
import type { ClaimDisk, SmallFile } from "../../../src/base/disk.ts";

export const PLACE = { folder: "/claims/it", subject: "topology/component/0/it" };

/** A disk in memory, each call atomic. */
export class MemoryDisk implements ClaimDisk {
  readonly files = new Map<string, string>();

  openFolder(): null {
    return null;
  }

  makeFolder(): void {}

  read(file: string): SmallFile {
    const text = this.files.get(file);
    return text === undefined ? { kind: "none" } : { kind: "text", text };
  }

  writeNew(file: string, text: string): void {
    if (this.files.has(file)) throw Object.assign(new Error(`EEXIST: ${file}`), { code: "EEXIST" });
    this.files.set(file, text);
  }

  link(file: string, name: string): "linked" | "taken" | "gone" {
    const text = this.files.get(file);
    if (this.files.has(name)) return "taken";
    if (text === undefined) return "gone";
    this.files.set(name, text);
    return "linked";
  }

  rename(from: string, to: string): void {
    const text = this.files.get(from);
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${from}`), { code: "ENOENT" });
    this.files.delete(from);
    this.files.set(to, text);
  }

  remove(file: string): void {
    this.files.delete(file);
  }

  list(folder: string): string[] {
    return [...this.files.keys()].filter((file) => dirname(file) === folder).map((file) => basename(file));
  }
}

export function ownerOf(pid: number): ClaimOwner {
  const start = "100";
  return { pid, processStart: start, thread: pid, threadStart: start, boot: "b", machine: "m", namespaces: "n" };
}

/** Sees who is inside, and that it is one; knows nothing of files. */
export class Witness {
  inside: number | null = null;
  epoch = 0;
  entries = 0;
  readonly violations: string[] = [];

  enter(pid: number, epoch: number): void {
    if (this.inside !== null) this.violations.push(`${pid} enters while ${this.inside} is inside`);
    if (epoch <= this.epoch) this.violations.push(`${pid} enters with epoch ${epoch} after ${this.epoch}`);
    this.inside = pid;
    this.epoch = epoch;
    this.entries++;
  }

  leave(pid: number): void {
    if (this.inside !== pid) this.violations.push(`${pid} leaves while ${this.inside} is inside`);
    this.inside = null;
  }

  died(pid: number): void {
    if (this.inside === pid) this.inside = null;
  }
}

/** What a mistake in the protocol or below it would look like: to see that it is found. */
export interface Mistake {
  wrap?(disk: ClaimDisk): ClaimDisk;
  endOf?(owner: ClaimOwner): string | null;
}

const PAUSED = Symbol("paused");

type Given = { readonly value: unknown } | { readonly error: unknown };

/** One process that takes the claim, enters, leaves and gives it back, so many times. */
class Contender {
  readonly pid: number;
  isDead = false;
  isDone = false;
  /** What it ended with, if that was no orderly end. */
  error: unknown = null;
  readonly #body: (perform: <T>(call: () => T) => T) => void;
  readonly #given: Given[] = [];

  constructor(pid: number, body: (perform: <T>(call: () => T) => T) => void) {
    this.pid = pid;
    this.#body = body;
  }

  /** Goes on for so many calls. */
  run(calls: number): void {
    if (this.isDead || this.isDone) return;
    let next = 0;
    let left = calls;
    const perform = <T>(call: () => T): T => {
      let given = this.#given[next];
      if (given === undefined) {
        if (left <= 0) throw PAUSED;
        left--;
        given = outcomeOf(call);
        this.#given.push(given);
      }
      next++;
      if ("error" in given) throw given.error;
      return given.value as T;
    };
    try {
      this.#body(perform);
      this.isDone = true;
    } catch (error) {
      if (error === PAUSED) return;
      this.isDone = true;
      this.error = error;
    }
  }
}

function outcomeOf(call: () => unknown): Given {
  try {
    return { value: call() };
  } catch (error) {
    return { error };
  }
}

export class Contest {
  readonly disk = new MemoryDisk();
  readonly witness = new Witness();
  readonly contenders: readonly Contender[];
  readonly #dead = new Set<number>();
  #tokens = 0;

  constructor(count: number, { rounds = 1, mistake = {} }: { rounds?: number; mistake?: Mistake } = {}) {
    this.contenders = Array.from({ length: count }, (_, index) => {
      const pid = index + 1;
      return new Contender(pid, (perform) => {
        // Made anew with each run from the beginning, as whatever it remembers has to be.
        const disk = mistake.wrap?.(this.#recorded(perform)) ?? this.#recorded(perform);
        const world: ClaimWorld = {
          disk,
          own: ownerOf(pid),
          endOf: (owner) => mistake.endOf?.(owner) ?? perform(() => (this.#dead.has(owner.pid) ? "killed" : null)),
          makeToken: () => perform(() => `token-${this.#tokens++}`),
        };
        for (let round = 0; round < rounds; round++) this.#takeOnce(pid, world, perform);
      });
    });
  }

  /** As a process that is gone left it. */
  plantDead(pid: number): void {
    const before = new Contest(0);
    const world = { disk: before.disk, own: ownerOf(pid), endOf: () => null, makeToken: () => "dead" };
    tryTakeClaim(PLACE, world);
    for (const [file, text] of before.disk.files) this.disk.files.set(file, text);
    this.#dead.add(pid);
    this.witness.epoch = 1;
  }

  kill(index: number): void {
    const contender = this.contenders[index]!;
    contender.isDead = true;
    this.#dead.add(contender.pid);
    this.witness.died(contender.pid);
  }

  /** What must not be: two inside, epochs that fall, calls that fail. */
  violations(): string[] {
    const errors = this.contenders.filter(({ error }) => error !== null);
    return [...this.witness.violations, ...errors.map(({ pid, error }) => `${pid} fails: ${String(error)}`)];
  }

  /** Whether somebody who comes alone, when all others are dead or done, gets the claim. */
  isFree(): boolean {
    const world: ClaimWorld = {
      disk: this.disk,
      own: ownerOf(999),
      endOf: (owner) => (this.#dead.has(owner.pid) ? "killed" : null),
      makeToken: () => "last",
    };
    return tryTakeClaim(PLACE, world).kind === "taken";
  }

  #takeOnce(pid: number, world: ClaimWorld, perform: <T>(call: () => T) => T): void {
    const attempt = tryTakeClaim(PLACE, world);
    if (attempt.kind !== "taken") return;
    perform(() => this.witness.enter(pid, attempt.record.epoch));
    perform(() => this.witness.leave(pid));
    releaseClaim(PLACE, attempt.record, world.disk);
  }

  #recorded(perform: <T>(call: () => T) => T): ClaimDisk {
    const { disk } = this;
    return {
      openFolder: () => null,
      makeFolder: () => {},
      read: (file) => perform(() => disk.read(file)),
      writeNew: (file, text) => perform(() => disk.writeNew(file, text)),
      link: (file, name) => perform(() => disk.link(file, name)),
      rename: (from, to) => perform(() => disk.rename(from, to)),
      remove: (file) => perform(() => disk.remove(file)),
      list: (folder) => perform(() => disk.list(folder)),
    };
  }
}
