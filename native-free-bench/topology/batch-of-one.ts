import { benchmark } from "../harness/benchmark.ts";
import { STRINGS_REPEATED } from "../input/string-source.ts";
import { runReferenceStringHop } from "../reference/string-hop.ts";
import { runStringHop } from "./programs/string-hop.ts";

/**
 * The hop of `one-hop` with `batchRowsMax` 1: a frame, a publication and a doorbell look per tuple.
 *
 *     worker 0: [strings] --one tuple per frame--> worker 1: [sink]      threads: 2 and an idle main
 */
export const batchOfOne = benchmark({
  name: "batch-of-one",
  question: "What does a hop cost when every tuple travels alone?",
  unit: "tuples/s",
  coresNeeded: 2,
  params: {
    smoke: { tuples: 10_000, warmupTuples: 2_000, referenceTuples: 20_000 },
    full: { tuples: 8_000_000, warmupTuples: 2_000_000, referenceTuples: 60_000_000 },
  },
  sides: {
    ours: {
      title: "batchRowsMax 1",
      run: ({ tuples, warmupTuples }) =>
        runStringHop({ stringKind: STRINGS_REPEATED, tuples, warmupTuples }, { batchRowsMax: 1 }),
    },
    reference: {
      whose: "reference",
      title: "hand-written, batches of 512",
      run: ({ referenceTuples }) =>
        runReferenceStringHop({
          stringKind: STRINGS_REPEATED,
          tuples: referenceTuples,
          warmupTuples: referenceTuples / 4,
        }),
    },
  },
  bars: [
    {
      kind: "ratio",
      of: "ours",
      over: "reference",
      limit: { atLeast: 0.067 },
      why: "3 million tuples/s where the reference makes 45",
    },
  ],
});
