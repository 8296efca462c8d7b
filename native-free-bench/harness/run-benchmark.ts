import { type BarResult, evaluateBars, type UnmeasuredBar, unmeasuredBars } from "./bar.ts";
import type { Benchmark, Measurement, Params, Size, Whose } from "./benchmark.ts";
import type { Calibration, Calibrator } from "./calibration.ts";
import type { FullRunJournal } from "./full-run-journal.ts";
import { runSide } from "./run-side.ts";

export interface SideResult {
  readonly title: string;
  readonly whose?: Whose;
  /** Empty for a side that could not run here. */
  readonly runs: readonly Measurement[];
  /** Why it could not. */
  readonly skipped?: string;
}

export interface BenchmarkResult {
  readonly name: string;
  readonly question: string;
  readonly unit: string;
  readonly size: Size;
  readonly params: Params;
  readonly coresNeeded: number;
  readonly sides: Readonly<Record<string, SideResult>>;
  /** Empty for smoke sizes, which are too short to judge. */
  readonly bars: readonly BarResult[];
  /** Those of which a side could not run, if there are any. */
  readonly barsNotMeasured?: readonly UnmeasuredBar[];
  /** Missing where nobody asked for it. */
  readonly calibration?: Calibration;
}

export interface RunSettings {
  readonly size: Size;
  readonly runs: number;
  readonly calibrator?: Calibrator;
  /** Runs that it holds are taken from it; all others are added to it. */
  readonly journal?: FullRunJournal;
  /** Called before each process, so that a terminal can show where the run is. */
  readonly onProcess?: (sides: string, round: number) => void;
}

/** Runs all sides, `runs` rounds of them, one process at a time. */
export async function runBenchmark(benchmark: Benchmark, settings: RunSettings): Promise<BenchmarkResult> {
  const skipped = await skippedSides(benchmark, settings.size);
  const names = Object.keys(benchmark.sideTitles).filter((name) => !skipped.has(name));
  const readings = [
    ...(settings.journal?.readingsOf(benchmark.name) ?? []),
    ...(await readingAround(benchmark, settings, "before")),
  ];
  const measured = await measureSides(benchmark, names, settings);
  readings.push(...(await readingAround(benchmark, settings, "after")));
  const judged = settings.size === "smoke" ? [] : benchmark.bars;
  const notMeasured = unmeasuredBars(judged, skipped);
  return {
    name: benchmark.name,
    question: benchmark.question,
    unit: benchmark.unit,
    size: settings.size,
    params: benchmark.paramsOf(settings.size),
    coresNeeded: benchmark.coresNeeded,
    sides: Object.fromEntries(
      Object.entries(benchmark.sideTitles).map(([name, title]) => {
        const reason = skipped.get(name);
        const side: SideResult = { title, whose: benchmark.whoseIs(name), runs: measured[name] ?? [] };
        return [name, reason === undefined ? side : { ...side, skipped: reason }];
      }),
    ),
    bars: evaluateBars(judged, measured),
    ...(notMeasured.length === 0 ? {} : { barsNotMeasured: notMeasured }),
    ...(settings.calibrator === undefined ? {} : { calibration: settings.calibrator.judge(readings) }),
  };
}

async function measureSides(
  benchmark: Benchmark,
  names: readonly string[],
  { size, runs, journal, onProcess }: RunSettings,
): Promise<Record<string, Measurement[]>> {
  const measured: Record<string, Measurement[]> = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < runs; round++) {
    // A drift of the machine (heat, neighbours) would favour whoever always runs first.
    const order = round % 2 === 0 ? names : [...names].reverse();
    // Smoke sizes measure nothing, so their sides share a process: starting one costs more than running it.
    for (const sides of size === "smoke" ? [order] : order.map((side) => [side])) {
      if (sides.length === 0) continue;
      const known = journal?.runOf(benchmark.name, sides[0]!, round);
      if (known === undefined) onProcess?.(sides.join(", "), round);
      const timeoutMs = benchmark.sideTimeoutMs;
      const measurements =
        known === undefined ? await runSide({ benchmark: benchmark.name, size, sides, timeoutMs }) : [known];
      for (const [index, side] of sides.entries()) {
        measured[side]!.push(measurements[index]!);
        if (known === undefined) journal?.addRun(benchmark.name, side, round, measurements[index]!);
      }
    }
  }
  return measured;
}

/** One more reading of the calibration loop, which the journal keeps for a run that goes on later. */
async function readingAround(
  { name }: Benchmark,
  { calibrator, journal }: RunSettings,
  when: "before" | "after",
): Promise<readonly number[]> {
  if (calibrator === undefined) return [];
  const readingNs = when === "before" ? await calibrator.readBefore() : await calibrator.read();
  journal?.addReading(name, readingNs);
  return [readingNs];
}

/** Sides that cannot run here, each with the reason. */
async function skippedSides(benchmark: Benchmark, size: Size): Promise<ReadonlyMap<string, string>> {
  const skipped = new Map<string, string>();
  for (const name of Object.keys(benchmark.sideTitles)) {
    const reason = await benchmark.skipReason(name, size);
    if (reason !== null) skipped.set(name, reason);
  }
  return skipped;
}
