import { benchmark } from "../harness/benchmark.ts";
import { runPlainWordCount } from "../reference/plain-word-count.ts";
import { runReferenceWordCount } from "../reference/word-count.ts";
import { runWordCount } from "./programs/word-count.ts";

/**
 * 10,000 lines of 10 words from memory, pass after pass, a slice of every component on every worker:
 *
 *     worker 0: [lines] -local-> [split] --fields--> [count]
 *                                        \  ring  /
 *                                         X      X             threads: 2 and an idle main
 *                                        /        \
 *     worker 1: [lines] -local-> [split] --fields--> [count]
 */
export const wordCountShape = benchmark({
  name: "word-count",
  question: "How fast are words counted, against a plain loop that does nothing else?",
  unit: "words/s",
  coresNeeded: 2,
  params: { smoke: { passes: 3, warmupPasses: 1 }, full: { passes: 360, warmupPasses: 60 } },
  sides: {
    twoWorkers: { title: "two workers", run: (params) => runWordCount(2, { ...params, parallelism: "auto" }) },
    oneWorker: { title: "one worker", run: (params) => runWordCount(1, { ...params, parallelism: "auto" }) },
    plainLoop: { whose: "reference", title: "one loop, one Map", run: runPlainWordCount },
    reference: { whose: "reference", title: "two threads, hand-written", run: runReferenceWordCount },
  },
  bars: [
    { kind: "ratio", of: "twoWorkers", over: "plainLoop", limit: { atLeast: 1.2 } },
    { kind: "ratio", of: "oneWorker", over: "plainLoop", limit: { atLeast: 0.6 } },
  ],
});
