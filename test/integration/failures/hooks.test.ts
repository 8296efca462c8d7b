// Worker hooks, and task hooks for a whole topology.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clusterFor, DEADLINE, RUNTIMES, type Runtime, rejectionOf } from "../engine/helpers.ts";
import { CELLS, type HookedOptions, hooked } from "./topologies/hooked.ts";

const ROWS = 10;

async function submit(runtime: Runtime, options: Partial<HookedOptions> = {}) {
  const counts = new Int32Array(new SharedArrayBuffer(64));
  const cluster = clusterFor(runtime, { workers: 2 });
  const run = cluster.submitTopology("hooked", hooked, { options: { rows: ROWS, ...options, counts } });
  return { cluster, run, of: (cell: keyof typeof CELLS) => counts[CELLS[cell]]! };
}

async function read(output: AsyncIterable<object>): Promise<unknown[][]> {
  const rows: unknown[][] = [];
  for await (const tuple of output) rows.push([...(tuple as { $: { values: readonly unknown[] } }).$.values]);
  return rows;
}

for (const runtime of RUNTIMES) {
  describe(`hooks, ${runtime}`, () => {
    test(
      "worker hooks: started before the tasks of each worker, shut down after them in reverse",
      DEADLINE,
      async () => {
        const { cluster, run, of } = await submit(runtime);
        const started = await run;
        assert.deepEqual([of("started"), of("shutDown")], [4, 0]);
        const rows = read(started.outputs.seen);
        await started.completed();
        assert.deepEqual([of("shutDown"), of("wrongOrder")], [4, 0]);
        for (const [what, component, worker] of await rows) {
          assert.deepEqual([what, component], [`relay by first on ${worker as number}`, "relay"]);
        }
        await cluster.close();
      },
    );

    test("task hooks of the topology see every instance of the tasks that they want to see", DEADLINE, async () => {
      const { cluster, run, of } = await submit(runtime);
      const started = await run;
      const rows = read(started.outputs.seen);
      const summary = await started.completed();
      assert.equal(summary.totals.restarts, 1);
      // One tuple is executed twice: it fails at first, and its bolt is made anew.
      assert.deepEqual([of("prepared"), of("cleanedUp")], [3, 3]);
      assert.deepEqual([of("executed"), of("acked"), of("failed")], [ROWS, ROWS, 1]);
      assert.deepEqual([of("spoutAcked"), of("spoutFailed")], [ROWS, 1]);
      assert.deepEqual([of("emits"), of("seen")], [ROWS + 1 + ROWS, ROWS + 1]);
      assert.equal((await rows).length, ROWS + 1);
      await cluster.close();
    });
  });

  describe(`hooks that fail, ${runtime}`, () => {
    test(
      "a worker hook that throws in start keeps the topology from starting, and the others are shut down",
      DEADLINE,
      async () => {
        const { cluster, run, of } = await submit(runtime, { fails: "start 1" });
        const error = await rejectionOf(run, "WORKER_HOOK_FAILED");
        assert.deepEqual([error.facts.worker, error.facts.hook, error.facts.error], [1, "start", "planted in start"]);
        assert.equal(of("shutDown"), of("started"));
        assert.ok(of("started") >= 1);
        await cluster.close();
      },
    );

    test("a worker hook that throws in shutdown fails the run, and the others are shut down", DEADLINE, async () => {
      const { cluster, run, of } = await submit(runtime, { fails: "shutdown 1" });
      const started = await run;
      read(started.outputs.seen).catch(() => {});
      const error = await rejectionOf(started.completed(), "WORKER_HOOK_FAILED");
      assert.deepEqual([error.facts.worker, error.facts.hook], [1, "shutdown"]);
      assert.equal(of("shutDown"), 4);
      await cluster.close();
    });

    test("what is no hook is refused", DEADLINE, async () => {
      const worker = await submit(runtime, { adds: "no worker hook" });
      await rejectionOf(worker.run, "WORKER_HOOK_INVALID");
      await worker.cluster.close();
      const task = await submit(runtime, { adds: "no task hook" });
      const error = await rejectionOf(task.run, "TASK_FAILED");
      assert.equal((error.cause as { code?: string }).code, "TASK_HOOK_INVALID");
      await task.cluster.close();
    });
  });
}
