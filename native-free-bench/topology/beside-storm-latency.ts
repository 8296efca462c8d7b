import { type Benchmark, benchmark } from "../harness/benchmark.ts";
import { describeMachine, type Machine, settingOf } from "../harness/machine.ts";
import { repositoryRoot, resultsDirectory } from "../harness/places.ts";
import { type ResultFile, readResultFiles } from "../harness/result-file.ts";
import { median } from "../harness/statistics.ts";
import { WORDS_PER_LINE } from "../input/zipf-lines.ts";
import { stormBest, stormDefaults, stormLatencySide, stormSpinning } from "../rivals/storm.ts";
import { measureTimedWordCount } from "./programs/timed-word-count.ts";

/**
 * The acked word count at fixed rates, one task each, every sentence measured from the moment when it was due until
 * the counter executes its words (the value) and until the spout hears that it is done (`complete`):
 *
 *     [timed lines] -> [split] --fields--> [count]
 */
const params = {
  smoke: { warmupMs: 100, windowMs: 200, rivalWarmupMs: 100, rivalWindowMs: 200 },
  full: { warmupMs: 5_000, windowMs: 60_000, rivalWarmupMs: 12_000, rivalWindowMs: 60_000 },
};

/**
 * Storm's best latency is that of a spout that is never let sleep. The like of it: one worker for all three tasks,
 * which goes on looking for two milliseconds before it parks.
 */
const SPINNING = { workers: 1, spinMs: 2, spoutIdleMs: 0.05, spoutIdleMaxMs: 0.05 };

export const besideStormLatency10k = atRate("beside-storm-latency-10k", 10_000);
export const besideStormLatency50k = atRate("beside-storm-latency-50k", 50_000);

function atRate(name: string, sentencesPerSecond: number): Benchmark {
  return benchmark({
    name,
    question: `How long does a word take from when its sentence was due, at ${sentencesPerSecond} sentences/s?`,
    list: "full",
    unit: "ms at the sink, median of a run",
    coresNeeded: 2,
    sideTimeoutMs: 240_000,
    params: { smoke: { ...params.smoke, sentencesPerSecond }, full: { ...params.full, sentencesPerSecond } },
    sides: {
      ours: { title: "stormcell, default settings", run: (sizes) => measureTimedWordCount(sizes) },
      oursSpinning: {
        title: "stormcell, one worker that spins",
        run: (sizes) => measureTimedWordCount(sizes, SPINNING),
      },
      stormDefaults: stormLatencySide({ settings: stormDefaults, inSmoke: false }),
      stormSpinning: stormLatencySide({ settings: stormSpinning, inSmoke: sentencesPerSecond === 10_000 }),
    },
    bars: [
      { kind: "ratio", of: "ours", over: "stormDefaults", limit: { atMost: 1 / 3 } },
      { kind: "ratio", of: "ours", over: "stormDefaults", figure: "cores", limit: { atMost: 1 } },
      { kind: "ratio", of: "oursSpinning", over: "stormSpinning", limit: { atMost: 1 / 3 } },
      { kind: "ratio", of: "oursSpinning", over: "stormSpinning", figure: "cores", limit: { atMost: 1 } },
    ],
  });
}

/** Half of the 220,000 sentences per second that Storm counted at its best where the settings were looked for. */
const HALF_OF_STORMS_MOST = 110_000;
const halfLoadTimes = { warmupMs: 5_000, windowMs: 10_000, rivalWarmupMs: 12_000, rivalWindowMs: 10_000 };

export const besideStormHalfLoad = benchmark({
  name: "beside-storm-half-load",
  question: "How much of the processor does an acked word count take at half of what Storm can do?",
  list: "full",
  unit: "ms at the sink, median of a run",
  coresNeeded: 2,
  sideTimeoutMs: 150_000,
  params: {
    smoke: { ...params.smoke, sentencesPerSecond: HALF_OF_STORMS_MOST },
    // Asked for when a side runs: in a full run, Storm's most has been measured by then.
    get full() {
      return { ...halfLoadTimes, sentencesPerSecond: halfOfStormsMost() };
    },
  },
  sides: {
    ours: { title: "stormcell, default settings", run: (sizes) => measureTimedWordCount(sizes) },
    stormBest: stormLatencySide({ settings: stormBest("timed-word-count", true), inSmoke: false }),
  },
  bars: [{ kind: "ratio", of: "ours", over: "stormBest", figure: "cores", limit: { atMost: 0.5 } }],
});

function halfOfStormsMost(): number {
  const newest = readResultFiles(resultsDirectory).get("beside-storm-word-count-acked");
  return halfLoadAfter(newest, describeMachine(repositoryRoot));
}

/** Half of Storm's median in a result of its acked word count, if that was taken on such a machine. */
export function halfLoadAfter(file: ResultFile | undefined, here: Machine): number {
  if (file === undefined || settingOf(file.machine) !== settingOf(here)) return HALF_OF_STORMS_MOST;
  const words = file.result.sides.stormBest?.runs.map((run) => run.value) ?? [];
  // In thousands, so that it is a rate that one can name.
  return words.length === 0 ? HALF_OF_STORMS_MOST : 1_000 * Math.round(median(words) / WORDS_PER_LINE / 2 / 1_000);
}
