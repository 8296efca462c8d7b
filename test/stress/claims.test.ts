/**
 * Goal:   a claim never has two owners, whoever of them is killed, stopped or gone on with, and whatever stood in
 *         the place of its lock file before.
 * Method: eight real processes contend for one claim after the other, and say what they do as owners by appending to
 *         a file: from the entry of one to that of the next, nobody else may be in it. ROUNDS=2000 is the long form;
 *         SEED repeats the choices (not the timing of the processes).
 */
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type ClaimPlace, lockFileOf, tryTakeClaim } from "../../src/base/claim-lock.ts";
import { type ClaimOwner, currentOwner } from "../../src/base/claim-owner.ts";
import { realClaimDisk } from "../../src/base/disk.ts";
import { Prng } from "../../src/base/prng.ts";
import type { ClaimJob, ClaimRefused } from "./claim-job.ts";

const ROUNDS = Number(process.env.ROUNDS ?? 100);
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);
const PROCESSES = 8;
const ENTRIES_AFTER = 3;
const STANDSTILL_MS = 20_000;
const CONTENDER = fileURLToPath(new URL("claim-contender.js", import.meta.url));
const onLinux = process.platform === "linux" ? {} : { skip: "owners are told apart by Linux's /proc" };

/** What stands in a claim's folder before a round. Of the last ones nobody may become the owner. */
const BEGINNINGS = ["nothing", "dead", "reused number", "died in a takeover"] as const;
const FOREIGN = ["empty", "partial", "foreign"] as const;
type Beginning = (typeof BEGINNINGS)[number] | (typeof FOREIGN)[number];

class Contenders {
  readonly #prng: Prng;
  readonly #children: ChildProcess[] = [];
  #job: ClaimJob | null = null;
  #refused = 0;
  /** How many ended without being killed. */
  failed = 0;
  kills = 0;
  stops = 0;

  constructor(prng: Prng) {
    this.#prng = prng;
    for (let index = 0; index < PROCESSES; index++) this.#spawn(index);
  }

  get pids(): readonly number[] {
    return this.#children.map((child) => child.pid!);
  }

  get refused(): number {
    return this.#refused;
  }

