// What happens to a run when one of its threads is lost: when it is replaced and when not, what the operator is told,
// and that other topologies of the cluster notice nothing.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { type KillKind, killThread } from "../../../src/engine/kill-thread.ts";
import type { WorkerReplaced } from "../../../src/engine/run-types.ts";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import { EngineError, type TopologyConfig } from "../../../src/index.ts";
import { ledger } from "../chaos/topologies/ledger.ts";
import { verifyLedger } from "../chaos/verify-ledger.ts";
import { clusterFor, rejectionOf, until } from "../engine/helpers.ts";
import { counting } from "../engine/topologies/counting.ts";

const DEADLINE = { timeout: 60_000 };

interface Job {
  readonly run: TopologyRun;
  readonly folder: string;
  readonly replaced: WorkerReplaced[];
  close(): Promise<void>;
}

async function start(t: TestContext, messages: number, config: TopologyConfig): Promise<Job> {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-losses-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(path.join(folder, "input.txt"), Array.from({ length: messages }, (_, n) => `${n}\n`).join(""));
  const cluster = clusterFor("threads", { workers: 2 });
  t.after(() => cluster.close());
  const run = (await cluster.submitTopology("ledger", ledger, {
    options: { folder, ratePerSecond: 2000 },
    config: { maxSpoutPending: 200, ...config },
  })) as unknown as TopologyRun;
  run.completed().catch(() => {});
  const replaced: WorkerReplaced[] = [];
  run.on("workerReplaced", (event) => replaced.push(event));
  await until(() => run.totals().acked > 0);
  return { run, folder, replaced, close: () => cluster.close() };
}

async function isReplaced(job: Job, worker: number, how: KillKind): Promise<WorkerReplaced> {
  const before = job.replaced.length;
  job.run[killThread](worker, how);
  let hasEnded = false;
  const noteEnd = () => {
    hasEnded = true;
  };
  job.run.completed().then(noteEnd, noteEnd);
  await until(() => hasEnded || job.replaced.length > before);
  assert.ok(job.replaced.length > before, "the run ended before the thread was killed");
  return job.replaced.at(-1)!;
}

test("a hung worker is found, named and replaced, and nothing is lost", DEADLINE, async (t) => {
  const job = await start(t, 8_000, { workerTimeoutMs: 500 });
  const { error, worker, tasks } = await isReplaced(job, 1, "hang");
  const summary = await job.run.completed();

  assert.ok(error instanceof EngineError);
  assert.equal(error.code, "WORKER_HUNG");
  assert.match(error.message, /worker 1 gave no sign of life for \d+ ms: it was outside of any hook/);
  assert.deepEqual([worker, tasks], [1, ["reader#1", "relay#1", "writer#1"]]);
  assert.equal(summary.outcome, "completed");
  assert.deepEqual(verifyLedger(job.folder).lost, []);
});

test("totals never go backwards, and a neighbour notices nothing", DEADLINE, async (t) => {
  const job = await start(t, 100_000, {});
  await using cluster = clusterFor("threads");
  const neighbour = await cluster.submitTopology("neighbour", counting);
  const values = neighbour.outputs.values[Symbol.asyncIterator]();
  await values.next();
  const before = job.run.totals();
  await isReplaced(job, 0, "terminate");
  const after = job.run.totals();
  await job.run.drain();

  for (const [component, totals] of Object.entries(before.byComponent)) {
    for (const [name, count] of Object.entries(totals)) {
      const now = after.byComponent[component]![name as keyof typeof totals];
      assert.ok(now >= count, `${component} ${name}: ${count}, then ${now}`);
    }
  }
  assert.equal((await values.next()).done, false);
  assert.equal(neighbour.state, "active");
  await neighbour.kill();
});

test("a second loss before the first one is made good", DEADLINE, async (t) => {
  const job = await start(t, 8_000, {});
  job.run[killThread](0, "terminate");
  await until(() => job.run.epoch === 2);
  job.run[killThread](1, "terminate");
  const summary = await job.run.completed();

  assert.equal(summary.outcome, "completed");
  assert.deepEqual(
    job.replaced.map(({ worker, epoch }) => [worker, epoch]),
    [
      [0, 3],
      [1, 3],
    ],
  );
  assert.deepEqual(verifyLedger(job.folder).lost, []);
});

test("a drain that a loss comes in between ends all the same", DEADLINE, async (t) => {
  const job = await start(t, 100_000, { drainTimeoutMs: 20_000 });
  const drained = job.run.drain();
  job.run[killThread](1, "exit");
  assert.equal((await drained).outcome, "drained");
});

test("one loss more than allowed fails the run", DEADLINE, async (t) => {
  const job = await start(t, 100_000, { workerReplacementsMax: 1 });
  await isReplaced(job, 0, "exit");
  job.run[killThread](1, "exit");
  const error = await rejectionOf(job.run.completed(), "WORKER_LOST_TOO_OFTEN");
  assert.equal(error.facts.workerReplacementsMax, 1);
  assert.match(String(error.facts.error), /exited with code: 3/);
});

test("where it is not wanted, a loss fails the run", DEADLINE, async (t) => {
  const job = await start(t, 100_000, { onWorkerLost: "fail" });
  job.run[killThread](0, "exit");
  await rejectionOf(job.run.completed(), "WORKER_LOST");
});

test("a run that tracks nothing fails with its worker, unless it is to go on", DEADLINE, async () => {
  await using cluster = clusterFor("threads");
  const failing = await cluster.submitTopology("failing", counting);
  (failing as unknown as TopologyRun)[killThread](0, "exit");
  const error = await rejectionOf(failing.completed(), "WORKER_LOST");
  assert.match(error.remedy, /onWorkerLost/);

  const lasting = await cluster.submitTopology("lasting", counting, { config: { onWorkerLost: "replace" } });
  const run = lasting as unknown as TopologyRun;
  const values = lasting.outputs.values[Symbol.asyncIterator]();
  await values.next();
  const replaced = new Promise((resolve) => run.on("workerReplaced", resolve));
  run[killThread](0, "terminate");
  await replaced;
  assert.equal((await values.next()).done, false);
  await lasting.kill();
});
