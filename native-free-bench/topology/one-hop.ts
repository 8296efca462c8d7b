import { benchmark } from "../harness/benchmark.ts";
import { STRINGS_REPEATED } from "../input/string-source.ts";
import { runReferenceStringHop } from "../reference/string-hop.ts";
import { runObjectArraysHop } from "../rivals/object-arrays-hop.ts";
import { runStringHop } from "./programs/string-hop.ts";

/**
 * One 10-character string per tuple, one task each, no acking:
 *
 *     worker 0: [strings: spout] --ring--> worker 1: [sink: bolt, reads the field]      threads: 2 and an idle main
 */
export const oneHop = benchmark({
  name: "one-hop",
  question: "What does a hop between two workers cost through the row API?",
  unit: "tuples/s",
  coresNeeded: 2,
  params: {
    smoke: { tuples: 20_000, warmupTuples: 5_000, rivalTuples: 20_000 },
    full: { tuples: 60_000_000, warmupTuples: 10_000_000, rivalTuples: 10_000_000 },
  },
  sides: {
    ours: {
      title: "emit([text]), execute(tuple)",
      run: ({ tuples, warmupTuples }) => runStringHop({ stringKind: STRINGS_REPEATED, tuples, warmupTuples }),
    },
    reference: {
      whose: "reference",
      title: "hand-written for this shape",
      run: ({ tuples, warmupTuples }) =>
        runReferenceStringHop({ stringKind: STRINGS_REPEATED, tuples, warmupTuples }),
    },
    postMessage: {
      whose: "rival",
      title: "arrays of 1,000 objects",
      run: ({ rivalTuples }) => runObjectArraysHop({ tuples: rivalTuples, warmupTuples: rivalTuples / 4 }),
    },
  },
  bars: [
    { kind: "ratio", of: "ours", over: "reference", limit: { atLeast: 0.5 } },
    { kind: "ratio", of: "ours", over: "postMessage", limit: { atLeast: 6 } },
  ],
});
