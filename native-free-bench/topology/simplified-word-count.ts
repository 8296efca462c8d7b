import { type Benchmark, benchmark } from "../harness/benchmark.ts";
import { stormBest, stormSide } from "../rivals/storm.ts";
import { runKeyedWords } from "./programs/keyed-words.ts";
import { shortWindows } from "./programs/window.ts";

/**
 * Words out of a spout's memory, one per call, straight to their counters: a word count without the splitting, so
 * that a tree is a single tuple. Ours with a task of both on every worker, Storm with one of each:
 *
 *     [words] --by word--> [count]
 */
export const simplifiedWordCount = row("simplified-word-count", false);
export const simplifiedWordCountAcked = row("simplified-word-count-acked", true);

function row(name: string, acked: boolean): Benchmark {
  const settings = stormBest("simplified-word-count", acked);
  return benchmark({
    name,
    question: `How fast are generated words counted by key, ${acked ? "every word tracked" : "nothing tracked"}?`,
    list: "full",
    unit: "words/s",
    coresNeeded: 2,
    sideTimeoutMs: 120_000,
    rounds: 3,
    params: shortWindows,
    sides: {
      ours: { title: "stormcell, default settings", run: (sizes) => runKeyedWords(acked, sizes) },
      stormBest: stormSide({ shape: "simplified-word-count", acked, settings, inSmoke: false }),
    },
    bars: [
      { kind: "ratio", of: "ours", over: "stormBest", limit: { atLeast: 1 } },
      { kind: "value", of: "ours", figure: "peakRssMb", limit: { atMost: 300 } },
    ],
  });
}
