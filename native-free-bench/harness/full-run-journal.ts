import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Measurement } from "./benchmark.ts";
import { type Machine, settingOf } from "./machine.ts";
import { writeWhole } from "./write-whole.ts";

/** What must not have changed for a full run to go on. */
export interface RunIdentity {
  readonly setting: string;
  readonly commit: string;
  /** As many rounds of everything; null for as many as each benchmark asks for. */
  readonly runs: number | null;
}

export function identityOf(machine: Machine, runs: number | null): RunIdentity {
  return { setting: settingOf(machine), commit: machine.commit, runs };
}

type Entry =
  | { readonly kind: "begin"; readonly identity: RunIdentity }
  | {
      readonly kind: "run";
      readonly benchmark: string;
      readonly side: string;
      readonly round: number;
      readonly measurement: Measurement;
    }
  | { readonly kind: "reading"; readonly benchmark: string; readonly readingNs: number }
  | { readonly kind: "finished"; readonly benchmark: string };

/**
 * What a full run has done so far: a line of JSON for each finished process, written as soon as it is known, so that
 * a run which ends in its third hour goes on there. A last line that was cut off is as if it had not been written.
 */
export class FullRunJournal {
  readonly #file: string;
  readonly #runs = new Map<string, Measurement>();
  readonly #readings = new Map<string, number[]>();
  readonly #finished = new Set<string>();

  private constructor(file: string, entries: readonly Entry[]) {
    this.#file = file;
    for (const entry of entries) this.#take(entry);
  }

  /** Goes on with the journal in `directory` if it is of the same run; else begins anew, and `because` says why. */
  static open(
    directory: string,
    identity: RunIdentity,
    { fresh }: { readonly fresh: boolean },
  ): { readonly journal: FullRunJournal; readonly because: string | null } {
    const file = path.join(directory, "full-run.journal");
    const entries = existsSync(file) ? readEntries(file) : [];
    const because = fresh ? "asked to begin anew" : reasonToBegin(entries[0], identity);
    if (because === null) {
      // The lines that were whole, so that the next one does not continue half a line.
      writeWhole(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
      return { journal: new FullRunJournal(file, entries), because };
    }
    mkdirSync(directory, { recursive: true });
    writeWhole(file, `${JSON.stringify({ kind: "begin", identity } satisfies Entry)}\n`);
    return { journal: new FullRunJournal(file, []), because };
  }

  runOf(benchmark: string, side: string, round: number): Measurement | undefined {
    return this.#runs.get(runKey(benchmark, side, round));
  }

  readingsOf(benchmark: string): readonly number[] {
    return this.#readings.get(benchmark) ?? [];
  }

  isFinished(benchmark: string): boolean {
    return this.#finished.has(benchmark);
  }

  get runCount(): number {
    return this.#runs.size;
  }

  get fastestReadingNs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#readings.values()].flat());
  }

  addRun(benchmark: string, side: string, round: number, measurement: Measurement): void {
    this.#add({ kind: "run", benchmark, side, round, measurement });
  }

  addReading(benchmark: string, readingNs: number): void {
    this.#add({ kind: "reading", benchmark, readingNs });
  }

  finish(benchmark: string): void {
    this.#add({ kind: "finished", benchmark });
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }

  #add(entry: Entry): void {
    appendFileSync(this.#file, `${JSON.stringify(entry)}\n`);
    this.#take(entry);
  }

  #take(entry: Entry): void {
    if (entry.kind === "run") this.#runs.set(runKey(entry.benchmark, entry.side, entry.round), entry.measurement);
    else if (entry.kind === "finished") this.#finished.add(entry.benchmark);
    else if (entry.kind === "reading") {
      this.#readings.set(entry.benchmark, [...this.readingsOf(entry.benchmark), entry.readingNs]);
    }
  }
}

function runKey(benchmark: string, side: string, round: number): string {
  return `${benchmark} ${side} ${round}`;
}

function readEntries(file: string): Entry[] {
  const entries: Entry[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    try {
      entries.push(JSON.parse(line) as Entry);
    } catch {
      break;
    }
  }
  return entries;
}

function reasonToBegin(first: Entry | undefined, now: RunIdentity): string | null {
  if (first === undefined || first.kind !== "begin") return "there is nothing to go on with";
  const before = first.identity;
  if (now.commit === "unknown") return "the commit is not known";
  if (before.setting !== now.setting) return `the unfinished run was taken on ${before.setting}`;
  if (before.commit !== now.commit) return `the unfinished run is of commit ${before.commit}`;
  if (before.runs !== now.runs) return `the unfinished run has ${before.runs ?? "its own numbers of"} rounds`;
  return null;
}
