import type { TopologyConfig } from "stormcell";
import { benchmark, type Side } from "../harness/benchmark.ts";
import { STRINGS_REPEATED } from "../input/string-source.ts";
import { runStringHop } from "./programs/string-hop.ts";
import { runWordCount } from "./programs/word-count.ts";

/**
 * The hop and the word count of the benchmarks of those names: with times and latencies taken, without, and with a
 * page of the dashboard open that is told once a second. What is counted is counted in each case: the engine needs it
 * itself.
 */
const params = {
  smoke: { tuples: 20_000, warmupTuples: 5_000, trackedTuples: 10_000, passes: 3, warmupPasses: 1 },
  full: {
    tuples: 60_000_000,
    warmupTuples: 10_000_000,
    trackedTuples: 12_000_000,
    passes: 160,
    warmupPasses: 60,
  },
};
type Sizes = typeof params.full;

export const metricsCost = benchmark({
  name: "metrics-cost",
  question: "What does it cost to take times and latencies, and to look at them?",
  unit: "tuples (words)/s",
  coresNeeded: 2,
  params,
  sides: {
    hopOn: hop("on", false),
    hopOff: hop("off", false),
    ackedHopOn: hop("on", true),
    ackedHopOff: hop("off", true),
    hopWatched: hop("on", false, true),
    wordCountOn: wordCount("on"),
    wordCountOff: wordCount("off"),
    wordCountWatched: wordCount("on", true),
  },
  bars: [
    { kind: "ratio", of: "hopOn", over: "hopOff", limit: { atLeast: 0.97 } },
    { kind: "ratio", of: "wordCountOn", over: "wordCountOff", limit: { atLeast: 0.97 } },
    { kind: "ratio", of: "ackedHopOn", over: "ackedHopOff", limit: { atLeast: 0.97 } },
    { kind: "ratio", of: "hopWatched", over: "hopOn", limit: { atLeast: 0.98 } },
    { kind: "ratio", of: "wordCountWatched", over: "wordCountOn", limit: { atLeast: 0.98 } },
  ],
});

function hop(metrics: NonNullable<TopologyConfig["metrics"]>, tracked: boolean, isWatched = false): Side<Sizes> {
  return {
    title: `one hop${tracked ? ", tracked" : ""}, metrics ${metrics}${isWatched ? ", a page open" : ""}`,
    run({ tuples, trackedTuples, warmupTuples }) {
      const sizes = tracked ? { tuples: trackedTuples, warmupTuples: trackedTuples / 5 } : { tuples, warmupTuples };
      return runStringHop({ stringKind: STRINGS_REPEATED, ...sizes, tracked }, { metrics }, isWatched);
    },
  };
}

function wordCount(metrics: NonNullable<TopologyConfig["metrics"]>, isWatched = false): Side<Sizes> {
  return {
    title: `word count, metrics ${metrics}${isWatched ? ", a page open" : ""}`,
    run({ passes, warmupPasses }) {
      return runWordCount(2, { passes, warmupPasses, parallelism: "auto" }, { metrics }, isWatched);
    },
  };
}
