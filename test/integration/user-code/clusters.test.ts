/**
 * Goal:   topologies of one process share cores, not fate, and leave nothing behind when they end.
 * Method: clusters with several runs, each fed and read from here; threads and handles counted before and after.
 */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import test from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { EngineError, LocalCluster } from "../../../src/index.ts";
import { finite, summing } from "./topologies/several.ts";

const deadline = { timeout: 30_000 };
const silent = { logLevel: "silent" } as const;

test("runs of one cluster do not mix their tuples, nor a failure, nor an end", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 2, ...silent });
  const names = ["one", "two", "three"];
  const runs = await Promise.all(names.map((name) => cluster.submitTopology(name, summing)));
  assert.deepEqual([...cluster.topologies].sort(), [...names].sort());
  const totals = runs.map((run) => run.outputs.totals[Symbol.asyncIterator]());
  const feed = async (index: number, n: number) => {
    await runs[index]!.feeders.numbers.emit([n]);
    return (await totals[index]!.next()).value?.n;
  };
  assert.deepEqual([await feed(0, 1), await feed(1, 10), await feed(2, 100)], [1, 10, 100]);

  const failed = assert.rejects(runs[1]!.completed(), { code: "TASK_FAILED" });
  await runs[1]!.feeders.numbers.emit([13]);
  await failed;
  assert.deepEqual([await feed(0, 2), await feed(2, 200)], [3, 300]);
  assert.deepEqual([...cluster.topologies].sort(), ["one", "three"]);

  await runs[2]!.kill();
  assert.equal(await feed(0, 4), 7);
  assert.deepEqual(cluster.topologies, ["one"]);

  // A name is free again once its run has ended, and a new run of it begins anew.
  const again = await cluster.submitTopology("two", summing);
  await again.feeders.numbers.emit([5]);
  assert.equal((await again.outputs.totals[Symbol.asyncIterator]().next()).value?.n, 5);
});

test(
  "a name that is taken, also by a run that is just starting, is refused; the other run is not touched",
  deadline,
  async () => {
    await using cluster = new LocalCluster({ workers: 1 });
    const first = cluster.submitTopology("same", summing);
    await assert.rejects(cluster.submitTopology("same", summing), { code: "TOPOLOGY_NAME_TAKEN" });
    const run = await first;
    await assert.rejects(cluster.submitTopology("same", summing), { code: "TOPOLOGY_NAME_TAKEN" });
    for (const name of ["", "a b", "__x"]) {
      await assert.rejects(
        cluster.submitTopology(name, summing),
        (error) => error instanceof EngineError && /ILLEGAL/.test(error.code),
      );
    }
    await run.feeders.numbers.emit([1]);
    assert.equal((await run.outputs.totals[Symbol.asyncIterator]().next()).value?.n, 1);
  },
);

test("two clusters at once: closing one leaves the other's topologies running", deadline, async () => {
  const first = new LocalCluster({ workers: 1 });
  await using second = new LocalCluster({ workers: 2 });
  const [one, two] = await Promise.all([
    first.submitTopology("same-name", summing),
    second.submitTopology("same-name", summing),
  ]);
  await first.close();
  assert.equal((await one.completed()).outcome, "drained");
  await two.feeders.numbers.emit([3]);
  assert.equal((await two.outputs.totals[Symbol.asyncIterator]().next()).value?.n, 3);
  await assert.rejects(first.submitTopology("late", summing), { code: "CLUSTER_CLOSED" });
});

test("twenty runs one after the other leave no threads, no handles and no open files", deadline, async (t) => {
  await using cluster = new LocalCluster({ workers: 2 });
  const submit = async () => {
    const run = await cluster.submitTopology("again", finite, { options: { limit: 100 } });
    const summary = await run.completed();
    assert.equal(summary.totals.byComponent.drop?.executed, 100);
  };
  await submit();
  await submit();
  const before = leftovers();
  for (let i = 0; i < 20; i++) await submit();
  // What a thread had open may be told of a moment after its end; what stays is a leak.
  const endMs = performance.now() + 5_000;
  let after = leftovers();
  while (!isDeepStrictEqual(after, before) && performance.now() < endMs) {
    await nextTurn();
    after = leftovers();
  }
  t.diagnostic(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  assert.deepEqual(after, before);
});

test("twenty runs that are drained by an abort leave no listeners at its signal", deadline, async () => {
  await using cluster = new LocalCluster({ workers: 1 });
  const controller = new AbortController();
  const warnings: string[] = [];
  const onWarning = (warning: Error) => warnings.push(warning.message);
  process.on("warning", onWarning);
  for (let i = 0; i < 20; i++) {
    const run = await cluster.submitTopology("again", finite, { options: { limit: 1 }, signal: controller.signal });
    await run.completed();
  }
  const run = await cluster.submitTopology("fed", summing, { signal: controller.signal });
  controller.abort();
  assert.equal((await run.completed()).outcome, "drained");
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", onWarning);
  assert.deepEqual(warnings, []);
});

/** What a run could leave behind: threads and open files as the system counts them, and what keeps Node alive. */
function leftovers(): Record<string, number> {
  const count = (folder: string): number => {
    try {
      return readdirSync(folder).length;
    } catch {
      return 0; // Not Linux.
    }
  };
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  return { threads: count("/proc/self/task"), files: count("/proc/self/fd"), ...resources };
}
