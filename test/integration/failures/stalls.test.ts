import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Run, RunEvents } from "../../../src/index.ts";
import { clusterFor, DEADLINE, RUNTIMES, type Runtime } from "../engine/helpers.ts";
import { type FailingOptions, failing } from "./topologies/failing.ts";

async function start(runtime: Runtime, options: FailingOptions) {
  const cluster = clusterFor(runtime, { workers: 2 });
  const run = await cluster.submitTopology("failing", failing, { options, config: { messageTimeoutMs: 60_000 } });
  const stalls: RunEvents["stalled"][] = [];
  run.on("stalled", (stall) => stalls.push(stall));
  for (const output of Object.values(run.outputs)) void drop(output).catch(() => {});
  return { cluster, run, stalls };
}

async function drop(output: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of output);
}

function stallOf(run: Run<unknown>): Promise<RunEvents["stalled"]> {
  return new Promise((resolve) => run.on("stalled", resolve));
}

for (const runtime of RUNTIMES) {
  describe(`stalls, ${runtime}`, () => {
    test("a bolt that holds tuples for ever is named within a second", DEADLINE, async () => {
      const { cluster, run } = await start(runtime, { tuples: 10, behaviour: "hold for ever" });
      const startedMs = performance.now();
      const stall = await stallOf(run as Run<unknown>);
      const tookMs = performance.now() - startedMs;
      assert.deepEqual([stall.component, stall.task, stall.held], ["leaf", 2, 3]);
      assert.match(stall.problem, /task 2 of "leaf" holds 3 tuples/);
      assert.ok(tookMs < 1_500, `${tookMs} ms`);
      await run.kill();
      await cluster.close();
    });

    test("so is one whose promise never settles", DEADLINE, async () => {
      const { cluster, run } = await start(runtime, { tuples: 10, behaviour: "never settles" });
      const stall = await stallOf(run as Run<unknown>);
      assert.deepEqual([stall.component, stall.task, stall.held], ["leaf", 2, 1]);
      assert.match(stall.problem, /waits for a promise/);
      await run.kill();
      await cluster.close();
    });
  });
}

describe("no false alarm", () => {
  test(
    "for a spout that has nothing to emit, a restart that is waited for, and a bolt that is busy",
    DEADLINE,
    async () => {
      const idle = await start("threads", { tuples: 10, behaviour: "throw at 2", endless: true });
      const onError = { backoff: { kind: "fixed", delayMs: 2_000 } } as const;
      const waiting = await start("threads", { tuples: 50, behaviour: "throw at 2", onError });
      const busy = await start("threads", { tuples: 40, behaviour: "busy" });
      await Promise.all([waiting.run.completed(), busy.run.completed()]);
      assert.deepEqual([idle.stalls, waiting.stalls, busy.stalls], [[], [], []]);
      await idle.run.kill();
      for (const { cluster } of [idle, waiting, busy]) await cluster.close();
    },
  );
});
