import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../src/base/prng.ts";
import type { WindowMetrics } from "../../src/metrics/metrics-snapshot.ts";
import { simulate, type TraceEvent } from "../../src/testing/index.ts";
import { expectedArrivals } from "./random-oracle.ts";
import { type RandomPlan, randomPlan } from "./random-plan.ts";
import { randomTopology } from "./random-topology.ts";

/*
 * Claim: whatever the graph, and whether a run ends by itself, is drained, or killed in the middle, the counters of
 * each task tell what it did: emits by stream, executes, acks and fails, and what was sent and did not arrive.
 * Method: random topologies in the inline runtime, tracked and not; the oracle is the trace of the simulation, which
 * knows of emits from the routes and of hooks from the instances, and of no counter.
 */
const SEEDS = 60;
const BURST = 500;
const TUPLES_MAX = 4_000;
const givenSeed = process.env.SEED;
const firstSeed = givenSeed === undefined ? 1 : Number(givenSeed);
const seedCount = givenSeed === undefined ? SEEDS : 1;

test(`the counters of ${seedCount} random topologies are those of a recount`, { timeout: 240_000 }, async (t) => {
  let [events, killed] = [0, 0];
  for (let seed = firstSeed; seed < firstSeed + seedCount; seed++) {
    const plan = randomPlan(seed, BURST);
    if (expectedArrivals(plan, TUPLES_MAX) === null) continue;
    try {
      const prng = new Prng(seed * 17 + 3);
      const simulation = simulateRandom(plan, seed, prng.below(2) === 0);
      const ending = (["completed", "drained", "killed"] as const)[prng.below(3)]!;
      if (ending !== "completed") await simulation.advance(prng.below(8));
      const end = { completed: () => simulation.completed(), drained: () => simulation.drain() };
      const summary = await (ending === "killed" ? simulation.kill() : end[ending]());
      if (summary.outcome === "killed") killed++;
      checkCounters(simulation.metrics({ windows: ["all"] }).components, simulation.trace.events, summary.outcome);
      events += simulation.trace.events.length;
    } catch (error) {
      throw new Error(`SEED=${seed}: ${(error as Error).stack}`, { cause: error });
    }
  }
  t.diagnostic(`${events} events recounted, ${killed} runs killed`);
  if (seedCount > 1) assert.ok(events > 20_000 && killed > 3, `${events} events, ${killed} killed`);
});

function simulateRandom(plan: RandomPlan, seed: number, tracked: boolean) {
  const { workers, batchRowsMax, localQueueRowsMax } = plan;
  const config = {
    workers,
    ringBytesMin: 4096,
    ringBytesMax: 4096,
    batchRowsMax,
    localQueueRowsMax,
    localMarkRows: Math.min(8, localQueueRowsMax),
    messageTimeoutMs: 3_600_000,
  };
  const options = { seed: plan.seed, burst: BURST, tracked };
  return simulate(randomTopology, { options, config, seed, autoAdvance: false });
}

type Components = ReturnType<ReturnType<typeof simulateRandom>["metrics"]>["components"];

function checkCounters(components: Components, events: readonly TraceEvent[], outcome: string): void {
  const seen = recount(events);
  const executedOf = new Map<string, number>();
  const transferredOf = new Map<string, number>();
  let expired = 0;
  for (const [id, { kind, tasks }] of Object.entries(components)) {
    for (const { taskId, windows } of tasks) {
      const counted = windows.all!;
      expired += counted.counts.expired;
      for (const [stream, output] of Object.entries(counted.outputs)) {
        const what = `${id}#${taskId} ${stream}`;
        assert.equal(output.emitted, seen(taskId, `emit ${stream}`), `emits of ${what}`);
        if (kind === "spout") assert.deepEqual([output.firsts, output.replayed], [output.emitted, 0], what);
        add(transferredOf, `${id} ${stream}`, output.transferred);
      }
      for (const { component, stream, executed } of counted.inputs)
        add(executedOf, `${component} ${stream}`, executed);
      if (kind === "bolt") checkBolt(counted, seen(taskId, "execute"), outcome, `${id}#${taskId}`);
      if (kind === "spout") {
        const { acked, failed } = counted.counts;
        assert.deepEqual([acked, failed], [seen(taskId, "ack"), seen(taskId, "fail")], `acks of ${id}#${taskId}`);
      }
    }
  }
  for (const [stream, transferred] of transferredOf) {
    const executed = executedOf.get(stream) ?? 0;
    if (outcome === "completed" && expired === 0) assert.equal(executed, transferred, `what left ${stream} arrived`);
    else assert.ok(executed <= transferred, `${stream}: ${executed} executed of ${transferred}`);
  }
}

function checkBolt({ counts }: WindowMetrics, executes: number, outcome: string, what: string): void {
  assert.equal(counts.executed, executes, `executes of ${what}`);
  assert.ok(counts.acked + counts.failed <= executes, `${what} settles what it executes`);
  if (outcome === "completed") assert.equal(counts.acked, executes, `acks of ${what}`);
}

/** How often a task did something: an emit to a stream, or a hook. */
function recount(events: readonly TraceEvent[]): (taskId: number, what: string) => number {
  const counts = new Map<string, number>();
  for (const { taskId, what, place } of events) {
    add(counts, `${taskId} ${what === "emit" ? `emit ${place}` : what}`, 1);
  }
  return (taskId, what) => counts.get(`${taskId} ${what}`) ?? 0;
}

function add(counts: Map<string, number>, key: string, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
