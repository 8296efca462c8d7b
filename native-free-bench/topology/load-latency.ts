import { benchmark, type Measurement, type Side } from "../harness/benchmark.ts";
import { measureTimedWordCount, mostSentencesPerSecond } from "./programs/timed-word-count.ts";

/**
 * Throughput against latency: the acked word count, one task each, first as fast as it goes and then at a share of
 * that. Every sentence is measured from the moment when it was due, until the counter executes its words (the value)
 * and until the spout hears that it is done (`complete`):
 *
 *     [timed lines] -> [split] --fields--> [count]
 */
const params = {
  smoke: { mostSentences: 10_000, warmupMs: 20, windowMs: 50 },
  full: { mostSentences: 600_000, warmupMs: 3_000, windowMs: 4_000 },
};

type LoadParams = typeof params.full;

export const loadLatency = benchmark({
  name: "load-latency",
  question: "How long does a word take from when its sentence was due, at a tenth, a half and 80 % of the most?",
  list: "full",
  unit: "ms at the sink, median of a run",
  coresNeeded: 2,
  rounds: 3,
  sideSeconds: (sizes) => 4 + (sizes.warmupMs + sizes.windowMs) / 1_000,
  params,
  sides: {
    tenth: atShare(0.1, "a tenth of the most"),
    half: atShare(0.5, "half of the most"),
    fourFifths: atShare(0.8, "80 % of the most"),
  },
  bars: [],
});

function atShare(share: number, title: string): Side<LoadParams> {
  return {
    title,
    async run({ mostSentences, warmupMs, windowMs }): Promise<Measurement> {
      const most = await mostSentencesPerSecond(mostSentences);
      const sentencesPerSecond = Math.round(most * share);
      const { value, detail } = await measureTimedWordCount({ sentencesPerSecond, warmupMs, windowMs });
      return { value, detail: { most, rate: sentencesPerSecond, ...detail } };
    },
  };
}
