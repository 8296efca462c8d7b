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
import { peakRssMb } from "../../harness/resource-use.ts";
import { type LatencyFigures, LatencyHistogram } from "../../input/latency-histogram.ts";
import { readLines, withLinesFile } from "../../input/lines-file.ts";
import { ThreadClock } from "../../input/shared-clock.ts";
import { LINE_COUNT, verifyWordCounts } from "../../input/zipf-lines.ts";
import { collectRows, coresOver, type WindowParams } from "./window.ts";

export interface TimedWordCountParams extends WindowParams {
  readonly sentencesPerSecond: number;
}

interface TimedWordCountOptions extends TimedWordCountParams {
  readonly file: string;
  /** Whole passes over the file, so that the counts of every word are known. */
  readonly passes: number;
}

/** Outside of the window, `dueMs` is 0. */
const Line = fields("line:string", "dueMs:float64");
const Word = fields("word:string", "dueMs:float64");
const Count = fields("word:string", "count:int32");
const Latencies = fields("bucket:int32", "count:float64", "maxNanos:float64");

const SPACE = 32;
const LineStreams = { default: Line, latencies: Latencies };

/**
 * Emits each line when it is due, one per call, and takes the time of its tree from that moment until its ack: a
 * spout that falls behind hides nothing.
 */
class TimedLines extends Spout({ output: LineStreams }) {
  readonly #options: TimedWordCountOptions;
  readonly #clock = new ThreadClock();
  readonly #latencies = new LatencyHistogram();
  #lines: readonly string[] = [];
  #sentences = 0;
  #startMs = 0;
  #next = 0;
  #acked = 0;

  constructor(options: TimedWordCountOptions) {
    super();
    this.#options = options;
  }

  override open(_context: TaskContext): void {
    this.#lines = readLines(this.#options.file);
    this.#sentences = this.#options.passes * this.#lines.length;
  }

