import assert from "node:assert/strict";
import { test } from "node:test";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import { killThread } from "../../../src/testing/index.ts";
import { clusterFor, DEADLINE, until } from "../engine/helpers.ts";
import { counted, WORDS } from "./topologies/counted.ts";

const MESSAGES = 400_000;
const WORKERS = 2;
const KILLS = 4;

/*
 * Claim: counters lose nothing of what was done, whatever thread dies in the middle of it, and distinct messages are
 * counted once.
 * Method: real threads, killed from outside; the components count for themselves, in shared memory of the test's. At
 * the moment of a death a task may have been between the engine's count and its own: one row per task and kill.
 */
for (const throwsEvery of [0, 100_000]) {
  const what = throwsEvery === 0 ? "" : ", while its spout is restarted";
  test(`what was counted before a thread was killed is counted${what}`, DEADLINE, async () => {
    const seen = new Int32Array(new SharedArrayBuffer(WORDS.length * Int32Array.BYTES_PER_ELEMENT));
    await using cluster = clusterFor("threads", { workers: WORKERS });
    const options = { messages: MESSAGES, seen, throwsEvery };
    const run = await cluster.submitTopology("counted", counted, { options });
    let replaced = 0;
    run.on("workerReplaced", () => replaced++);
    const written = () => Atomics.load(seen, WORDS.indexOf("written"));
    for (let kill = 1; kill <= KILLS; kill++) {
      const before = written();
      await until(() => written() > before + 5_000 || run.state !== "active");
      if (run.state !== "active") break;
      killThread(run, kill % WORKERS);
      await until(() => replaced === kill || run.state !== "active");
    }
    await run.completed();

    const { components } = run.metrics({ windows: ["all"], tasks: false });
    const of = (id: string) => components[id]!.windows.all!.counts;
    const own = Object.fromEntries(WORDS.map((word, at) => [word, Atomics.load(seen, at)])) as Record<string, number>;
    assert.ok(replaced > 0, "threads were killed");
    assert.equal(of("source").firsts, MESSAGES);
    assert.equal(of("source").emitted, MESSAGES + of("source").replayed);
    if (throwsEvery > 0)
      assert.ok(own.throws! > 0 && of("source").restarts <= own.throws!, "the spout was restarted");
    near(of("relay").executed, own.relayed!, "executed by the relays");
    near(of("relay").emitted, own.relayEmits!, "emitted by the relays");
    near(of("writer").executed, own.written!, "executed by the writers");
    // An instance that was given up does not hear of its trees any more: they are done all the same.
    if (throwsEvery > 0) assert.ok(of("source").acked >= own.acked! - KILLS, "acked");
    else near(of("source").acked, own.acked!, "acked");
    assert.ok(of("source").acked >= MESSAGES);
    assert.equal((run as unknown as TopologyRun).epoch, replaced + 1);
  });
}

function near(countedByUs: number, countedByThem: number, what: string): void {
  assert.ok(
    Math.abs(countedByUs - countedByThem) <= KILLS * WORKERS,
    `${what}: ${countedByUs}, not ${countedByThem}`,
  );
}
