import { join } from "node:path";
import { type ClaimOwner, parseOwner } from "./claim-owner.ts";
import type { ClaimDisk, SmallFile } from "./disk.ts";

/** What stands in a claim's files. */
export interface ClaimRecord {
  /** What is claimed, in words: tells a file that was copied here from another claim's folder. */
  readonly subject: string;
  readonly state: "held" | "released";
  /** One more than that of any owner before. */
  readonly epoch: number;
  /** Random: no two ownerships have the same. */
  readonly token: string;
  readonly owner: ClaimOwner;
}

/** One claim: the folder that is its own, and its subject. */
export interface ClaimPlace {
  readonly folder: string;
  readonly subject: string;
}

/** What the protocol stands on, for a test to put its own in place. */
export interface ClaimWorld {
  readonly disk: ClaimDisk;
  readonly own: ClaimOwner;
  /** How it is known that an owner is over; null while that is not proven. */
  endOf(owner: ClaimOwner): string | null;
  makeToken(): string;
}

export type ClaimAttempt =
  | { readonly kind: "taken"; readonly record: ClaimRecord }
  /** By an owner that is not proven to be over; `file` says so. */
  | { readonly kind: "held"; readonly by: ClaimRecord; readonly file: string }
  /** A file that no claim wrote, or not whole: nobody is proven to be over, so nobody gets the claim. */
  | { readonly kind: "foreign"; readonly file: string; readonly what: string }
  /** Others came in between each time. */
  | { readonly kind: "contended" };

const FORMAT = "stormcell claim 1";
/** Others may come in between so often: each time somebody else moved on. */
const TRIES_MAX = 16;
/** So many may have died in the middle of a takeover, one after the other, before nobody takes over any more. */
const STEPS_MAX = 1_000;

/** The lock file: what its last owner wrote. Replaced as a whole, and never removed. */
export function lockFileOf({ folder }: ClaimPlace): string {
  return join(folder, "lock");
}

/** The exclusive step before the lock file is replaced by the record of that epoch. */
function stepFileOf({ folder }: ClaimPlace, epoch: number): string {
  return join(folder, `step-${epoch}`);
}

/**
 * Takes the claim if it is free, or if its owner is provably over: docs/CLAIMS.md has the protocol, and why it is
 * safe. Takes some file operations, never waits.
 *
 * @throws what the disk throws
 */
export function tryTakeClaim(place: ClaimPlace, world: ClaimWorld): ClaimAttempt {
  world.disk.makeFolder(place.folder);
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const attempt = tryOnce(place, world);
    if (attempt !== null) return attempt;
  }
  return { kind: "contended" };
}

/** Null when somebody else moved on in the meantime: what was seen does not hold any more. */
function tryOnce(place: ClaimPlace, world: ClaimWorld): ClaimAttempt | null {
  const lock = lockFileOf(place);
  const before = readRecord(place, lock, world);
  if (before !== null && (before.kind !== "record" || !isOver(before.record, world))) return refusal(before, lock);
  const fromEpoch = (before?.record.epoch ?? 0) + 1;
  // Steps that are there belong to others on the same way: some in the middle of it, some dead.
  for (let epoch = fromEpoch; epoch < fromEpoch + STEPS_MAX; epoch++) {
    const file = stepFileOf(place, epoch);
    const step = readRecord(place, file, world);
    if (step !== null && step.kind === "record" && isOver(step.record, world)) continue;
    if (step !== null) return refusal(step, file);
    const record: ClaimRecord = {
      subject: place.subject,
      state: "held",
      epoch,
      token: world.makeToken(),
      owner: world.own,
    };
    return takeStep(place, world, { record, before: before?.record.token ?? null });
  }
  return { kind: "contended" };
}

interface Step {
  readonly record: ClaimRecord;
  /** The token in the lock file whose owner was found to be over; null when there was no such file. */
  readonly before: string | null;
}

