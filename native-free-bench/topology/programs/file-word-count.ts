import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  type FailInfo,
  fields,
  LocalCluster,
  Spout,
  type TaskContext,
  type Tuple,
} from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { readLines, withLinesFile } from "../../input/lines-file.ts";
import { shareOfLines, verifySharedWordCounts } from "../../input/zipf-lines.ts";
import { Line, Split, Word } from "./split-lines.ts";
import { collectRows, coresOver, SinkWindow, SpoutWindow, type WindowParams, windowMeasurement } from "./window.ts";

interface FileWordCountOptions {
  readonly file: string;
  /** A line and its words are a tree. */
  readonly acked: boolean;
  readonly window: WindowParams;
}

const Passes = fields("task:int32", "passes:int32");
const Count = fields("word:string", "count:int32");
const Counted = fields("arrived:float64", "counted:float64", "seconds:float64");

const LineStreams = { default: Line, passes: Passes };

/** Every task reads its share of the file into memory and emits it, pass after pass. */
class FileLines extends Spout({ output: LineStreams }) {
  readonly #options: FileWordCountOptions;
  readonly #window: SpoutWindow;
  #lines: readonly string[] = [];
  #task = 0;
  #index = 0;
  #passes = 0;
  #unacked = 0;

  constructor(options: FileWordCountOptions) {
    super();
    this.#options = options;
    this.#window = new SpoutWindow(options.window);
  }

  override open(context: TaskContext): void {
    this.#task = context.taskIndex;
    this.#lines = shareOfLines(readLines(this.#options.file), context.taskIndex, context.taskCount);
  }

  nextTuple(): "exhausted" | undefined {
    if (this.#index === this.#lines.length) {
      this.#index = 0;
      this.#passes++;
      // Only whole passes, so that the counts of every word are known.
      if (this.#window.isOverNow()) {
        this.collector.emitTo("passes", [this.#task, this.#passes]);
        return "exhausted";
      }
    }
    const line = this.#lines[this.#index++]!;
    if (this.#options.acked) {
      this.#unacked++;
      this.collector.emit([line], this.#index);
    } else this.collector.emit([line]);
    return undefined;
  }

  override ack(): void {
    this.#unacked--;
  }

  override fail(_id: unknown, info: FailInfo): void {
    throw new Error(`a line failed: ${info.reason}`);
  }

  override close(): void {
    if (this.#unacked !== 0) throw new Error(`${this.#unacked} lines were not acked`);
  }
}

const CountStreams = { default: Count, counted: Counted };

class CountWords extends BasicBolt({ input: Word, output: CountStreams }) {
  readonly #counts = new Map<string, number>();
  readonly #window: SinkWindow;

  constructor(options: FileWordCountOptions) {
    super();
    this.#window = new SinkWindow(options.window);
  }

  execute(tuple: Tuple<typeof Word>): void {
    const word = tuple.word;
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
    this.#window.add();
  }

  override onEnd(collector: BasicCollector<typeof CountStreams>): void {
    collector.emitTo("counted", this.#window.report());
    for (const [word, count] of this.#counts) collector.emit([word, count]);
  }
}

/** A task of every component on every worker. */
export const fileWordCount = defineTopology(import.meta.url, (builder, options: FileWordCountOptions) => {
  const parallelism = "auto";
  const lines = builder.setSpout("lines", FileLines, { parallelism, create: () => new FileLines(options) });
  const words = builder.setBolt("split", Split, { parallelism }).localOrShuffleGrouping(lines);
  const counts = builder
    .setBolt("count", CountWords, { parallelism, create: () => new CountWords(options) })
    .fieldsGrouping(words, ["word"]);
  return {
    passes: builder.output(lines.stream("passes")),
    counts: builder.output(counts),
    counted: builder.output(counts.stream("counted")),
  };
});

/** Counts the words of the file at default settings; words per second at the counters. */
export function runFileWordCount(acked: boolean, params: WindowParams): Promise<Measurement> {
  return withLinesFile(async (file) => {
    await using cluster = new LocalCluster();
    const run = await cluster.submitTopology("file-word-count", fileWordCount, {
      options: { file, acked, window: params },
    });
    const cores = coresOver(params);
    const [passes, counts, counted] = await Promise.all([
      collectRows(run.outputs.passes, (row) => [row.task, row.passes] as const),
      collectRows(run.outputs.counts, ({ word, count }) => [word, count] as const),
      collectRows(run.outputs.counted, ({ arrived, counted, seconds }) => ({ arrived, counted, seconds })),
    ]);
    await run.completed();
    const measurement = windowMeasurement(counted, await cores);
    verifyCounts(passes, counts);
    return measurement;
  });
}

function verifyCounts(
  passes: readonly (readonly [task: number, passes: number])[],
  counts: readonly (readonly [word: string, count: number])[],
): void {
  const byWord = new Map(counts);
  if (byWord.size !== counts.length) throw new Error("file word count: two tasks counted the same word");
  const passesOfTask = [...passes].sort(([a], [b]) => a - b).map(([, count]) => count);
  verifySharedWordCounts("file word count", byWord, passesOfTask);
}
