import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../src/base/prng.ts";
import { simulate } from "../../src/testing/index.ts";
import { expectedArrivals } from "./random-oracle.ts";
import { type RandomPlan, randomPlan } from "./random-plan.ts";
import { randomTopology, type Told, toldBySeed } from "./random-topology.ts";
import { checkReports } from "./random-verdict.ts";

/*
 * Claim: whatever the graph, the sizes of its queues and the limit of pending trees, a run with tracked tuples ends
 * (by itself, drained, or killed in the middle), and each tree is acked exactly once unless the run was killed.
 * Method: random acyclic topologies on the smallest rings, with bursts of 10,000 emits in one execute and executes
 * that end later; the oracle is what the spouts themselves were told, against the ids that they gave.
 */
const SEEDS = 200;
const BURST = 10_000;
const TUPLES_MAX = 15_000;
const givenSeed = process.env.SEED;
const firstSeed = givenSeed === undefined ? 1 : Number(givenSeed);
const seedCount = givenSeed === undefined ? SEEDS : 1;

test(`${seedCount} random topologies with tracked tuples end, and each tree once`, {
  timeout: 240_000,
}, async (t) => {
  let [acked, drained] = [0, 0];
  for (let seed = firstSeed; seed < firstSeed + seedCount; seed++) {
    const plan = randomPlan(seed, BURST);
    const expected = expectedArrivals(plan, TUPLES_MAX);
    if (expected === null) continue;
    const told: Told = { emitted: new Set(), acked: [], failed: [] };
    toldBySeed.set(seed, told);
    try {
      const simulation = simulateTracked(plan, seed);
      const prng = new Prng(seed * 31 + 7);
      const ending = (["completed", "completed", "drained", "killed"] as const)[prng.below(4)]!;
      if (ending !== "completed") await simulation.advance(prng.below(12));
      const summary = await endAs(simulation, ending);
      assert.deepEqual(told.failed, []);
      if (summary.outcome !== "killed") assert.deepEqual(told.acked.toSorted(), [...told.emitted].sort());
      if (summary.outcome === "completed") checkReports(plan, expected, simulation.emittedBy("reports"));
      acked += told.acked.length;
      if (summary.outcome === "drained") drained++;
    } catch (error) {
      throw new Error(`SEED=${seed}: ${(error as Error).stack}`, { cause: error });
    } finally {
      toldBySeed.delete(seed);
    }
  }
  t.diagnostic(`${acked} trees acked, ${drained} runs drained in the middle`);
  if (seedCount > 1) assert.ok(acked > 20_000 && drained > 10, `${acked} trees, ${drained} drained`);
});

function simulateTracked(plan: RandomPlan, seed: number) {
  const prng = new Prng(seed);
  const config = {
    workers: plan.workers,
    ringBytesMin: 4096,
    ringBytesMax: 4096,
    batchRowsMax: plan.batchRowsMax,
    localQueueRowsMax: plan.localQueueRowsMax,
    localMarkRows: Math.min(8, plan.localQueueRowsMax),
    maxSpoutPending: [1, 2, 7, 64, 8192][prng.below(5)]!,
    // No tree may fail only because so much virtual time has passed.
    messageTimeoutMs: 3_600_000,
  };
  return simulate(randomTopology, {
    options: { seed: plan.seed, burst: BURST, tracked: true },
    config,
    seed,
    autoAdvance: false,
  });
}

/** A run that ended by itself before it was to be drained or killed is fine, too. */
function endAs(simulation: ReturnType<typeof simulateTracked>, ending: "completed" | "drained" | "killed") {
  if (ending === "drained") return simulation.drain();
  return ending === "killed" ? simulation.kill() : simulation.completed();
}