  nextTuple(): "idle" | "exhausted" | undefined {
    const { sentencesPerSecond, warmupMs, windowMs } = this.#options;
    if (this.#next === this.#sentences) return "exhausted";
    const nowMs = this.#clock.nowMs();
    if (this.#startMs === 0) this.#startMs = nowMs;
    const dueAfterMs = (this.#next * 1_000) / sentencesPerSecond;
    const dueMs = this.#startMs + dueAfterMs;
    if (nowMs < dueMs) return "idle";
    const counted = dueAfterMs >= warmupMs && dueAfterMs < warmupMs + windowMs;
    this.collector.emit([this.#lines[this.#next++ % this.#lines.length]!, counted ? dueMs : 0], counted ? dueMs : 0);
    return undefined;
  }

  override ack(id: unknown): void {
    const dueMs = id as number;
    if (dueMs !== 0) this.#latencies.add(this.#clock.nowMs() - dueMs);
    if (++this.#acked < this.#sentences) return;
    for (const row of this.#latencies.rows()) this.collector.emitTo("latencies", row);
  }

  override fail(_id: unknown, info: FailInfo): void {
    throw new Error(`a line failed: ${info.reason}`);
  }
}

class TimedSplit extends BasicBolt({ input: Line, output: Word }) {
  execute(tuple: Tuple<typeof Line>, collector: BasicCollector<typeof Word>): void {
    const { line, dueMs } = tuple;
    let start = 0;
    for (let at = 0; at <= line.length; at++) {
      if (at < line.length && line.charCodeAt(at) !== SPACE) continue;
      collector.emit([line.substring(start, at), dueMs]);
      start = at + 1;
    }
  }
}

const CountStreams = { default: Count, latencies: Latencies };

class TimedCount extends BasicBolt({ input: Word, output: CountStreams }) {
  readonly #clock = new ThreadClock();
  readonly #latencies = new LatencyHistogram();
  readonly #counts = new Map<string, number>();

  execute(tuple: Tuple<typeof Word>): void {
    const { word, dueMs } = tuple;
    if (dueMs !== 0) this.#latencies.add(this.#clock.nowMs() - dueMs);
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }

  override onEnd(collector: BasicCollector<typeof CountStreams>): void {
    for (const row of this.#latencies.rows()) collector.emitTo("latencies", row);
    for (const [word, count] of this.#counts) collector.emit([word, count]);
  }
}

/** One task each, as on the rivals' side: at these rates nobody needs more. */
export const timedWordCount = defineTopology(import.meta.url, (builder, options: TimedWordCountOptions) => {
  const lines = builder.setSpout("lines", TimedLines, { create: () => new TimedLines(options) });
  const words = builder.setBolt("split", TimedSplit).localOrShuffleGrouping(lines);
  const counts = builder.setBolt("count", TimedCount).fieldsGrouping(words, ["word"]);
  return {
    counts: builder.output(counts),
    sink: builder.output(counts.stream("latencies")),
    complete: builder.output(lines.stream("latencies")),
  };
});

/** What a run of the timed word count told, when every word was found to be counted. */
interface TimedRun {
  /** Until a counter executed a word, and until the spout heard that the sentence is done. */
  readonly atSink: LatencyFigures;
  readonly atSpout: LatencyFigures;
  readonly sentences: number;
  readonly cores: number;
  readonly peakMb: number;
}

/** Latencies of an acked word count at a fixed rate: the median at the sink, with tails and cost beside it. */
export async function measureTimedWordCount(
  params: TimedWordCountParams,
  config: TopologyConfig = {},
): Promise<Measurement> {
  const sentences = (params.sentencesPerSecond * (params.warmupMs + params.windowMs)) / 1_000;
  const { atSink, atSpout, cores, peakMb } = await runTimedWordCount(params, passesOf(sentences), config);
  const { p50: value, p90, p99, p999, max } = atSink;
  const { p50: complete, p99: completeP99, p999: completeP999, max: completeMax } = atSpout;
  const tails = { p90, p99, p999, max, complete, completeP99, completeP999, completeMax };
  return { value, detail: { ...tails, cores, peakRssMb: peakMb } };
}

/** Sentences per second that the same topology counts and acks when all of them are due at once. */
export async function mostSentencesPerSecond(sentences: number): Promise<number> {
  const params = { sentencesPerSecond: Number.POSITIVE_INFINITY, warmupMs: 0, windowMs: 1 };
  const run = await runTimedWordCount(params, passesOf(sentences), {});
  // With the first half the code became warm. Latency is the time since the start of all, so the second half took
  // as long as there is from the median to the end.
  return (run.sentences / 2 / (run.atSpout.max - run.atSpout.p50)) * 1_000;
}

function passesOf(sentences: number): number {
  return Math.ceil(sentences / LINE_COUNT);
}

function runTimedWordCount(params: TimedWordCountParams, passes: number, config: TopologyConfig): Promise<TimedRun> {
  return withLinesFile(async (file) => {
    await using cluster = new LocalCluster();
    const options: TimedWordCountOptions = { ...params, file, passes };
    const run = await cluster.submitTopology("timed-word-count", timedWordCount, { options, config });
    // The spout's clock starts with its first call, which may be some milliseconds off: too little for the cores.
    const cores = coresOver(params);
    const [counts, sink, complete] = await Promise.all([
      collectRows(run.outputs.counts, ({ word, count }) => [word, count] as const),
      collectLatencies(run.outputs.sink),
      collectLatencies(run.outputs.complete),
    ]);
    await run.completed();
    // Before the check of the answer, which takes memory of its own.
    const peakMb = peakRssMb();
    verifyWordCounts("timed word count", new Map(counts), passes);
    const [atSink, atSpout] = [sink.figures(), complete.figures()];
    if (atSink.samples === 0 || atSpout.samples === 0) throw new Error("timed word count: no latency was told");
    return { atSink, atSpout, sentences: passes * LINE_COUNT, cores: await cores, peakMb };
  });
}

async function collectLatencies(
  rows: AsyncIterable<{ readonly bucket: number; readonly count: number; readonly maxNanos: number }>,
): Promise<LatencyHistogram> {
  const histogram = new LatencyHistogram();
  for await (const { bucket, count, maxNanos } of rows) histogram.addMany(bucket, count, maxNanos);
  return histogram;
}
