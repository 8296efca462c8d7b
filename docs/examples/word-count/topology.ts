/**
 * Counts the words of text files, on every core:
 *
 *     read ───────lines──────▶ split ──words──▶ count ──totals, at the end──▶ the program
 *          local or shuffle           by word
 *
 * Every worker has one task of each component. A line stays on the worker that read it, unless that one falls behind;
 * a word goes to the one task that counts this word. A line and its words are a tree that is tracked: the job ends
 * when each of them is acked. A line that fails ends the job, since its words may have been counted in part;
 * chaos-topology.ts counts in a way that can be repeated.
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

const Line = fields("line:string");
const Word = fields("word:string");
const Count = fields("word:string", "count:float64");
const Progress = fields("files:int32", "bytes:float64", "lines:float64");
const Unreadable = fields("path:string", "reason:string");
const TooLong = fields("runs:float64");

const ReaderStreams = { default: Line, progress: Progress, unreadable: Unreadable };
const SplitterStreams = { default: Word, tooLong: TooLong };

const LINES_PER_CALL = 64;
const BYTES_PER_PROGRESS = 256 * 1024;
/** Many, for lines are short: a reader that waits for acks leaves its core to nobody. */
const LINES_PENDING_MAX = 65_536;

class ReadLines extends Spout({ output: ReaderStreams, config: { maxSpoutPending: LINES_PENDING_MAX } }) {
  readonly #files: readonly TextFile[];
  #share!: ShareReader;
  #linesEmitted = 0;

  constructor(files: readonly TextFile[]) {
    super();
    this.#files = files;
  }

  override open({ taskIndex, taskCount }: TaskContext) {
    this.#share = new ShareReader(shareOfWork(this.#files, taskIndex, taskCount), ({ path, reason }) =>
      this.collector.emitTo("unreadable", [path, reason]),
    );
  }

  override nextTuple() {
    for (let emitted = 0; emitted < LINES_PER_CALL; emitted++) {
      const line = this.#share.next();
      if (line === null) {
        this.#reportProgress();
        return "exhausted";
      }
      this.collector.emit([line], ++this.#linesEmitted);
    }
    if (this.#share.bytesRead >= BYTES_PER_PROGRESS) this.#reportProgress();
    return undefined;
  }

  override fail(line: unknown, { reason, component, error }: FailInfo) {
    const facts = `line ${line} of this reader was not counted: ${reason}, in ${component ?? "no component"}`;
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

class SplitLines extends BasicBolt({ input: Line, output: SplitterStreams }) {
  #tooLong = 0;

  override execute(tuple: Tuple<typeof Line>, collector: BasicCollector<typeof SplitterStreams>) {
    for (const run of runsOf(tuple.line)) {
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

export const wordCount = defineTopology(import.meta.url, (builder, options: { files: readonly TextFile[] }) => {
  const read = builder.setSpout("read", ReadLines, {
    parallelism: "auto",
    create: () => new ReadLines(options.files),
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
