/**
 * Goal:   a job of a million messages loses none while its threads are killed again and again, of everything that a
 *         thread can die of; what comes twice is bounded by what was pending at the kills; nothing is left behind.
 * Method: real threads; a verifier that reads the job's input and output files and nothing else. CHAOS_KILLS says how
 *         many kills (50), CHAOS_MESSAGES how many messages; SEED repeats kinds, threads and pauses. CHAOS_RATE=1
 *         measures the rate under kills, which takes a machine that does nothing else.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import type { WorkerReplaced } from "../../../src/engine/run-types.ts";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import type { LocalCluster } from "../../../src/index.ts";
import { clusterFor, threadCount, until } from "../engine/helpers.ts";
import { slotStates } from "./describe-run.ts";
import { disturb, planKills } from "./disturb.ts";
import { massLedger, type Pace, writeInput } from "./topologies/mass-ledger.ts";
import { type MassVerdict, verifyMassLedger } from "./verify-mass-ledger.ts";

const KILLS = Number(process.env.CHAOS_KILLS ?? 50);
const MESSAGES = Number(process.env.CHAOS_MESSAGES ?? 1_000_000);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const READERS = 2;
const MIB = 1024 * 1024;

/** How a job is run: by the seed, so that many seeds try many jobs. */
interface Shape {
  readonly workers: number;
  readonly pendingMax: number;
  readonly ringBytesMax: number;
}

function shapeOf(prng: Prng): Shape {
  const pick = (values: readonly number[]): number => values[prng.below(values.length)]!;
  return { workers: pick([2, 3]), pendingMax: pick([300, 1_000, 4_000]), ringBytesMax: pick([16, 1_024]) * 1024 };
}

interface Job {
  readonly cluster: LocalCluster;
  readonly run: TopologyRun;
  readonly folder: string;
}

async function start(t: TestContext, messages: number, shape: Shape, pace: Pace | null): Promise<Job> {
  const { workers, pendingMax: maxSpoutPending, ringBytesMax } = shape;
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-chaos-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeInput(folder, messages);
  const cluster = clusterFor("threads", { workers });
  t.after(() => cluster.close());
  const run = await cluster.submitTopology("ledger", massLedger, {
    options: { folder, pace },
    config: {
      maxSpoutPending,
      ringBytesMax,
      workerReplacementsMax: 1_000_000,
      workerHeapBytes: 64 * MIB,
    },
  });
  run.completed().catch(() => {});
  return { cluster, run: run as unknown as TopologyRun, folder };
}

function checkVerdict({ lost, unknown, duplicates }: MassVerdict, duplicatesMax: number): void {
  assert.deepEqual({ lost, unknown }, { lost: 0, unknown: 0 });
  assert.ok(duplicates <= duplicatesMax, `${duplicates} duplicates, ${duplicatesMax} allowed`);
}

function tellRecoveries(replaced: readonly WorkerReplaced[]): string {
  const recoveries = replaced.map(({ recoveryMs }) => recoveryMs).sort((a, b) => a - b);
  return `back after ${recoveries[recoveries.length >> 1] ?? 0} ms, ${recoveries.at(-1) ?? 0} at most`;
}

/** Between two reports of a spout's position, with some time for the report itself. */
const REPORTS_MS = 30;
const TIME_LIMIT = { timeout: 90_000 + KILLS * 4_000 };

test(`${KILLS} kills, nothing lost`, TIME_LIMIT, async (t) => {
  const threadsBefore = threadCount();
  const prng = new Prng(SEED);
  const shape = shapeOf(prng);
  t.diagnostic(`SEED=${SEED} CHAOS_KILLS=${KILLS} CHAOS_MESSAGES=${MESSAGES} ${JSON.stringify(shape)}`);
  const plan = planKills(prng, KILLS, shape.workers);
  // Longer than the pauses: the job must not be done before its last kill.
  const durationMs = 1.3 * plan.reduce((sum, { pauseMs }) => sum + pauseMs, 0);
  const { cluster, run, folder } = await start(t, MESSAGES, shape, { startMs: Date.now(), durationMs });
  const { killed, replaced, pending } = await disturb(run, plan);
  const summary = await run.completed();
  await cluster.close();

  const verdict = verifyMassLedger(folder);
  const pendingSum = pending.reduce((sum, trees) => sum + trees, 0);
  t.diagnostic(`${MESSAGES} messages in ${Math.round(summary.elapsedMs)} ms; ${verdict.lost} lost`);
  t.diagnostic(`${verdict.duplicates} duplicates; ${pendingSum} trees were pending at the kills`);
  t.diagnostic(`${killed} kills; ${tellRecoveries(replaced)}`);
  assert.equal(summary.outcome, "completed");
  checkVerdict(verdict, KILLS * READERS * shape.pendingMax);
  assert.equal(killed, KILLS);
  assert.equal(replaced.length, KILLS);
  assert.equal(run.epoch, KILLS + 1);
  const { free, ...taken } = slotStates(run);
  assert.deepEqual(taken, { live: 0, overdue: 0, failed: 0 });
  // Slots come in blocks of sixteen.
  assert.equal(free, Math.ceil((READERS * shape.pendingMax) / 16) * 16);
  if (threadsBefore !== null) await until(() => threadCount()! <= threadsBefore);
});

test("the rate that is left under kills", TIME_LIMIT, async (t) => {
  if (process.env.CHAOS_RATE !== "1") return t.skip("CHAOS_RATE=1 measures it, on a machine that does nothing else");
  const prng = new Prng(SEED);
  const shape: Shape = { workers: 2, pendingMax: 1_000, ringBytesMax: 256 * 1024 };
  const rates: number[] = [];
  for (const kills of [[], planKills(prng, 10_000, shape.workers)]) {
    const { cluster, run, folder } = await start(t, MESSAGES, shape, null);
    const { killed, replaced } = await disturb(run, kills);
    const { elapsedMs } = await run.completed();
    await cluster.close();
    rates.push(MESSAGES / elapsedMs);
    // At full speed it counts that positions are told every 20 ms: what was acked since then comes again, too.
    const untold = REPORTS_MS * rates[0]!;
    checkVerdict(verifyMassLedger(folder), killed * (READERS * shape.pendingMax + untold));
    t.diagnostic(`${killed} kills, ${tellRecoveries(replaced)}`);
    t.diagnostic(`${Math.round((MESSAGES / elapsedMs) * 1_000)} messages per second`);
  }
  t.diagnostic(`SEED=${SEED}: ${(rates[1]! / rates[0]!).toFixed(2)} of the undisturbed rate`);
});
