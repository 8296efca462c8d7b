/**
 * Goal:   `killThread` kills what it is told to, and nothing that is not there.
 * Method: a run on real threads, and the public face alone.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError, LocalCluster, type RunEvents } from "../../../src/index.ts";
import { killThread } from "../../../src/testing/index.ts";
import { DEADLINE, until } from "../engine/helpers.ts";
import { endless } from "./kill-thread-topology.ts";

test("a worker and the acker are killed and replaced; what is no thread is refused", DEADLINE, async () => {
  await using cluster = new LocalCluster({ workers: 2, pin: "off", logLevel: "silent" });
  const run = await cluster.submitTopology("endless", endless);
  const replaced: RunEvents["workerReplaced"][] = [];
  run.on("workerReplaced", (event) => replaced.push(event));
  await until(() => run.totals().acked > 0);
  killThread(run, 1, "exit");
  await until(() => replaced.length === 1);
  killThread(run, "acker");
  await until(() => replaced.length === 2);
  assert.deepEqual(
    replaced.map(({ worker }) => worker),
    [1, null],
  );
  assert.match(replaced[0]!.error.message, /exit/);

  for (const bad of [2, -1, 0.5, "main" as "acker"]) assert.throws(() => killThread(run, bad), isBadThread);
  assert.throws(() => killThread(run, "acker", "exit"), isBadThread);
  assert.throws(() => killThread({ plan: run.plan } as typeof run, 0), isBadThread);
  await run.kill();
  killThread(run, 0);
});

function isBadThread(error: unknown): boolean {
  return error instanceof EngineError && error.code === "KILL_BAD_THREAD";
}
