import { benchmark } from "../harness/benchmark.ts";
import { runPlainWordCount } from "../reference/plain-word-count.ts";
import { runReferenceWordCount } from "../reference/word-count.ts";

/**
 * How much two threads can gain over one loop when nothing is general; drawn in `reference/word-count.ts`.
 */
export const referenceWordCount = benchmark({
  name: "reference-word-count",
  question: "How fast do hand-written programs count words, on one thread and on two?",
  unit: "words/s",
  coresNeeded: 2,
  params: { smoke: { passes: 3, warmupPasses: 1 }, full: { passes: 360, warmupPasses: 60 } },
  sides: {
    twoThreads: { title: "two threads, symmetric", run: runReferenceWordCount },
    plainLoop: { whose: "reference", title: "one loop, one Map", run: runPlainWordCount },
  },
  bars: [],
});
