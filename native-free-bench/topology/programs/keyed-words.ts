import { defineTopology, type FailInfo, LocalCluster, Spout, type TaskContext } from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { shareOfLines, zipfLines } from "../../input/zipf-lines.ts";
import { CountWords, measureWordCount, Passes, TextPasses } from "./counted-words.ts";
import { Word } from "./split-lines.ts";
import type { WindowParams } from "./window.ts";

interface KeyedWordsOptions {
  /** A word is a tree. */
  readonly acked: boolean;
  readonly window: WindowParams;
}

const WordStreams = { default: Word, passes: Passes };

/** Every task makes the words of its share of the lines, and emits one per call, pass after pass. */
class Words extends Spout({ output: WordStreams }) {
  readonly #options: KeyedWordsOptions;
  #words: TextPasses;
  #task = 0;

  constructor(options: KeyedWordsOptions) {
    super();
    this.#options = options;
    this.#words = new TextPasses([], options.window);
  }

  override open(context: TaskContext): void {
    this.#task = context.taskIndex;
    const share = shareOfLines(zipfLines(), context.taskIndex, context.taskCount);
    this.#words = new TextPasses(
      share.flatMap((line) => line.split(" ")),
      this.#options.window,
    );
  }

  nextTuple(): "exhausted" | undefined {
    const word = this.#words.next();
    if (word === null) {
      this.collector.emitTo("passes", [this.#task, this.#words.passes]);
      return "exhausted";
    }
    if (this.#options.acked) this.collector.emit([word], this.#words.newId());
    else this.collector.emit([word]);
    return undefined;
  }

  override ack(): void {
    this.#words.ack();
  }

  override fail(_id: unknown, info: FailInfo): void {
    throw new Error(`a word failed: ${info.reason}`);
  }

  override close(): void {
    this.#words.verifyAcks();
  }
}

/** A task of both components on every worker. */
export const keyedWords = defineTopology(import.meta.url, (builder, options: KeyedWordsOptions) => {
  const parallelism = "auto";
  const words = builder.setSpout("words", Words, { parallelism, create: () => new Words(options) });
  const counts = builder
    .setBolt("count", CountWords, { parallelism, create: () => new CountWords(options.window) })
    .fieldsGrouping(words, ["word"]);
  return {
    passes: builder.output(words.stream("passes")),
    counts: builder.output(counts),
    counted: builder.output(counts.stream("counted")),
  };
});

/** Counts words that nobody has to split, at default settings; words per second at the counters. */
export async function runKeyedWords(acked: boolean, params: WindowParams): Promise<Measurement> {
  await using cluster = new LocalCluster();
  const run = await cluster.submitTopology("keyed-words", keyedWords, { options: { acked, window: params } });
  // Awaited here, since the cluster ends with this function.
  return await measureWordCount("keyed words", run, params);
}
