import { test } from "node:test";
import { expectedArrivals } from "../../simulation/random-oracle.ts";
import { randomPlan } from "../../simulation/random-plan.ts";
import { randomTopology } from "../../simulation/random-topology.ts";
import { checkReports } from "../../simulation/random-verdict.ts";
import { runToEnd } from "../../simulation/run-to-end.ts";

const RUNS = 10;
const TUPLES_MAX = 20_000;
const givenSeed = process.env.SEED;
const firstSeed = givenSeed === undefined ? 1_000 : Number(givenSeed);

for (let seed = firstSeed; seed < firstSeed + (givenSeed === undefined ? RUNS : 1); seed++) {
  const plan = randomPlan(seed);
  const expected = expectedArrivals(plan, TUPLES_MAX);
  if (expected === null) continue;
  test(`a random acyclic topology on the smallest rings gives the right result: threads, SEED=${seed}`, async () => {
    const { rows } = await runToEnd(randomTopology, {
      options: { seed },
      cluster: {
        workers: plan.workers,
        ringBytesMin: 4096,
        ringBytesMax: 4096,
        batchRowsMax: plan.batchRowsMax,
        localQueueRowsMax: plan.localQueueRowsMax,
        localMarkRows: Math.min(8, plan.localQueueRowsMax),
      },
    });
    checkReports(plan, expected, rows.reports ?? []);
  });
}
