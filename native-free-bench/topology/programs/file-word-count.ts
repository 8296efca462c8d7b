import { defineTopology, type FailInfo, LocalCluster, Spout, type TaskContext, type TopologyConfig } from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { readLines, withLinesFile } from "../../input/lines-file.ts";
import { shareOfLines } from "../../input/zipf-lines.ts";
import { CountWords, measureWordCount, Passes, TextPasses } from "./counted-words.ts";
import { Line, Split } from "./split-lines.ts";
import type { WindowParams } from "./window.ts";

interface FileWordCountOptions {
  readonly file: string;
  /** A line and its words are a tree. */
  readonly acked: boolean;
  readonly parallelism: number | "auto";
  readonly window: WindowParams;
}

const LineStreams = { default: Line, passes: Passes };

/** Every task reads its share of the file into memory and emits it, pass after pass. */
class FileLines extends Spout({ output: LineStreams }) {
  readonly #options: FileWordCountOptions;
  #lines: TextPasses;
  #task = 0;

  constructor(options: FileWordCountOptions) {
    super();
    this.#options = options;
    this.#lines = new TextPasses([], options.window);
  }

  override open(context: TaskContext): void {
    this.#task = context.taskIndex;
    const share = shareOfLines(readLines(this.#options.file), context.taskIndex, context.taskCount);
    this.#lines = new TextPasses(share, this.#options.window);
  }

  nextTuple(): "exhausted" | undefined {
    const line = this.#lines.next();
    if (line === null) {
      this.collector.emitTo("passes", [this.#task, this.#lines.passes]);
      return "exhausted";
    }
    if (this.#options.acked) this.collector.emit([line], this.#lines.newId());
    else this.collector.emit([line]);
    return undefined;
  }

  override ack(): void {
    this.#lines.ack();
  }

  override fail(_id: unknown, info: FailInfo): void {
    throw new Error(`a line failed: ${info.reason}`);
  }

  override close(): void {
    this.#lines.verifyAcks();
  }
}

/** As many tasks of each component. */
export const fileWordCount = defineTopology(import.meta.url, (builder, options: FileWordCountOptions) => {
  const { parallelism } = options;
  const lines = builder.setSpout("lines", FileLines, { parallelism, create: () => new FileLines(options) });
  const words = builder.setBolt("split", Split, { parallelism }).localOrShuffleGrouping(lines);
  const counts = builder
    .setBolt("count", CountWords, { parallelism, create: () => new CountWords(options.window) })
    .fieldsGrouping(words, ["word"]);
  return {
    passes: builder.output(lines.stream("passes")),
    counts: builder.output(counts),
    counted: builder.output(counts.stream("counted")),
  };
});

/** What differs from a task of every component on every worker, and from default settings. */
interface FileWordCountSettings {
  readonly parallelism?: number;
  readonly config?: TopologyConfig;
}

/** Counts the words of the file; words per second at the counters. */
export function runFileWordCount(
  acked: boolean,
  params: WindowParams,
  { parallelism, config = {} }: FileWordCountSettings = {},
): Promise<Measurement> {
  return withLinesFile(async (file) => {
    await using cluster = new LocalCluster();
    const options = { file, acked, parallelism: parallelism ?? ("auto" as const), window: params };
    const run = await cluster.submitTopology("file-word-count", fileWordCount, { options, config });
    // Awaited here, since the cluster ends with this block.
    return await measureWordCount("file word count", run, params);
  });
}
