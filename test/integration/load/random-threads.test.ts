import assert from "node:assert/strict";
import { test } from "node:test";
import { expectedArrivals } from "../../simulation/random-oracle.ts";
import { randomPlan } from "../../simulation/random-plan.ts";
import { randomTopology } from "../../simulation/random-topology.ts";
import { checkReports } from "../../simulation/random-verdict.ts";
import { runToEnd } from "../../simulation/run-to-end.ts";

const RUNS = 16;
const TUPLES_MAX = 20_000;
const givenSeed = process.env.SEED;
const firstSeed = givenSeed === undefined ? 1_000 : Number(givenSeed);

for (let seed = firstSeed; seed < firstSeed + (givenSeed === undefined ? RUNS : 1); seed++) {
  const plan = randomPlan(seed);
  const expected = expectedArrivals(plan, TUPLES_MAX);
  if (expected === null) continue;
  const tracked = seed % 2 === 0;
  const kind = tracked ? "tracked" : "untracked";
  test(`a random ${kind} topology on the smallest rings gives the right result: threads, SEED=${seed}`, async () => {
    const { rows, summary } = await runToEnd(randomTopology, {
      options: { seed, tracked },
      cluster: {
        maxSpoutPending: 1 + (seed % 50),
        spoutIdleMaxMs: 5,
        workers: plan.workers,
        ringBytesMin: 4096,
        ringBytesMax: 4096,
        batchRowsMax: plan.batchRowsMax,
        localQueueRowsMax: plan.localQueueRowsMax,
        localMarkRows: Math.min(8, plan.localQueueRowsMax),
      },
    });
    checkReports(plan, expected, rows.reports ?? []);
    for (const { id, spoutTuples } of plan.components) {
      if (spoutTuples === 0) continue;
      const { emitted, acked, failed } = summary.totals.byComponent[id]!;
      assert.deepEqual([acked, failed], [tracked ? emitted : 0, 0], id);
    }
  });
}
