/**
 * Goal:   whatever a process that writes was doing when it was killed: finished files hold whole records only, every
 *         acked row is in a finished or recoverable file, no file has two writers.
 * Method: lives of a writer in one folder, each of which ends with SIGKILL in the middle of a random call of the
 *         system: FILES_CRASHES of them (80; 300 for a thorough run). Then topologies, killed at random moments.
 *         SEED repeats the calls.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { Prng } from "../../../../src/base/prng.ts";
import { ScratchFolder } from "./scratch-folder.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const CRASHES = Number(process.env.FILES_CRASHES ?? 80);
const TOPOLOGY_CRASHES = Math.max(3, Math.round(CRASHES / 20));
/** A life has about this many calls before its rows are enough. */
const CALLS_MAX = 120;
const LIVES_PER_PURGE = 10;

interface Row {
  readonly life: number;
  readonly n: number;
}

/** The rows of a file; its last line may be a part of a record if it is not finished. */
function rowsOf(folder: string, file: string): Row[] {
  const content = readFileSync(path.join(folder, file), "utf8");
  const isFinished = !file.endsWith(".tmp");
  if (isFinished) assert.ok(content.endsWith("\n"), `${file} is finished and ends in the middle of a record`);
  const rows = content
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Row);
  const lives = new Set(rows.map(({ life }) => life));
  assert.ok(lives.size <= 1, `${file} has ${lives.size} writers`);
  if (isFinished) assert.ok(rows.length > 0, `${file} is finished and empty`);
  return rows;
}

/** Checks all files; now and then removes the finished ones, and forgets the acked rows in them. */
function check(folder: string, acked: Set<string>, life: number, where: string): void {
  const found = new Set<string>();
  for (const file of readdirSync(folder)) {
    for (const { life, n } of rowsOf(folder, file)) {
      found.add(`${life} ${n}`);
    }
  }
  const lost = [...acked].filter((row) => !found.has(row));
  assert.deepEqual(lost, [], `acked rows that are nowhere: ${where}`);
  if (life % LIVES_PER_PURGE !== 0) return;
  for (const file of readdirSync(folder).filter((name) => !name.endsWith(".tmp"))) {
    for (const { life, n } of rowsOf(folder, file)) acked.delete(`${life} ${n}`);
    rmSync(path.join(folder, file));
  }
}

/** @param killMs after its first word; null for a program that kills itself */
async function live(program: string, args: readonly unknown[], killMs: number | null): Promise<string> {
  const file = path.join(import.meta.dirname, program);
  const child = spawn(process.execPath, [file, ...args.map(String)], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (out === "" && killMs !== null) setTimeout(() => child.kill("SIGKILL"), killMs);
    out += text;
  });
  await closed;
  assert.equal(child.signalCode, "SIGKILL", `${program} ended by itself: ${child.exitCode}`);
  return out;
}

function noteAcked(out: string, life: number, acked: Set<string>): number {
  // The last line may be cut.
  const lines = out.split("\n").slice(0, -1);
  for (const line of lines) acked.add(`${life} ${line}`);
  return lines.length;
}

test(`a writer that is killed in ${CRASHES} calls loses no acked row`, async (t) => {
  t.diagnostic(`SEED=${SEED} FILES_CRASHES=${CRASHES}`);
  const prng = new Prng(SEED);
  using folder = new ScratchFolder();
  const acked = new Set<string>();
  let rows = 0;
  for (let life = 0; life < CRASHES; life++) {
    const args = [folder.path, life, 1 + prng.below(CALLS_MAX), prng.below(1_000_000)];
    rows += noteAcked(await live("crash-writer.js", args, null), life, acked);
    check(folder.path, acked, life, `SEED=${SEED}, life ${life}, ${args}`);
  }
  assert.ok(rows > CRASHES * 10, `only ${rows} rows were acked`);
});

test(`a topology that is killed ${TOPOLOGY_CRASHES} times loses no acked row`, async (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const prng = new Prng(SEED + 1);
  using folder = new ScratchFolder();
  using claims = new ScratchFolder();
  const acked = new Set<string>();
  for (let life = 0; life < TOPOLOGY_CRASHES; life++) {
    const out = await live("crash-topology.js", [folder.path, life, claims.at("claims")], prng.below(150));
    assert.ok(noteAcked(out, life, acked) > 0);
    check(folder.path, acked, life, `SEED=${SEED}, life ${life}`);
  }
});
