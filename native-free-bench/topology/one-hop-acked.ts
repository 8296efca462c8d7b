import { benchmark } from "../harness/benchmark.ts";
import { STRINGS_REPEATED } from "../input/string-source.ts";
import { runReferenceStringHop } from "../reference/string-hop.ts";
import { runStringHop } from "./programs/string-hop.ts";

/**
 * The hop of `one-hop` with an id for every tuple: each is a tree of its own, and the spout hears of each ack.
 *
 *     worker 0: [strings: spout] --ring--> worker 1: [sink: bolt]      threads: 2, an acker that sleeps, an idle main
 *                     ^----- completion ring -----------'
 */
export const oneHopAcked = benchmark({
  name: "one-hop-acked",
  question: "What does a hop cost when every tuple is tracked?",
  unit: "tuples/s",
  coresNeeded: 2,
  params: {
    smoke: { tuples: 20_000, warmupTuples: 5_000 },
    full: { tuples: 40_000_000, warmupTuples: 10_000_000 },
  },
  sides: {
    acked: {
      title: "an id per tuple, default settings",
      run: ({ tuples, warmupTuples }) =>
        runStringHop({ stringKind: STRINGS_REPEATED, tuples, warmupTuples, tracked: true }),
    },
    ackedTuned: {
      title: "the same, maxSpoutPending 65,536",
      run: ({ tuples, warmupTuples }) =>
        runStringHop(
          { stringKind: STRINGS_REPEATED, tuples, warmupTuples, tracked: true },
          { maxSpoutPending: 65_536 },
        ),
    },
    unacked: {
      title: "no ids",
      run: ({ tuples, warmupTuples }) => runStringHop({ stringKind: STRINGS_REPEATED, tuples, warmupTuples }),
    },
    reference: {
      whose: "reference",
      title: "hand-written, not tracked",
      run: ({ tuples, warmupTuples }) =>
        runReferenceStringHop({ stringKind: STRINGS_REPEATED, tuples, warmupTuples }),
    },
  },
  bars: [
    { kind: "ratio", of: "acked", over: "reference", limit: { atLeast: 0.25 } },
    { kind: "ratio", of: "acked", over: "unacked", limit: { atLeast: 0.5 } },
  ],
});
