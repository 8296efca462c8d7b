import assert from "node:assert/strict";
import { test } from "node:test";
import { assignKeyGroups, hashKey, keyGroupOf, type LocalClusterConfig } from "../../../src/index.ts";
import { runToEnd } from "../../simulation/run-to-end.ts";
import { groupings, keyOfItem, slowTasks } from "./groupings-topology.ts";

type Row = [consumer: string, taskIndex: number, worker: number, sourceTask: number, key: string, count: number];

const TUPLES = 4_000;
const TARGETS = 5;

const runtimes: LocalClusterConfig[] = [
  { runtime: "inline", workers: 3, ringBytesMin: 4096, ringBytesMax: 4096 },
  { runtime: "threads", workers: 2 },
];

for (const cluster of runtimes) {
  test(`every grouping keeps its promise on the running engine: ${cluster.runtime}`, async () => {
    const options = { tuples: TUPLES, targets: TARGETS };
    const { rows } = await runToEnd(groupings, { options, cluster });
    const reports = rows.reports as Row[];
    const of = (consumer: string) => reports.filter((row) => row[0] === consumer);
    const sources = [...new Set(reports.map((row) => row[3]))];
    assert.equal(sources.length, 2);
    for (const sourceTask of sources) {
      const counts = countsByTask(of("shuffle").filter((row) => row[3] === sourceTask));
      assert.deepEqual(counts, new Array(TARGETS).fill(TUPLES / TARGETS), "shuffle is strictly even");
    }
    const owners = assignKeyGroups(TARGETS);
    for (const [, taskIndex, , , key] of of("fields")) {
      assert.equal(taskIndex, owners[keyGroupOf(hashKey([key], [0], ["string"]))], `the owner of ${key}`);
    }
    for (const tasks of tasksByKey(of("partialKey")).values()) assert.ok(tasks.size <= 2);
    assert.ok([...tasksByKey(of("partialKey")).values()].some((tasks) => tasks.size === 2));
    assert.deepEqual(countsByTask(of("all")), new Array(TARGETS).fill(2 * TUPLES));
    assert.deepEqual(countsByTask(of("global")), [2 * TUPLES, 0, 0, 0, 0]);
    const random = countsByTask(of("none"));
    assert.ok(
      random.every((count) => count > TUPLES / TARGETS),
      `none gave ${random}`,
    );
    assert.deepEqual(
      countsByTask(of("custom")),
      [1.5, 1, 0.5, 0, 0].map((share) => share * TUPLES),
    );
    assert.deepEqual(countsByTask(of("direct")), new Array(TARGETS).fill((2 * TUPLES) / TARGETS));
    for (const consumer of ["shuffle", "fields", "partialKey", "none", "leastLoaded", "localOrShuffle", "direct"]) {
      assert.equal(totalOf(of(consumer)), 2 * TUPLES, consumer);
      assert.deepEqual(countsByKey(of(consumer)), expectedByKey(), consumer);
    }
  });
}

test("least-loaded keeps away from a task that is slow", async () => {
  for (const workers of [1, 2]) {
    const options = { tuples: 3_000, targets: 4, grouping: "leastLoaded", busyMs: [2, 0.02] } as const;
    const cluster = { workers, ringBytesMax: 16_384, localQueueRowsMax: 256, localMarkRows: 64 };
    const { rows } = await runToEnd(slowTasks, { options, cluster });
    const counts = countsByTask(rows.reports as Row[]);
    assert.equal(totalOf(rows.reports as Row[]), 3_000);
    const others = (3_000 - counts[0]!) / 3;
    assert.ok(counts[0]! < others / 2, `${workers} workers: ${counts}`);
  }
});

test("one spout feeds slow bolts on every worker by local-or-shuffle", async () => {
  const options = { tuples: 12_000, targets: 2, grouping: "localOrShuffle", busyMs: [0.05] } as const;
  const { rows } = await runToEnd(slowTasks, { options, cluster: { workers: 2 } });
  const reports = rows.reports as Row[];
  assert.equal(totalOf(reports), 12_000);
  assert.deepEqual(new Set(reports.map((row) => row[2])), new Set([0, 1]));
  const counts = countsByTask(reports);
  assert.ok(Math.min(...counts.slice(0, 2)) > 1_000, `one of the workers was left idle: ${counts}`);
});

function countsByTask(rows: readonly Row[]): number[] {
  const counts = new Array<number>(TARGETS).fill(0);
  for (const [, taskIndex, , , , count] of rows) counts[taskIndex]! += count;
  return counts;
}

function countsByKey(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, , , , key, count] of rows) counts.set(key, (counts.get(key) ?? 0) + count);
  return new Map([...counts].sort());
}

function expectedByKey(): Map<string, number> {
  const counts = new Map<string, number>();
  for (let n = 0; n < TUPLES; n++) counts.set(keyOfItem(n), (counts.get(keyOfItem(n)) ?? 0) + 2);
  return new Map([...counts].sort());
}

function tasksByKey(rows: readonly Row[]): Map<string, Set<number>> {
  const tasks = new Map<string, Set<number>>();
  for (const [, taskIndex, , , key] of rows) tasks.set(key, (tasks.get(key) ?? new Set()).add(taskIndex));
  return tasks;
}

function totalOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + row[5], 0);
}
