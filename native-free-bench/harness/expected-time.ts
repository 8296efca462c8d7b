import type { Benchmark, Params, Size, Whose } from "./benchmark.ts";
import type { FullRunJournal } from "./full-run-journal.ts";

/** For the process, the topology in it and the check of the answer. */
const AROUND_OURS_SECONDS = 0.8;
/** The same for a JVM with a cluster in it. */
const AROUND_JAVA_SECONDS = 9;
/** The same for a side that starts no topology. */
const AROUND_MICRO_SECONDS = 0.2;
/** A side whose sizes are counts: what those of the core list take on average. */
const COUNTED_SECONDS = 3;
/** The calibration loops around a benchmark. */
const CALIBRATION_SECONDS = 0.5;

/** How long one run of a side takes by its sizes: times, as far as they are among them. */
export function expectedSeconds(params: Params, whose: Whose): number {
  const { warmupMs = 0, windowMs, rivalWarmupMs = 0, rivalWindowMs, sampleMs } = params;
  if (whose === "rival" && rivalWindowMs !== undefined)
    return (rivalWarmupMs + rivalWindowMs) / 1_000 + AROUND_JAVA_SECONDS;
  if (windowMs !== undefined) return (warmupMs + windowMs) / 1_000 + AROUND_OURS_SECONDS;
  return sampleMs === undefined ? COUNTED_SECONDS : (warmupMs + sampleMs) / 1_000 + AROUND_MICRO_SECONDS;
}

interface Rounds {
  readonly size: Size;
  readonly runs: number | null;
}

/** What a terminal is told before the first process: how long all of it takes, and how much is left of that. */
export function expectedTimeText(
  benchmarks: readonly Benchmark[],
  { size, runs }: Rounds,
  journal?: FullRunJournal,
): string {
  let [all, left] = [0, 0];
  for (const benchmark of benchmarks) {
    all += CALIBRATION_SECONDS;
    left += journal?.isFinished(benchmark.name) === true ? 0 : CALIBRATION_SECONDS;
    for (const side of Object.keys(benchmark.sideTitles)) {
      const seconds = benchmark.secondsOf(side, size);
      for (let round = 0; round < (runs ?? benchmark.rounds); round++) {
        all += seconds;
        if (journal?.runOf(benchmark.name, side, round) === undefined) left += seconds;
      }
    }
  }
  const total = `Takes about ${minutes(all)} if nothing is skipped`;
  return left < all ? `${total}; about ${minutes(left)} are left.` : `${total}.`;
}

function minutes(seconds: number): string {
  return seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.round(seconds / 60)} minutes`;
}