  begin(job: ClaimJob): void {
    this.#job = job;
    this.#refused = 0;
    for (const child of this.#children) child.send(job);
  }

  kill(index: number): void {
    this.kills++;
    this.#children[index]!.kill("SIGKILL");
    this.#spawn(index);
  }

  async stopFor(index: number, ms: number): Promise<void> {
    this.stops++;
    const child = this.#children[index]!;
    child.kill("SIGSTOP");
    await pause(ms);
    child.kill("SIGCONT");
  }

  async end(): Promise<void> {
    const living = this.#children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    const ended = living.map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of this.#children) child.kill("SIGKILL");
    await Promise.all(ended);
  }

  #spawn(index: number): void {
    const child = fork(CONTENDER, [String(this.#prng.nextUint32())], { execArgv: [] });
    // To one that is being killed, a job may come too late.
    child.on("error", () => {});
    child.on("exit", (_code, signal) => {
      if (signal !== "SIGKILL") this.failed++;
    });
    child.on("message", ({ round }: ClaimRefused) => {
      if (round === this.#job?.round) this.#refused++;
    });
    this.#children[index] = child;
    if (this.#job !== null) child.send(this.#job);
  }
}

function prepare(place: ClaimPlace, beginning: Beginning): void {
  mkdirSync(place.folder, { recursive: true });
  const own = currentOwner();
  // A number that is surely used, by this very process, which started at another time.
  const reused: ClaimOwner = { ...own, processStart: "1", thread: null, threadStart: null };
  const plant = (owner: ClaimOwner) =>
    tryTakeClaim(place, {
      disk: realClaimDisk,
      own: owner,
      endOf: () => null,
      makeToken: () => "planted",
    });
  const lock = lockFileOf(place);
  if (beginning === "dead") plant({ ...own, pid: 4_194_304, thread: 4_194_304 });
  if (beginning === "reused number" || beginning === "died in a takeover" || beginning === "partial") plant(reused);
  if (beginning === "partial") writeFileSync(lock, readFileSync(lock, "utf8").slice(0, 40));
  if (beginning === "empty") writeFileSync(lock, "");
  if (beginning === "foreign") writeFileSync(lock, "1234\n");
  if (beginning !== "died in a takeover") return;
  const record = JSON.parse(readFileSync(lock, "utf8")) as object;
  writeFileSync(path.join(place.folder, "step-2"), JSON.stringify({ ...record, epoch: 2, token: "died" }));
}

function linesOf(witness: string): string[] {
  return existsSync(witness) ? readFileSync(witness, "utf8").split("\n").slice(0, -1) : [];
}

/** What the witness saw that must not be. */
function violationsIn(lines: readonly string[]): string[] {
  const violations: string[] = [];
  let inside: string | null = null;
  let epochBefore = 0;
  for (const [at, line] of lines.entries()) {
    const [what, pid, epoch] = line.split(" ");
    if (what === "enter") {
      if (Number(epoch) <= epochBefore) violations.push(`line ${at}: epoch ${epoch} after ${epochBefore}`);
      epochBefore = Number(epoch);
      inside = pid!;
    } else if (pid !== inside || Number(epoch) !== epochBefore || what === "lost") {
      violations.push(`line ${at}: "${line}" while ${inside} is the owner with epoch ${epochBefore}`);
    }
    if (what === "leave") inside = null;
  }
  return violations;
}

function entriesIn(witness: string): number {
  return linesOf(witness).filter((line) => line.startsWith("enter")).length;
}

/** Whoever holds the claim now, if it is one of the contenders; else any of them. */
function victimOf(place: ClaimPlace, contenders: Contenders, prng: Prng): number {
  const any = prng.below(PROCESSES);
  if (prng.below(2) === 0) return any;
  const file = realClaimDisk.read(lockFileOf(place));
  if (file.kind !== "text") return any;
  const { owner } = JSON.parse(file.text) as { owner: ClaimOwner };
  const index = contenders.pids.indexOf(owner.pid);
  return index < 0 ? any : index;
}

/** Nobody comes to a standstill, whoever is killed: what is waited for comes soon. */
async function until(holds: () => boolean, contenders: Contenders, what: string): Promise<void> {
  const deadlineMs = performance.now() + STANDSTILL_MS;
  while (!holds()) {
    assert.equal(contenders.failed, 0, "a contender ended by itself");
    assert.ok(performance.now() < deadlineMs, `${what} did not come within ${STANDSTILL_MS} ms`);
    await pause(1);
  }
}

async function contend(job: ClaimJob, contenders: Contenders, prng: Prng): Promise<void> {
  contenders.begin(job);
  await until(() => entriesIn(job.witness) > 0, contenders, "a first owner");
  const stopped: Promise<void>[] = [];
  for (let disturbances = prng.below(4); disturbances > 0; disturbances--) {
    await pause(prng.below(5));
    const victim = victimOf(job.place, contenders, prng);
    if (prng.below(3) === 0) contenders.kill(victim);
    else stopped.push(contenders.stopFor(victim, prng.below(25)));
  }
  await Promise.all(stopped);
  const entries = entriesIn(job.witness);
  await until(() => entriesIn(job.witness) >= entries + ENTRIES_AFTER, contenders, "a next owner");
}

function rootFor(t: TestContext): string {
  const root = mkdtempSync(path.join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "stormcell-claims-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return root;
}

test("eight processes, killed and stopped: never two owners", {
  ...onLinux,
  timeout: 60_000 + ROUNDS * 1_000,
}, async (t) => {
  t.diagnostic(`SEED=${SEED} ROUNDS=${ROUNDS}`);
  const prng = new Prng(SEED);
  const root = rootFor(t);
  const contenders = new Contenders(prng);
  const jobs: ClaimJob[] = [];
  let standstill: unknown = null;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const place = { folder: path.join(root, `claim-${round}`), subject: `round/${round}` };
      const job = { round, place, witness: path.join(root, `witness-${round}`) };
      jobs.push(job);
      const isForeign = prng.below(6) === 0;
      const beginnings: readonly Beginning[] = isForeign ? FOREIGN : BEGINNINGS;
      const beginning = beginnings[prng.below(beginnings.length)]!;
      prepare(place, beginning);
      if (isForeign) {
        contenders.begin(job);
        await until(
          () => contenders.refused >= PROCESSES,
          contenders,
          `a refusal of a lock file that is ${beginning}`,
        );
        assert.deepEqual(linesOf(job.witness), [], `an owner in spite of a lock file that is ${beginning}`);
      } else await contend(job, contenders, prng);
    }
  } catch (error) {
    standstill = error;
  }
  await contenders.end();
  const violations = jobs.flatMap(({ round, witness }) =>
    violationsIn(linesOf(witness)).map((violation) => `SEED=${SEED} round ${round}, ${violation}`),
  );
  assert.deepEqual(violations, []);
  if (standstill !== null) throw standstill;
  const entries = jobs.reduce((sum, { witness }) => sum + entriesIn(witness), 0);
  t.diagnostic(`${entries} entries, ${contenders.kills} kills, ${contenders.stops} stops`);
  assert.ok(entries > ROUNDS, `only ${entries} entries`);
});

test("the witness tells two owners from one after the other", () => {
  const alone = ["enter 1 1", "inside 1 1", "leave 1 1", "enter 2 2", "inside 2 2", "enter 1 4", "leave 1 4"];
  assert.deepEqual(violationsIn(alone), []);
  for (const wrong of ["inside 2 2", "enter 3 4", "lost 1 4", "leave 2 2"]) {
    assert.equal(violationsIn([...alone.slice(0, 6), wrong]).length, 1, wrong);
  }
});
