import assert from "node:assert/strict";
import { test } from "node:test";
import type { LocalClusterConfig } from "../../src/index.ts";
import { LOOP_DEFAULTS, type LoopOptions, loopTopology } from "./loop-topology.ts";
import { runToEnd } from "./run-to-end.ts";

const TINY: LocalClusterConfig = {
  ringBytesMin: 4096,
  ringBytesMax: 4096,
  batchRowsMax: 4,
  localQueueRowsMax: 8,
  localMarkRows: 4,
};

async function checkLoop(given: Partial<LoopOptions>, cluster: LocalClusterConfig): Promise<void> {
  const options = { ...LOOP_DEFAULTS, ...given };
  const { rows, summary } = await runToEnd(loopTopology, { options, cluster: { ...TINY, ...cluster } });
  const { tuples, circulations, doublings } = options;
  const copies = 2 ** doublings;
  assert.deepEqual(rows.counts, [["count", tuples * copies, (copies * (tuples * (tuples - 1))) / 2]]);
  let passes = 0;
  for (let round = 0; round <= circulations; round++) passes += tuples * 2 ** Math.min(round, doublings);
  assert.equal(summary.totals.byComponent.throw?.executed, passes);
  assert.equal(summary.totals.byComponent.return?.executed, passes);
  assert.equal(summary.totals.byComponent.balls?.acked, options.tracked ? tuples : 0);
  assert.equal(summary.totals.failed, 0);
  assert.equal(summary.outcome, "completed");
  assert.equal(summary.left, 0);
}

for (const workers of [1, 2, 3, 4]) {
  test(`a cycle on tiny queues ends by itself with exact counts: inline, ${workers} workers`, async () => {
    for (const parallelism of [1, 2, 3]) await checkLoop({ parallelism }, { runtime: "inline", workers });
    await checkLoop({ doublings: 3, tuples: 200 }, { runtime: "inline", workers });
    // Far more work inside of the cycle than its spill could ever hold, had new input the same right as feedback.
    await checkLoop({ circulations: 60, tuples: 300 }, { runtime: "inline", workers, feedbackSpillMax: 200 });
  });
}

test("a cycle on tiny queues ends by itself with exact counts: threads", async () => {
  for (const parallelism of [1, 2]) {
    await checkLoop({ parallelism }, { workers: 2 });
    await checkLoop({ parallelism, circulations: 60, tuples: 300 }, { workers: 2, feedbackSpillMax: 400 });
  }
});

for (const runtime of ["inline", "threads"] as const) {
  test(`trees that go around a cycle on tiny queues are acked once each: ${runtime}`, async () => {
    for (const maxSpoutPending of [1, 5, 1000]) {
      const cluster = { runtime, workers: 2, maxSpoutPending };
      await checkLoop({ tracked: true, tuples: 200, parallelism: 2 }, cluster);
      await checkLoop({ tracked: true, tuples: 100, doublings: 3 }, cluster);
    }
  });
}

test("a cycle with more work than its spill could hold takes in no more than it gets rid of: threads", async () => {
  const usual = { ringBytesMax: 262_144, batchRowsMax: 256, localQueueRowsMax: 4096, localMarkRows: 1024 };
  await checkLoop({ tuples: 100_000, circulations: 20, payloadLength: 0 }, { ...usual, workers: 2 });
});

for (const runtime of ["inline", "threads"] as const) {
  for (const workers of [1, 2]) {
    test(`a feedback edge that holds too much is named in an error: ${runtime}, ${workers} workers`, async () => {
      const options = { ...LOOP_DEFAULTS, burst: 1500 };
      const cluster = { ...TINY, runtime, workers, feedbackSpillMax: 1000 };
      await assert.rejects(runToEnd(loopTopology, { options, cluster }), (error: Error & { code?: string }) => {
        const cause = error.cause as Error & { code?: string };
        assert.equal(error.code, "TASK_FAILED");
        assert.equal(cause.code, "FEEDBACK_SPILL");
        assert.match(cause.message, /"return:again → throw"/);
        return true;
      });
      // The same burst is taken where the bound allows it.
      const { rows } = await runToEnd(loopTopology, { options, cluster: { ...cluster, feedbackSpillMax: 2000 } });
      assert.equal(rows.counts?.[0]?.[1], LOOP_DEFAULTS.tuples + 1500);
    });
  }
}

test("the same seed gives the same end of a cycle, whatever else goes on", async () => {
  const cluster = { ...TINY, runtime: "inline", workers: 3, seed: 4 } as const;
  const first = await runToEnd(loopTopology, { options: LOOP_DEFAULTS, cluster });
  const second = await runToEnd(loopTopology, { options: LOOP_DEFAULTS, cluster });
  assert.deepEqual(second.summary.totals, first.summary.totals);
});
