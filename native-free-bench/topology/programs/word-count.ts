import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  type FailInfo,
  fields,
  LocalCluster,
  Spout,
  type TaskContext,
  type TopologyConfig,
  type Tuple,
} from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { sharedClockMs } from "../../input/shared-clock.ts";
import { verifyWordCounts, WORDS_PER_PASS, zipfLines } from "../../input/zipf-lines.ts";
import { openLivePage } from "./live-page.ts";
import { Line, Split, Word } from "./split-lines.ts";

export interface WordCountOptions {
  readonly passes: number;
  readonly warmupPasses: number;
  /** Tasks of each of the three components. */
  readonly parallelism: number | "auto";
  /** A line and its ten words are a tree. */
  readonly tracked?: boolean;
}

const Count = fields("word:string", "count:int32");
/**
 * Moments on the clock that all threads share: when a spout's timed passes begin, when a counter has seen its last
 * word.
 */
const Mark = fields("begins:bool", "atMs:float64");

const LineStreams = { default: Line, marks: Mark };

/** Every task emits its share of the lines, pass after pass. */
class Lines extends Spout({ output: LineStreams }) {
  readonly #options: WordCountOptions;
  #lines: readonly string[] = [];
  #index = 0;
  #pass = 0;

  constructor(options: WordCountOptions) {
    super();
    this.#options = options;
  }

  override open(context: TaskContext): void {
    this.#lines = zipfLines().filter((_, index) => index % context.taskCount === context.taskIndex);
  }

  nextTuple(): "exhausted" | undefined {
    if (this.#index === this.#lines.length) {
      this.#index = 0;
      this.#pass++;
    }
    if (this.#pass === this.#options.passes) return "exhausted";
    if (this.#index === 0 && this.#pass === this.#options.warmupPasses) {
      this.collector.emitTo("marks", [true, sharedClockMs()]);
    }
    const line = this.#lines[this.#index++]!;
    if (this.#options.tracked === true) this.collector.emit([line], this.#index);
    else this.collector.emit([line]);
    return undefined;
  }

  override fail(_id: unknown, info: FailInfo): void {
    throw new Error(`a line failed: ${info.reason}`);
  }
}

const CountStreams = { default: Count, marks: Mark };

class CountWords extends BasicBolt({ input: Word, output: CountStreams }) {
  readonly #counts = new Map<string, number>();

  execute(tuple: Tuple<typeof Word>): void {
    const word = tuple.word;
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }

  override onEnd(collector: BasicCollector<typeof CountStreams>): void {
    collector.emitTo("marks", [false, sharedClockMs()]);
    for (const [word, count] of this.#counts) collector.emit([word, count]);
  }
}

export const wordCount = defineTopology(import.meta.url, (builder, options: WordCountOptions) => {
  const { parallelism } = options;
  const lines = builder.setSpout("lines", Lines, { parallelism, create: () => new Lines(options) });
  const words = builder.setBolt("split", Split, { parallelism }).localOrShuffleGrouping(lines);
  const counts = builder.setBolt("count", CountWords, { parallelism }).fieldsGrouping(words, ["word"]);
  return {
    counts: builder.output(counts),
    begins: builder.output(lines.stream("marks")),
    ends: builder.output(counts.stream("marks")),
  };
});

/**
 * Counts the lines on `workers` threads and compares every word's count; words per second over the timed passes.
 *
 * @param isWatched whether a page of the dashboard is open meanwhile
 */
export async function runWordCount(
  workers: number,
  options: WordCountOptions,
  config: TopologyConfig = {},
  isWatched = false,
): Promise<Measurement> {
  await using cluster = new LocalCluster({ workers });
  const run = await cluster.submitTopology("word-count", wordCount, { options, config });
  await using _page = isWatched ? await openLivePage(cluster, run.name) : null;
  const [counts, begins, ends] = await Promise.all([
    collectCounts(run.outputs.counts),
    collectTimes(run.outputs.begins),
    collectTimes(run.outputs.ends),
  ]);
  await run.completed();
  verifyWordCounts(`word count on ${workers} workers`, counts, options.passes);
  const seconds = (Math.max(...ends) - Math.min(...begins)) / 1_000;
  return { value: ((options.passes - options.warmupPasses) * WORDS_PER_PASS) / seconds, detail: { seconds } };
}

async function collectCounts(
  tuples: AsyncIterable<{ readonly word: string; readonly count: number }>,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { word, count } of tuples) {
    if (counts.has(word)) throw new Error(`word count: two tasks counted "${word}"`);
    counts.set(word, count);
  }
  return counts;
}

async function collectTimes(tuples: AsyncIterable<{ readonly atMs: number }>): Promise<number[]> {
  const times: number[] = [];
  for await (const { atMs } of tuples) times.push(atMs);
  return times;
}
