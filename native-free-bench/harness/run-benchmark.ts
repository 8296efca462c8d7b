import { fork } from "node:child_process";
import { type BarResult, evaluateBars } from "./bar.ts";
import type { Benchmark, Measurement, Params, Size } from "./benchmark.ts";
import { environmentOfFork } from "./side-clock.ts";
import type { SideReport } from "./side-process.ts";

export interface SideResult {
  readonly title: string;
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
}

export interface RunSettings {
  readonly size: Size;
  readonly runs: number;
  /** Called before each process, so that a terminal can show where the run is. */
  readonly onProcess?: (sides: string, round: number) => void;
}

/** Runs all sides, `runs` rounds of them, one process at a time. */
export async function runBenchmark(benchmark: Benchmark, settings: RunSettings): Promise<BenchmarkResult> {
  const allNames = Object.keys(benchmark.sideTitles);
  const skipped = await skippedSides(benchmark, settings.size);
  const names = allNames.filter((name) => !skipped.has(name));
  const measured = new Map<string, Measurement[]>(names.map((name) => [name, []]));
  for (let round = 0; round < settings.runs; round++) {
    // A drift of the machine (heat, neighbours) would favour whoever always runs first.
    const order = round % 2 === 0 ? names : [...names].reverse();
    // Smoke sizes measure nothing, so their sides share a process: starting one costs more than running it.
    for (const sides of settings.size === "smoke" ? [order] : order.map((side) => [side])) {
      if (sides.length === 0) continue;
      settings.onProcess?.(sides.join(", "), round);
      const measurements = await runSideProcess(benchmark, settings.size, sides);
      for (const [index, side] of sides.entries()) measured.get(side)!.push(measurements[index]!);
    }
  }
  return {
    name: benchmark.name,
    question: benchmark.question,
    unit: benchmark.unit,
    size: settings.size,
    params: benchmark.paramsOf(settings.size),
    coresNeeded: benchmark.coresNeeded,
    sides: Object.fromEntries(
      allNames.map((name) => {
        const [title, reason] = [benchmark.sideTitles[name]!, skipped.get(name)];
        return [
          name,
          reason === undefined ? { title, runs: measured.get(name)! } : { title, runs: [], skipped: reason },
        ];
      }),
    ),
    bars: settings.size === "smoke" ? [] : evaluateBars(benchmark.bars, Object.fromEntries(measured)),
  };
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

function runSideProcess(benchmark: Benchmark, size: Size, sides: readonly string[]): Promise<readonly Measurement[]> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL("./side-process.js", import.meta.url), [benchmark.name, size, ...sides], {
      execArgv: [],
      env: environmentOfFork(),
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
      reject(
        new Error(`${benchmark.name}, ${sides.join(", ")}: no result within ${benchmark.sideTimeoutMs / 1000} s`),
      );
    }, benchmark.sideTimeoutMs);
    let report: SideReport | undefined;
    child.once("message", (message) => {
      report = message as SideReport;
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      if (report?.kind === "measured") resolve(report.measurements);
      else if (report?.kind === "failed")
        reject(new Error(`${benchmark.name}, side ${report.side}: ${report.stack}`));
      else reject(new Error(`${benchmark.name}, ${sides.join(", ")}: ended with code ${code}, signal ${signal}`));
    });
  });
}
