import { benchmark } from "../harness/benchmark.ts";
import { measureTimedTrees } from "./programs/timed-trees.ts";

/**
 * Trees of one tuple at a fixed rate, measured from the moment when the tuple was due to the spout's `ack`:
 *
 *     worker 0: [timed: spout] --ring--> worker 1: [sink: bolt]
 *                  ^---- completion ring ----'
 */
export const ackLatency = benchmark({
  name: "ack-latency",
  question: "How long does it take until a spout hears that its tuple was processed?",
  unit: "ms, median of a run",
  coresNeeded: 2,
  params: {
    smoke: { tuples: 2_000, warmupTuples: 200 },
    full: { tuples: 1_600_000, warmupTuples: 400_000 },
  },
  sides: {
    tenth: {
      title: "440,000 tuples/s: a tenth of the most that was measured",
      run: (params) => measureTimedTrees({ ...params, ratePerSecond: 440_000 }),
    },
    slow: {
      title: "10,000 tuples/s",
      run: ({ tuples, warmupTuples }) =>
        measureTimedTrees({
          tuples: Math.ceil(tuples / 100),
          warmupTuples: Math.ceil(warmupTuples / 100),
          ratePerSecond: 10_000,
        }),
    },
  },
  bars: [{ kind: "value", of: "tenth", limit: { atMost: 0.5 } }],
});
