import { fork } from "node:child_process";
import { type BarResult, evaluateBar } from "./bar.ts";
import type { Benchmark, Measurement, Params, Size } from "./benchmark.ts";
import { environmentOfFork } from "./side-clock.ts";
import type { SideReport } from "./side-process.ts";

/** Beyond this a side counts as hung: the longest legal one takes about five seconds. */
const SIDE_TIMEOUT_MS = 60_000;

export interface SideResult {
  readonly title: string;
  readonly runs: readonly Measurement[];
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
}

export interface RunSettings {
  readonly size: Size;
  readonly runs: number;
  /** Called before each process, so that a terminal can show where the run is. */
  readonly onProcess?: (sides: string, round: number) => void;
}

/** Runs all sides, `runs` rounds of them, one process at a time. */
export async function runBenchmark(benchmark: Benchmark, settings: RunSettings): Promise<BenchmarkResult> {
  const names = Object.keys(benchmark.sideTitles);
  const measured = new Map<string, Measurement[]>(names.map((name) => [name, []]));
  for (let round = 0; round < settings.runs; round++) {
    // A drift of the machine (heat, neighbours) would favour whoever always runs first.
    const order = round % 2 === 0 ? names : [...names].reverse();
    // Smoke sizes measure nothing, so their sides share a process: starting one costs more than running it.
    for (const sides of settings.size === "smoke" ? [order] : order.map((side) => [side])) {
      settings.onProcess?.(sides.join(", "), round);
      const measurements = await runSideProcess(benchmark.name, settings.size, sides);
      for (const [index, side] of sides.entries()) measured.get(side)!.push(measurements[index]!);
    }
  }
  const values = Object.fromEntries(names.map((name) => [name, measured.get(name)!.map((run) => run.value)]));
  return {
    name: benchmark.name,
    question: benchmark.question,
    unit: benchmark.unit,
    size: settings.size,
    params: benchmark.paramsOf(settings.size),
    coresNeeded: benchmark.coresNeeded,
    sides: Object.fromEntries(
      names.map((name) => [name, { title: benchmark.sideTitles[name]!, runs: measured.get(name)! }]),
    ),
    bars: settings.size === "smoke" ? [] : benchmark.bars.map((bar) => evaluateBar(bar, values)),
  };
}

function runSideProcess(benchmark: string, size: Size, sides: readonly string[]): Promise<readonly Measurement[]> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL("./side-process.js", import.meta.url), [benchmark, size, ...sides], {
      execArgv: [],
      env: environmentOfFork(),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${benchmark}, ${sides.join(", ")}: no result within ${SIDE_TIMEOUT_MS / 1000} s`));
    }, SIDE_TIMEOUT_MS);
    let report: SideReport | undefined;
    child.once("message", (message) => {
      report = message as SideReport;
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      if (report?.kind === "measured") resolve(report.measurements);
      else if (report?.kind === "failed") reject(new Error(`${benchmark}, side ${report.side}: ${report.stack}`));
      else reject(new Error(`${benchmark}, ${sides.join(", ")}: ended with code ${code}, signal ${signal}`));
    });
  });
}
