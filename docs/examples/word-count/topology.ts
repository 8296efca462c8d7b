/**
 * Counts the words of text files, on every core:
 *
 *     read ───────lines──────▶ split ──words──▶ count ──totals, at the end──▶ the program
 *          local or shuffle           by word
 *
 * Every worker has one task of each component. A line stays on the worker that read it, unless that one falls behind;
 * a word goes to the one task that counts this word. Short lines travel together. What travels together and all its
 * words are a tree that is tracked: the job ends when each of them is acked. One that fails ends the job, since its
 * words may have been counted in part; chaos-topology.ts counts in a way that can be repeated.
 */
import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  type FailInfo,
  fields,
  Spout,
  type TaskContext,
  type Tuple,
} from "stormcell";
import { ShareReader } from "./share-reader.ts";
import { shareOfWork, type TextFile } from "./text-files.ts";
import { runsOf, WORD_UNITS_MAX } from "./words.ts";

const Lines = fields("text:string");
const Word = fields("word:string");
const Count = fields("word:string", "count:float64");
const Progress = fields("files:int32", "bytes:float64", "lines:float64");
const Unreadable = fields("path:string", "reason:string");
const TooLong = fields("runs:float64");

const ReaderStreams = { default: Lines, progress: Progress, unreadable: Unreadable };
const SplitterStreams = { default: Word, tooLong: TooLong };

const LINES_PER_CALL = 64;
const BYTES_PER_PROGRESS = 256 * 1024;
/** Lines are put together up to about this length: a tree for each short line would cost more than its words. */
const TEXT_UNITS = 256;
const TEXTS_PENDING_MAX = 16_384;

export interface WordCountOptions {
  readonly files: readonly TextFile[];
  /** Whether files are read again when all of them were: for a job that is to be looked at. Then it has no totals. */
  readonly isEndless?: boolean;
}

class ReadLines extends Spout({ output: ReaderStreams, config: { maxSpoutPending: TEXTS_PENDING_MAX } }) {
  readonly #options: WordCountOptions;
  #openShare!: () => ShareReader;
  #share!: ShareReader;
  #texts = 0;
  #textsBeforePass = 0;

  constructor(options: WordCountOptions) {
    super();
    this.#options = options;
  }

  override open({ taskIndex, taskCount }: TaskContext) {
    const ranges = shareOfWork(this.#options.files, taskIndex, taskCount);
    this.#openShare = () =>
      new ShareReader(ranges, ({ path, reason }) => this.collector.emitTo("unreadable", [path, reason]));
    this.#share = this.#openShare();
  }

  override nextTuple() {
    for (let lines = 0; lines < LINES_PER_CALL; ) {
      let text = "";
      let line: string | null;
      do {
        line = this.#share.next();
        if (line !== null) text = text === "" ? line : `${text}\n${line}`;
        lines++;
      } while (line !== null && text.length < TEXT_UNITS);
      if (text !== "") this.collector.emit([text], ++this.#texts);
      if (line === null) {
        this.#reportProgress();
        // A share without text would be read again for ever.
        if (this.#options.isEndless !== true || this.#texts === this.#textsBeforePass) return "exhausted";
        this.#textsBeforePass = this.#texts;
        this.#share = this.#openShare();
        return undefined;
      }
    }
    if (this.#share.bytesRead >= BYTES_PER_PROGRESS) this.#reportProgress();
    return undefined;
  }

  override fail(text: unknown, { reason, component, error }: FailInfo) {
    const facts = `text ${text} of this reader was not counted: ${reason}, in ${component ?? "no component"}`;
    throw new Error(facts, { cause: error });
  }

  override close() {
    this.#share.close();
  }

  #reportProgress() {
    const { files, bytes, lines } = this.#share.takeProgress();
    this.collector.emitTo("progress", [files, bytes, lines]);
  }
}

class SplitLines extends BasicBolt({ input: Lines, output: SplitterStreams }) {
  #tooLong = 0;

  override execute(tuple: Tuple<typeof Lines>, collector: BasicCollector<typeof SplitterStreams>) {
    for (const run of runsOf(tuple.text)) {
      if (run.length <= WORD_UNITS_MAX) collector.emit([run]);
      else this.#tooLong++;
    }
  }

  override onEnd(collector: BasicCollector<typeof SplitterStreams>) {
    collector.emitTo("tooLong", [this.#tooLong]);
  }
}

/** All totals leave at once, at the end: as many as there are different words. */
class CountWords extends BasicBolt({ input: Word, output: Count, config: { emitOverflowMax: 1_000_000_000 } }) {
  readonly #counts = new Map<string, number>();

  override execute({ word }: Tuple<typeof Word>) {
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }

  override onEnd(collector: BasicCollector<typeof Count>) {
    for (const [word, count] of this.#counts) collector.emit([word, count]);
  }
}

export const wordCount = defineTopology(import.meta.url, (builder, options: WordCountOptions) => {
  const read = builder.setSpout("read", ReadLines, {
    parallelism: "auto",
    create: () => new ReadLines(options),
  });
  const split = builder.setBolt("split", SplitLines, { parallelism: "auto" }).localOrShuffleGrouping(read);
  const count = builder.setBolt("count", CountWords, { parallelism: "auto" }).fieldsGrouping(split, ["word"]);
  return {
    counts: builder.output(count),
    progress: builder.output(read.stream("progress")),
    unreadable: builder.output(read.stream("unreadable")),
    tooLong: builder.output(split.stream("tooLong")),
  };
});
