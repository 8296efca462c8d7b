// A gate's rules one by one: what waits, what is dropped, what is taken over, and a store that loses answers.
import assert from "node:assert/strict";
import { test } from "node:test";
import { memoryOnceStore, type OnceOptions, once } from "../../../src/connectors/once/index.ts";
import { fields, spout, type TopologyConfig } from "../../../src/index.ts";
import { simulate } from "../../../src/testing/index.ts";
import { clusterFor } from "../engine/helpers.ts";
import { type GateOptions, gates, type Job } from "./topologies/gates.ts";

const DEADLINE = { timeout: 20_000 };

/** Numbers of the jobs that got through the gate, in order; by when they did, in virtual time. */
async function through(options: GateOptions, config: TopologyConfig = {}) {
  await using simulation = simulate(gates, { options, config });
  const summary = await simulation.completed();
  const done = simulation.emittedBy("work").map(([, n]) => n as number);
  return { done, atMs: simulation.nowMs, spout: summary.totals.byComponent.jobs! };
}

test("a job that comes again is let through no more; others are", async () => {
  const { done, spout } = await through({ ids: ["a", "b", "a", "c", "a"] });
  assert.equal(done.length, 3);
  assert.equal(spout.acked, 5);
  const behind = await through({ ids: ["a", "b", "a", "c", "a"], isBehind: true });
  assert.equal(behind.done.length, 3, "with a bolt before the gate");
});

test("ids may be as long as the rows that a ring takes", DEADLINE, async () => {
  await using cluster = clusterFor("threads", { workers: 2 });
  const long = "x".repeat(90_000);
  // So many that both tasks of the gate have some: one of them is on another thread.
  const ids = Array.from({ length: 8 }, (_, n) => `${long}${n}`);
  const options = { ids: [...ids, "a", ...ids] };
  const run = await cluster.submitTopology("gates", gates, { options });
  const done: number[] = [];
  const read = async () => {
    for await (const { n } of run.outputs.done) done.push(n);
  };
  await Promise.all([run.completed(), read()]);
  assert.equal(done.length, 9);
});

const SLOW = { messageTimeoutMs: 20_000 };

test("a job waits for the attempt that has its id; when that fails, it goes on", async () => {
  const { done, atMs } = await through({ ids: ["a", "a"], failsAfterMs: 400, leaseMs: 60_000 }, SLOW);
  assert.deepEqual(done, [0, 1]);
  assert.ok(atMs >= 400 && atMs < 1000, `after ${atMs} ms`);
});

test("a lease that has run out is taken over", async () => {
  const { done, spout } = await through({ ids: ["a", "a"], failsAfterMs: 1000, leaseMs: 200 }, SLOW);
  assert.deepEqual(done, [0, 1]);
  assert.deepEqual([spout.acked, spout.failed], [2, 1]);
});

test("dropped is dropped: at most once", async () => {
  const { done, spout } = await through({ ids: ["a", "a", "a"], onBusy: "drop", failsAfterMs: 400 }, SLOW);
  assert.deepEqual(done, [0, 0], "the first alone comes again");
  assert.deepEqual([spout.acked, spout.failed], [3, 1]);
});

test("who waits too long, or beyond waitingMax, is failed and comes again", async () => {
  const first = { failsAfterMs: 2000, leaseMs: 60_000 };
  const long = await through({ ids: ["a", "a"], ...first, waitMaxMs: 200 }, SLOW);
  assert.ok(long.spout.failed >= 5, `${long.spout.failed} failed`);
  assert.deepEqual(long.done, [0, 1]);
  const many = await through({ ids: ["a", "a", "a", "a"], ...first, waitingMax: 1 }, SLOW);
  assert.ok(many.spout.failed >= 5, `${many.spout.failed} failed`);
  assert.equal(many.done.length, 2);
});

test("a store that loses answers lets nothing through twice, and loses nothing", DEADLINE, async () => {
  await using cluster = clusterFor("threads", { workers: 2 });
  const ids = Array.from({ length: 3000 }, (_, n) => `job ${n % 1500}`);
  const run = await cluster.submitTopology("gates", gates, { options: { ids, loseEvery: 5 } });
  const times = new Map<string, number>();
  const read = async () => {
    for await (const { id } of run.outputs.done) times.set(id, (times.get(id) ?? 0) + 1);
  };
  const [summary] = await Promise.all([run.completed(), read()]);
  assert.equal(summary.outcome, "completed");
  assert.equal(times.size, 1500);
  assert.deepEqual(
    [...times].filter(([, count]) => count !== 1),
    [],
  );
});

test("what cannot be followed is refused, with the reason", DEADLINE, async () => {
  const fails = async (options: Partial<GateOptions>, config: TopologyConfig, code: string) => {
    await using cluster = clusterFor("threads");
    const all = { ids: ["a"], ...options };
    const started = cluster.submitTopology("gates", gates, { options: all, config });
    const error = await started
      .then((run) => run.completed())
      .then(
        () => assert.fail(`${code} was expected`),
        (thrown) => thrown as Error & { cause?: unknown },
      );
    assert.match(`${error.message} ${error.stack} ${String((error.cause as Error)?.stack)}`, new RegExp(code));
  };
  await fails({ source: "untracked" }, {}, "ONCE_UNTRACKED");
  await fails({}, { acking: "off" }, "ONCE_UNTRACKED");
  await fails({ source: "no id" }, { restartsMax: 0 }, "ONCE_BAD_ID");
});

test("settings that make no sense are refused where the gate is made", () => {
  const good = { fields: fields("id:string", "n:int32"), id: "id", store: memoryOnceStore() };
  const wrong = [
    { id: "name" },
    { id: 5 },
    { fields: {} },
    { store: {} },
    { leaseMs: 0 },
    { onBusy: "fail" },
    { lease: 5 },
  ];
  for (const change of wrong) {
    const options = { ...good, ...change } as unknown as OnceOptions<typeof Job>;
    assert.throws(() => once(options), { code: "CONNECTOR_BAD_OPTION" }, JSON.stringify(change));
  }
  const Gate = once(good as OnceOptions<typeof Job>);
  const row = fields("id:string", "n:int32");
  const taken = spout({ output: { default: row, outcomes: row }, nextTuple: () => "idle" });
  for (const source of [Gate, {}, null, taken]) {
    assert.throws(() => Gate.watch(source as never), { code: "ONCE_BAD_SOURCE" });
  }
});