function takeStep(place: ClaimPlace, world: ClaimWorld, { record, before }: Step): ClaimAttempt | null {
  const { disk } = world;
  const lock = lockFileOf(place);
  const step = stepFileOf(place, record.epoch);
  const draft = writeDraft(place, record, disk);
  let isOurs = false;
  try {
    isOurs = disk.link(draft, step) === "linked";
    if (!isOurs) return null;
    // Whoever slept since it looked at the lock file finds another one there, or its step would still be taken.
    const now = readRecord(place, lock, world);
    const isSame = now === null ? before === null : now.kind === "record" && now.record.token === before;
    if (!isSame) return null;
    disk.rename(draft, lock);
    isOurs = false; // It is below the lock file's epoch now, where nobody looks.
  } finally {
    if (isOurs) disk.remove(step);
    disk.remove(draft);
  }
  tidy(place, record.epoch, disk);
  return { kind: "taken", record };
}

/** Whether the lock file still says that the claim is held by the owner of this token; else what it says. */
export function lossOf(place: ClaimPlace, token: string, disk: ClaimDisk): string | null {
  const file = parse(place, disk.read(lockFileOf(place)));
  if (file === null) return "its lock file was removed";
  if (file.kind === "foreign") return `its lock file was replaced: ${file.what}`;
  const { record } = file;
  if (record.token !== token) return `its lock file names another owner, process ${record.owner.pid}`;
  return record.state === "held" ? null : "it was released";
}

/** Gives the claim to whoever comes next. Changes nothing when it is somebody else's. */
export function releaseClaim(place: ClaimPlace, record: ClaimRecord, disk: ClaimDisk): void {
  if (lossOf(place, record.token, disk) !== null) return;
  const draft = writeDraft(place, { ...record, state: "released" }, disk);
  try {
    disk.rename(draft, lockFileOf(place));
  } finally {
    disk.remove(draft);
  }
}

function isOver({ state, owner }: ClaimRecord, world: ClaimWorld): boolean {
  return state === "released" || world.endOf(owner) !== null;
}

/** Nobody else writes a file of that name, and nobody reads it before it is whole. */
function writeDraft({ folder }: ClaimPlace, record: ClaimRecord, disk: ClaimDisk): string {
  const draft = join(folder, `draft-${record.token}-${record.state}`);
  disk.writeNew(draft, `${JSON.stringify({ format: FORMAT, ...record })}\n`);
  return draft;
}

/** Removes what others left on their way here, among it the step of this owner itself. */
function tidy({ folder }: ClaimPlace, epoch: number, disk: ClaimDisk): void {
  for (const name of disk.list(folder)) {
    const step = /^step-(\d+)$/.exec(name);
    const isOld = step !== null && Number(step[1]) <= epoch;
    if (isOld || name.startsWith("draft-")) disk.remove(join(folder, name));
  }
}

type FoundFile =
  | { readonly kind: "record"; readonly record: ClaimRecord }
  | { readonly kind: "foreign"; readonly what: string };

function refusal(found: FoundFile, file: string): ClaimAttempt {
  return found.kind === "record" ? { kind: "held", by: found.record, file } : { ...found, file };
}

function readRecord(place: ClaimPlace, file: string, { disk }: ClaimWorld): FoundFile | null {
  return parse(place, disk.read(file));
}

/** Null when there is no file. */
function parse({ subject }: ClaimPlace, file: SmallFile): FoundFile | null {
  if (file.kind === "none") return null;
  if (file.kind === "other") return { kind: "foreign", what: file.what };
  if (file.text === "") return { kind: "foreign", what: "it is empty" };
  let value: unknown;
  try {
    value = JSON.parse(file.text);
  } catch {
    return { kind: "foreign", what: "it holds no whole record" };
  }
  const record = recordOf(value);
  if (record === null) return { kind: "foreign", what: "it holds something else than a claim's record" };
  if (record.subject !== subject) return { kind: "foreign", what: `it belongs to the claim ${record.subject}` };
  return { kind: "record", record };
}

function recordOf(value: unknown): ClaimRecord | null {
  if (typeof value !== "object" || value === null) return null;
  const { format, subject, state, epoch, token, owner } = value as Record<string, unknown>;
  const isRecord =
    format === FORMAT &&
    typeof subject === "string" &&
    (state === "held" || state === "released") &&
    Number.isSafeInteger(epoch) &&
    (epoch as number) > 0 &&
    typeof token === "string" &&
    token !== "";
  const known = parseOwner(owner);
  return isRecord && known !== null ? ({ subject, state, epoch, token, owner: known } as ClaimRecord) : null;
}
