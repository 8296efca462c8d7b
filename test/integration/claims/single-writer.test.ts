// One file, fed by tasks of two workers, while the worker of its only writer is killed.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import type { EngineError } from "../../../src/index.ts";
import { killThread } from "../../../src/testing/index.ts";
import { clusterFor, DEADLINE, rejectionOf, until } from "../engine/helpers.ts";
import { ackedIn } from "./helpers.ts";
import { ledger } from "./topologies/ledger.ts";

const ROWS = 300;
const onLinux = process.platform === "linux" ? DEADLINE : { skip: "owners are told apart by Linux's /proc" };

test("a killed writer's successor goes on behind it, and every row is written", onLinux, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-ledger-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "ledger");
  await using cluster = clusterFor("threads", {
    workers: 2,
    claimsFolder: path.join(folder, "claims"),
    onWorkerLost: "replace",
  });
  const submitted = await cluster.submitTopology("ledger", ledger, { options: { file, rows: ROWS } });
  const run = submitted as unknown as TopologyRun;
  let replaced = 0;
  run.on("workerReplaced", () => replaced++);
  await until(() => ackedIn(run) > 0);
  killThread(submitted, run.plan.tasks.find((task) => task?.component === "ledger")!.thread);
  await until(() => replaced === 1);
  const numbers = () => readFileSync(file, "utf8").match(/^\d+ \d+$/gm) ?? [];
  await until(() => new Set(numbers().map((line) => line.split(" ")[1])).size === 3 * ROWS);
  await run.drain();

  const epochs = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => Number.parseInt(line, 10));
  assert.deepEqual(epochs, epochs.toSorted(), "the first writer wrote after the second had opened the file");
  assert.deepEqual([...new Set(epochs)], [1, 2]);
});

test("several writers are refused at the start", DEADLINE, async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-ledger-"));
  t.after(() => rmSync(folder, { recursive: true }));
  await using cluster = clusterFor("threads", { workers: 2, claimsFolder: path.join(folder, "claims") });
  const options = { file: path.join(folder, "ledger"), rows: 1, writers: 2 };
  const error = await rejectionOf(cluster.submitTopology("ledger", ledger, { options }), "TASK_FAILED");
  assert.equal((error.cause as EngineError).code, "SINGLE_WRITER_PARALLELISM");
});
