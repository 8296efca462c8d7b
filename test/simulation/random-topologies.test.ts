import assert from "node:assert/strict";
import { test } from "node:test";
import { simulate } from "../../src/testing/index.ts";
import { expectedArrivals } from "./random-oracle.ts";
import { type RandomPlan, randomPlan } from "./random-plan.ts";
import { randomTopology } from "./random-topology.ts";
import { checkReports } from "./random-verdict.ts";

const SEEDS = 200;
const TUPLES_MAX = 3_000;
const givenSeed = process.env.SEED;
const firstSeed = givenSeed === undefined ? 1 : Number(givenSeed);
const seedCount = givenSeed === undefined ? SEEDS : 1;

async function simulateRandom(plan: RandomPlan, seed: number) {
  const config = {
    workers: plan.workers,
    ringBytesMin: 4096,
    ringBytesMax: 4096,
    batchRowsMax: plan.batchRowsMax,
    localQueueRowsMax: plan.localQueueRowsMax,
    localMarkRows: Math.min(8, plan.localQueueRowsMax),
  };
  const simulation = simulate(randomTopology, { options: { seed: plan.seed }, config, seed });
  return { simulation, summary: await simulation.completed() };
}

async function traceOf(planSeed: number, engineSeed: number): Promise<string> {
  const { simulation } = await simulateRandom(randomPlan(planSeed), engineSeed);
  return simulation.trace.hash;
}

test(`${seedCount} random acyclic topologies on the smallest rings give the right result`, async () => {
  let total = 0;
  for (let seed = firstSeed; seed < firstSeed + seedCount; seed++) {
    const plan = randomPlan(seed);
    const expected = expectedArrivals(plan, TUPLES_MAX);
    if (expected === null) continue;
    try {
      const { simulation, summary } = await simulateRandom(plan, seed);
      checkReports(plan, expected, simulation.emittedBy("reports"));
      assert.equal(summary.outcome, "completed");
      total += summary.totals.executed;
    } catch (error) {
      throw new Error(`SEED=${seed}: ${(error as Error).stack}`, { cause: error });
    }
  }
  assert.ok(total > seedCount * 100 || seedCount === 1, `only ${total} tuples went anywhere`);
});

test("the same seed gives the same trace, another seed another order of the same work", async () => {
  const traces = new Set<string>();
  for (const planSeed of [firstSeed + 2, firstSeed + 7, firstSeed + 11, firstSeed + 30]) {
    const first = await traceOf(planSeed, 5);
    assert.equal(await traceOf(planSeed, 5), first, `SEED=${planSeed}`);
    traces.add(first);
    for (const engineSeed of [6, 7, 8]) traces.add(await traceOf(planSeed, engineSeed));
  }
  assert.ok(traces.size > 10, `16 runs gave only ${traces.size} traces`);
});
