// A job whose threads are killed again and again, of everything that a thread can die of: nothing may be lost, what
// comes twice is bounded by what was pending at the kills, and afterwards nothing is left over. Judged by the job's
// input and output files alone. CHAOS_KILLS says how many kills; SEED repeats their order.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Prng } from "../../../src/base/prng.ts";
import { ACKER_THREAD } from "../../../src/engine/epoch-change.ts";
import { type KillKind, killThread } from "../../../src/engine/kill-thread.ts";
import type { WorkerReplaced } from "../../../src/engine/run-types.ts";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import { clusterFor, threadCount, until } from "../engine/helpers.ts";
import { ledger } from "./topologies/ledger.ts";
import { verifyLedger } from "./verify-ledger.ts";

const KILLS = Number(process.env.CHAOS_KILLS ?? 12);
const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000);
const RATE_PER_SECOND = 2000;
const PENDING_MAX = 400;
const READERS = 2;
const PAUSE_MS = { min: 300, max: 1000 };
const KINDS: readonly (KillKind | "acker")[] = ["terminate", "throw", "exit", "memory", "acker", "reject"];

test(`${KILLS} kills, nothing lost`, { timeout: 30_000 + KILLS * 5_000 }, async (t) => {
  t.diagnostic(`SEED=${SEED} CHAOS_KILLS=${KILLS}`);
  const prng = new Prng(SEED);
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-chaos-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const messages = Math.ceil(READERS * RATE_PER_SECOND * (1 + (KILLS * PAUSE_MS.max) / 1000));
  writeFileSync(path.join(folder, "input.txt"), Array.from({ length: messages }, (_, n) => `${n}\n`).join(""));
  const threadsBefore = threadCount();
  const cluster = clusterFor("threads", { workers: 2 });
  const run = (await cluster.submitTopology("ledger", ledger, {
    options: { folder, ratePerSecond: RATE_PER_SECOND },
    config: { maxSpoutPending: PENDING_MAX, workerReplacementsMax: KILLS, workerHeapBytes: 64 * 1024 * 1024 },
  })) as unknown as TopologyRun;
  const completed = run.completed();
  completed.catch(() => {});
  const replaced: WorkerReplaced[] = [];
  run.on("workerReplaced", (event) => replaced.push(event));

  await until(() => run.totals().acked > 0);
  for (let kill = 0; kill < KILLS; kill++) {
    // The pause is the test's input, not a wait for something.
    await delay(PAUSE_MS.min + prng.below(PAUSE_MS.max - PAUSE_MS.min));
    assert.equal(run.state, "active", "the job must outlast the kills");
    const kind = KINDS[kill % KINDS.length]!;
    run[killThread](kind === "acker" ? ACKER_THREAD : prng.below(2), kind === "acker" ? "terminate" : kind);
    await Promise.race([until(() => replaced.length > kill), completed]);
  }
  const summary = await completed;
  await cluster.close();

  const { lost, unknown, duplicates } = verifyLedger(folder);
  const recoveries = replaced.map((event) => event.recoveryMs);
  t.diagnostic(`${messages} messages, ${lost.length} lost, ${duplicates} duplicates; recovered in ${recoveries} ms`);
  assert.equal(summary.outcome, "completed");
  assert.deepEqual({ lost, unknown }, { lost: [], unknown: [] });
  assert.ok(duplicates <= KILLS * READERS * PENDING_MAX, `${duplicates} duplicates`);
  assert.deepEqual(
    replaced.map(({ epoch }) => epoch),
    Array.from({ length: KILLS }, (_, kill) => kill + 2),
  );
  if (threadsBefore !== null) await until(() => threadCount()! <= threadsBefore);
});
