import type { Measurement } from "../harness/benchmark.ts";
import { verifyWordCounts, WORDS_PER_PASS } from "../input/zipf-lines.ts";
import { newSlotRing } from "./slot-ring.ts";
import { runThreads } from "./threads.ts";
import type { WordCountData, WordCountReport } from "./word-count-thread.ts";

/**
 * The hand-specialised word count on JavaScript strings: both threads read, split and count, each owning half of the
 * words.
 *
 *     thread 0: [lines 0, 2, ..] -> split -> count own words         two rings, one each way,
 *                                     |  ^                           for the words of the other
 *     thread 1: [lines 1, 3, ..] -> split -> count own words         threads: 2
 *
 * A line of two threads (one splits, one counts) was slower: counting costs about as much as splitting, and every
 * word crosses; here half of them stay. Frozen, and stands alone.
 */
export async function runReferenceWordCount(params: { passes: number; warmupPasses: number }): Promise<Measurement> {
  const program = new URL("./word-count-thread.js", import.meta.url);
  const [there, back] = [newSlotRing(), newSlotRing()];
  const reports = await runThreads<WordCountReport>([
    { program, data: { thread: 0, outgoing: there, incoming: back, ...params } satisfies WordCountData },
    { program, data: { thread: 1, outgoing: back, incoming: there, ...params } satisfies WordCountData },
  ]);
  const counts = new Map<string, number>();
  for (const [word, count] of reports.flatMap((report) => [...report.counts])) {
    if (counts.has(word)) throw new Error(`reference word count: both threads counted "${word}"`);
    counts.set(word, count);
  }
  verifyWordCounts("reference word count", counts, params.passes);
  const fromMs = Math.min(...reports.map((report) => report.timedFromMs));
  const seconds = (Math.max(...reports.map((report) => report.endedMs)) - fromMs) / 1_000;
  return { value: ((params.passes - params.warmupPasses) * WORDS_PER_PASS) / seconds, detail: { seconds } };
}
