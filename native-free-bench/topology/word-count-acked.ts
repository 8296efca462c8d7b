import { benchmark } from "../harness/benchmark.ts";
import { runPlainWordCount } from "../reference/plain-word-count.ts";
import { runWordCount } from "./programs/word-count.ts";

/** The word count of `word-count` with an id for every line: a line and its ten words are one tree. */
export const wordCountAcked = benchmark({
  name: "word-count-acked",
  question: "How fast are words counted when every line is tracked with its words?",
  unit: "words/s",
  coresNeeded: 2,
  params: { smoke: { passes: 3, warmupPasses: 1 }, full: { passes: 300, warmupPasses: 60 } },
  sides: {
    acked: {
      title: "two workers, an id per line",
      run: (params) => runWordCount(2, { ...params, parallelism: "auto", tracked: true }),
    },
    unacked: { title: "two workers, no ids", run: (params) => runWordCount(2, { ...params, parallelism: "auto" }) },
    plainLoop: { whose: "reference", title: "one loop, one Map", run: runPlainWordCount },
  },
  bars: [{ kind: "ratio", of: "acked", over: "plainLoop", limit: { atLeast: 0.9 } }],
});
