// A spout that says where in its source it is, and is restarted: it emits again what was pending and nothing that was
// acked. And restarts together with the loss of a thread.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { killThread } from "../../../src/engine/kill-thread.ts";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import type { RunEvents } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, type Runtime, rejectionOf, until } from "../engine/helpers.ts";
import { type RestartingOptions, restarting } from "./topologies/restarting.ts";

const ROWS = 50;
const THROWS_AT = 30;
const options = { rows: ROWS, delayMs: 100, sourceThrowsAt: THROWS_AT, holdsOdd: true } as const;

async function valuesOf(iterable: AsyncIterable<object>): Promise<readonly number[][]> {
  const values: number[][] = [];
  for await (const tuple of iterable) values.push([...(tuple as { $: { values: readonly number[] } }).$.values]);
  return values;
}

async function start(runtime: Runtime, options: RestartingOptions) {
  const cluster = clusterFor(runtime, { workers: 2 });
  const run = await cluster.submitTopology("restarting", restarting, { options });
  const restarts: RunEvents["taskRestarted"][] = [];
  run.on("taskRestarted", (restart) => restarts.push(restart));
  const outputs = run.outputs as Readonly<Record<string, AsyncIterable<object>>>;
  return { cluster, run: run as unknown as TopologyRun, restarts, outputs };
}

function timesOf(rows: readonly number[][]): number[] {
  const times = new Array<number>(ROWS).fill(0);
  for (const [n] of rows) times[n!]!++;
  return times;
}

for (const runtime of RUNTIMES) {
  describe(`restarted spouts, ${runtime}`, () => {
    test("a replaying spout emits again what was pending, and nothing that was acked", DEADLINE, async () => {
      const { cluster, run, restarts, outputs } = await start(runtime, { ...options, source: "replaying" });
      const rows = valuesOf(outputs.rows!);
      const summary = await run.completed();
      assert.deepEqual(
        restarts.map(({ component, hook, error }) => [component, hook, error.message]),
        [["numbers", "nextTuple", "planted in source"]],
      );
      const expected = Array.from({ length: ROWS }, (_, n) => (n % 2 === 1 && n < THROWS_AT ? 2 : 1));
      assert.deepEqual(timesOf(await rows), expected);
      assert.deepEqual([summary.totals.byComponent.numbers!.acked, summary.totals.failed], [ROWS + THROWS_AT / 2, 0]);
      await cluster.close();
    });

    test("what its first instance had pending is nobody's: ids may mean other tuples now", DEADLINE, async () => {
      const { cluster, run, outputs } = await start(runtime, { ...options, source: "positions" });
      const rows = valuesOf(outputs.rows!);
      const told = await valuesOf(outputs.told!);
      await run.completed();
      await rows;
      const second = told.filter(([life]) => life === 2);
      const ids = second.map(([, id]) => id).sort((a, b) => a! - b!);
      assert.deepEqual(
        ids,
        Array.from({ length: ROWS - 1 }, (_, id) => id),
      );
      const later = second.map(([, , n]) => n).sort((a, b) => a! - b!);
      assert.deepEqual(
        later,
        Array.from({ length: ROWS - 1 }, (_, n) => n + 1),
      );
      await cluster.close();
    });

    test("a spout that was exhausted is asked again for what was pending", DEADLINE, async () => {
      const throwing = { ...options, sourceThrowsAt: ROWS, ackThrows: true, source: "positions" } as const;
      const { cluster, run, restarts, outputs } = await start(runtime, throwing);
      const rows = valuesOf(outputs.rows!);
      const told = valuesOf(outputs.told!);
      await run.completed();
      assert.deepEqual(
        restarts.map(({ hook }) => hook),
        ["ack"],
      );
      const expected = Array.from({ length: ROWS }, (_, n) => (n % 2 === 1 ? 2 : 1));
      for (const [n, times] of timesOf(await rows).entries()) assert.ok(times >= expected[n]!, `row ${n}: ${times}`);
      assert.ok((await told).some(([life]) => life === 2));
      await cluster.close();
    });

    test("a source that could only begin anew fails the run", DEADLINE, async () => {
      const { cluster, run, outputs } = await start(runtime, { ...options, source: "plain", holdsOdd: false });
      valuesOf(outputs.rows!).catch(() => {});
      const error = await rejectionOf(run.completed(), "TASK_FAILED");
      assert.equal((error.cause as Error).message, "planted in source");
      await cluster.close();
    });
  });
}

describe("restarts and the loss of a worker", () => {
  const cases = [
    ["a bolt is restarted while the epoch changes", { delayMs: 30, boltThrowsAt: 500 }],
    ["a bolt is restarted in the epoch after", { delayMs: 1500, boltThrowsAt: 500 }],
    ["a spout is restarted while the epoch changes", { delayMs: 30, sourceThrowsAt: 500 }],
    ["a spout is restarted in the epoch after", { delayMs: 1500, sourceThrowsAt: 500 }],
  ] as const;
  for (const [name, given] of cases) {
    test(`${name}, and every row is done`, DEADLINE, async () => {
      const job = { ...given, source: "replaying", rows: 3000 } as const;
      const { cluster, run, restarts, outputs } = await start("threads", job);
      const rows = valuesOf(outputs.rows!);
      const replaced: unknown[] = [];
      const spout = run.plan.tasks.find((task) => task?.component === "numbers")!;
      const lost = 1 - spout.thread;
      const component = "boltThrowsAt" in given ? "keep" : "numbers";
      // Of the bolt a task of each worker is restarted, and one of them goes down with its worker.
      const ofSurvivor = () => restarts.filter(({ task }) => run.plan.tasks[task]!.thread === spout.thread);
      run.on("workerReplaced", ({ worker }) => replaced.push([worker, ofSurvivor().length]));
      await until(() => {
        const { numbers, keep } = run.totals().byComponent;
        return component === "keep" ? keep!.failed >= 2 : numbers!.emitted === 500;
      });
      run[killThread](lost, "terminate");
      const summary = await run.completed();
      assert.equal(summary.outcome, "completed");
      if (given.delayMs > 1000) assert.deepEqual(replaced, [[lost, 0]]);
      else assert.equal(replaced.length, 1);
      assert.deepEqual(
        ofSurvivor().map((restart) => restart.component),
        [component],
      );
      const seen = new Set((await rows).map(([n]) => n));
      assert.equal(seen.size, 3000, "rows were lost");
      await cluster.close();
    });
  }
});
