/**
 * Counts the words of text files so that a count can be repeated: worker threads may be lost at any time.
 *
 *     cut ──chunks──▶ split ──(file, chunk, word, n)──▶ count ──writes──▶ the program
 *          shuffle      │                      by word
 *                       └── what else the chunk holds ─────────────────▶ the program
 *
 * A chunk and all that comes of it are one tree. The spout emits a chunk again until its tree is acked; no bolt keeps
 * anything, and what is written has a key: a chunk that comes twice writes the same once more.
 */
import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  fields,
  type Letter,
  replaying,
  spout,
  type Tuple,
} from "stormcell";
import { ShareReader } from "./share-reader.ts";
import { type FileRange, rangesOf, type TextFile } from "./text-files.ts";
import { runsOf, WORD_UNITS_MAX } from "./words.ts";

/** What the program hands to every thread. */
export interface ChaosOptions {
  readonly files: readonly TextFile[];
  readonly chunkBytes: number;
  /** The job takes so long at least; 0 for no such limit. */
  readonly durationMinMs: number;
}

/** `file` and `chunk` count from 0: files in the order of the options, chunks within their file. */
const Chunk = fields("file:int32", "chunk:int32", "path:string", "from:float64", "to:float64");
const ChunkWord = fields("file:int32", "chunk:int32", "word:string", "n:float64");
const ChunkFacts = fields(
  "file:int32",
  "chunk:int32",
  "bytes:float64",
  "lines:float64",
  "tooLong:float64",
  "path:string",
  "unreadable:string?",
);
const SplitterStreams = { default: ChunkWord, facts: ChunkFacts };

/** Few, so that the death of a thread leaves little to do again. */
const CHUNKS_PENDING_MAX = 6;

/** How many chunks there are: empty files are work too. */
export function chunkCount({ files, chunkBytes }: Pick<ChaosOptions, "files" | "chunkBytes">): number {
  return files.reduce((sum, file) => sum + rangesOf(file, chunkBytes).length, 0);
}

/** All chunks of the job, in the same order every time: a replaying spout counts them off. */
function* chunksOf({ files, chunkBytes }: ChaosOptions): Generator<[number, number, FileRange]> {
  for (const [file, text] of files.entries()) {
    for (const [chunk, range] of rangesOf(text, chunkBytes).entries()) yield [file, chunk, range];
  }
}

/** One task's chunks: every so many of all. */
function cutterFor(options: ChaosOptions) {
  return spout({
    output: Chunk,
    create({ taskIndex, taskCount }, collector) {
      const chunks = chunksOf(options);
      let number = -1;
      return {
        nextTuple() {
          for (;;) {
            const next = chunks.next();
            if (next.done) return "exhausted";
            if (++number % taskCount !== taskIndex) continue;
            const [file, chunk, { path, from, to }] = next.value;
            collector.emit([file, chunk, path, from, to]);
            return undefined;
          }
        },
      };
    },
  });
}

function refuseLetter({ row, reason, error }: Letter<typeof Chunk>): never {
  throw new Error(`chunk ${row.chunk} of ${row.path} could not be counted: ${reason}`, { cause: error });
}

/** Counts the words of each chunk by itself. */
class SplitChunks extends BasicBolt({ input: Chunk, output: SplitterStreams, config: { emitOverflowMax: 1e9 } }) {
  override execute(tuple: Tuple<typeof Chunk>, collector: BasicCollector<typeof SplitterStreams>) {
    const { file, chunk, path, from, to } = tuple;
    let unreadable: string | null = null;
    let tooLong = 0;
    const counts = new Map<string, number>();
    const reader = new ShareReader([{ path, from, to }], ({ reason }) => {
      unreadable = reason;
    });
    for (let line = reader.next(); line !== null; line = reader.next()) {
      for (const run of runsOf(line)) {
        if (run.length <= WORD_UNITS_MAX) counts.set(run, (counts.get(run) ?? 0) + 1);
        else tooLong++;
      }
    }
    const { bytes, lines } = reader.takeProgress();
    for (const [word, n] of counts) collector.emit([file, chunk, word, n]);
    collector.emitTo("facts", [file, chunk, bytes, lines, tooLong, path, unreadable]);
  }
}

/** The one place where a word's counts are written. */
class WriteCounts extends BasicBolt({ input: ChunkWord, output: ChunkWord }) {
  override execute({ file, chunk, word, n }: Tuple<typeof ChunkWord>, collector: BasicCollector<typeof ChunkWord>) {
    collector.emit([file, chunk, word, n]);
  }
}

export const chaosWordCount = defineTopology(import.meta.url, (builder, options: ChaosOptions) => {
  const cutter = replaying(cutterFor(options), {
    id: ({ file, chunk }) => `${file}:${chunk}`,
    deadLetter: refuseLetter,
  });
  const { durationMinMs } = options;
  const perSecond = durationMinMs === 0 ? null : Math.max(0.1, (chunkCount(options) / durationMinMs) * 1_000);
  const cut = builder.setSpout("cut", cutter, {
    parallelism: 2,
    config: { maxSpoutPending: CHUNKS_PENDING_MAX, maxRatePerSecond: perSecond === null ? null : perSecond / 2 },
  });
  const split = builder.setBolt("split", SplitChunks, { parallelism: "auto" }).shuffleGrouping(cut);
  const count = builder.setBolt("count", WriteCounts, { parallelism: "auto" }).fieldsGrouping(split, ["word"]);
  return { writes: builder.output(count), facts: builder.output(split.stream("facts")) };
});
