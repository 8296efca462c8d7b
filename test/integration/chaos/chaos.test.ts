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
const WORKERS = 3;
const READERS = 2;
const PENDING_MAX = 1_000;
const MIB = 1024 * 1024;

interface Job {
  readonly cluster: LocalCluster;
  readonly run: TopologyRun;
  readonly folder: string;
}

async function start(t: TestContext, messages: number, pace: Pace | null): Promise<Job> {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-chaos-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeInput(folder, messages);
  const cluster = clusterFor("threads", { workers: WORKERS });
  t.after(() => cluster.close());
  const run = await cluster.submitTopology("ledger", massLedger, {
    options: { folder, pace },
    config: { maxSpoutPending: PENDING_MAX, workerReplacementsMax: 1_000_000, workerHeapBytes: 64 * MIB },
  });
  run.completed().catch(() => {});
  return { cluster, run: run as unknown as TopologyRun, folder };
}

function checkVerdict({ lost, unknown, duplicates }: MassVerdict, duplicatesMax: number): void {
  assert.deepEqual({ lost, unknown }, { lost: 0, unknown: 0 });
  assert.ok(duplicates <= duplicatesMax, `${duplicates} duplicates, ${duplicatesMax} allowed`);
}

const TIME_LIMIT = { timeout: 90_000 + KILLS * 4_000 };

test(`${KILLS} kills, nothing lost`, TIME_LIMIT, async (t) => {
  t.diagnostic(`SEED=${SEED} CHAOS_KILLS=${KILLS} CHAOS_MESSAGES=${MESSAGES}`);
  const threadsBefore = threadCount();
  const plan = planKills(new Prng(SEED), KILLS, WORKERS);
  const durationMs = plan.reduce((sum, { pauseMs }) => sum + pauseMs, 0);
  const { cluster, run, folder } = await start(t, MESSAGES, { startMs: Date.now(), durationMs });
  const { killed, replaced, pending } = await disturb(run, plan);
  const summary = await run.completed();
  await cluster.close();

  const verdict = verifyMassLedger(folder);
  const pendingSum = pending.reduce((sum, trees) => sum + trees, 0);
  const recoveries = replaced.map(({ recoveryMs }) => recoveryMs).sort((a, b) => a - b);
  t.diagnostic(`${MESSAGES} messages in ${Math.round(summary.elapsedMs)} ms; ${verdict.lost} lost`);
  t.diagnostic(`${verdict.duplicates} duplicates; ${pendingSum} pending at the kills`);
  t.diagnostic(`${killed} kills; back after ${recoveries[recoveries.length >> 1]} ms, ${recoveries.at(-1)} at most`);
  assert.equal(summary.outcome, "completed");
  checkVerdict(verdict, KILLS * READERS * PENDING_MAX);
  assert.equal(killed, KILLS);
  assert.equal(replaced.length, KILLS);
  assert.equal(run.epoch, KILLS + 1);
  const { free, ...taken } = slotStates(run);
  assert.deepEqual(taken, { live: 0, overdue: 0, acked: 0, failed: 0 });
  assert.equal(free, READERS * PENDING_MAX);
  if (threadsBefore !== null) await until(() => threadCount()! <= threadsBefore);
});
