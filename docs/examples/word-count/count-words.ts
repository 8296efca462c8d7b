import { LocalCluster, type PhysicalPlan, type RunSummary } from "stormcell";
import type { ReadProgress } from "./share-reader.ts";
import type { TextFile, UnreadablePath } from "./text-files.ts";
import { wordCount } from "./topology.ts";

export interface CountSettings {
  readonly workers: number | "auto";
  readonly signal: AbortSignal;
  /** Called with the sums so far, about four times per MiB. */
  readonly onProgress: (done: Readonly<ReadProgress>) => void;
}

export interface WordCounts {
  readonly counts: ReadonlyMap<string, number>;
  readonly words: number;
  readonly tooLongRuns: number;
  readonly read: Readonly<ReadProgress>;
  readonly unreadable: readonly UnreadablePath[];
  readonly plan: PhysicalPlan;
  readonly summary: RunSummary;
}

/** Runs the topology over `files` and gathers what comes out of it. */
export async function countWords(files: readonly TextFile[], settings: CountSettings): Promise<WordCounts> {
  // What a lost worker has counted would be missing in the result.
  await using cluster = new LocalCluster({ workers: settings.workers, logLevel: "warn", onWorkerLost: "fail" });
  const run = await cluster.submitTopology("word-count", wordCount, { options: { files }, signal: settings.signal });
  const [counts, read, unreadable, tooLong, summary] = await Promise.all([
    gatherCounts(run.outputs.counts),
    sumProgress(run.outputs.progress, settings.onProgress),
    gather(run.outputs.unreadable, ({ path, reason }) => ({ path, reason })),
    gather(run.outputs.tooLong, ({ runs }) => runs),
    run.completed(),
  ]);
  return {
    counts,
    words: sum(counts.values()),
    tooLongRuns: sum(tooLong),
    read,
    unreadable,
    plan: run.plan,
    summary,
  };
}

async function gatherCounts(totals: AsyncIterable<{ word: string; count: number }>): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for await (const { word, count } of totals) {
    // Fields grouping promises one counter per word. Adding up here would hide it if that were broken.
    if (counts.has(word)) throw new Error(`two tasks counted the word "${word}"`);
    counts.set(word, count);
  }
  return counts;
}

export async function sumProgress(
  reports: AsyncIterable<ReadProgress>,
  onProgress: CountSettings["onProgress"] = () => {},
): Promise<ReadProgress> {
  const done: ReadProgress = { files: 0, bytes: 0, lines: 0 };
  for await (const report of reports) {
    done.files += report.files;
    done.bytes += report.bytes;
    done.lines += report.lines;
    onProgress(done);
  }
  return done;
}

/** Lets the topology run on without a reader of this output. */
export async function leave(output: AsyncIterable<unknown>): Promise<void> {
  await output[Symbol.asyncIterator]().return?.();
}

async function gather<T, R>(tuples: AsyncIterable<T>, take: (tuple: T) => R): Promise<R[]> {
  const taken: R[] = [];
  for await (const tuple of tuples) taken.push(take(tuple));
  return taken;
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
