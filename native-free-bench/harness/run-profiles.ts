import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import type { Benchmark, Size } from "./benchmark.ts";
import { readProfiles } from "./cpu-profile.ts";
import { STAGES, type Stage } from "./profile-stages.ts";
import { alignColumns, formatValue } from "./result-table.ts";
import { runSide } from "./run-side.ts";
import { type StageReport, stageReport } from "./stage-times.ts";
import { writeWhole } from "./write-whole.ts";

export interface ProfileSettings {
  readonly size: Size;
  /** Profiles go to `out/<benchmark>/<side>`. */
  readonly out: string;
  readonly root: string;
}

/** Without inlining a run may take several times as long. */
const SLOWDOWN_MAX = 10;
const SAMPLE_EVERY_US: Readonly<Record<Size, number>> = { smoke: 100, full: 500 };

/** Profiles the engine's sides of a benchmark, and prints a table of stages for each. */
export async function runProfiles(benchmark: Benchmark, settings: ProfileSettings): Promise<void> {
  const sides = Object.keys(benchmark.sideTitles).filter((side) => benchmark.whoseIs(side) === "ours");
  for (const side of sides) {
    const folder = path.join(settings.out, benchmark.name, side);
    rmSync(folder, { recursive: true, force: true });
    const rate = await profileSide(benchmark, side, settings.size, folder, []);
    const plainFolder = path.join(folder, "without-inlining");
    await profileSide(benchmark, side, settings.size, plainFolder, ["--no-turbo-inlining"]);
    const { root } = settings;
    const report = stageReport(readProfiles(folder, root), readProfiles(plainFolder, root));
    const perSecond = benchmark.unit.endsWith("/s") ? rate : null;
    const table = stageTable(report, perSecond);
    const head = `${benchmark.name}, ${side}: ${benchmark.sideTitles[side]}; ${formatValue(rate)} ${benchmark.unit}`;
    writeWhole(path.join(folder, "stages.txt"), `${head}\n${table}\n`);
    console.log(`${head}\n${table}\nprofiles: ${folder}\n`);
  }
}

async function profileSide(
  benchmark: Benchmark,
  side: string,
  size: Size,
  folder: string,
  options: readonly string[],
): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const profiler = ["--cpu-prof", `--cpu-prof-dir=${folder}`, `--cpu-prof-interval=${SAMPLE_EVERY_US[size]}`];
  const timeoutMs = SLOWDOWN_MAX * benchmark.sideTimeoutMs;
  const execArgv = [...profiler, ...options];
  const [measurement] = await runSide({ benchmark: benchmark.name, size, sides: [side], timeoutMs, execArgv });
  return measurement!.value;
}

/**
 * A row per stage: nanoseconds of all threads for one tuple (or word), the share of what was not idle, and the
 * threads one by one. Without a rate: milliseconds.
 */
export function stageTable({ seconds, threads }: StageReport, perSecond: number | null): string {
  const unit = perSecond === null ? "ms" : "ns per tuple";
  const scale = perSecond === null ? 1e-3 : 1e3 / (perSecond * seconds);
  const sumOf = (stage: Stage) => threads.reduce((sum, { times }) => sum + (times.get(stage) ?? 0), 0);
  const busy = STAGES.reduce((sum, stage) => sum + (stage === "idle" ? 0 : sumOf(stage)), 0);
  const header = [
    "  stage",
    unit,
    "share",
    ...threads.map(({ threadId }) => (threadId === 0 ? "main" : `thread ${threadId}`)),
  ];
  const rows = STAGES.map((stage) => [
    `  ${stage}`,
    (sumOf(stage) * scale).toFixed(1),
    stage === "idle" || busy === 0 ? "" : `${((100 * sumOf(stage)) / busy).toFixed(1)} %`,
    ...threads.map(({ times }) => ((times.get(stage) ?? 0) * scale).toFixed(1)),
  ]);
  const sum = ["  busy in all", (busy * scale).toFixed(1), "", ...threads.map(() => "")];
  return [...alignColumns([header, ...rows, sum]), `  over ${seconds.toFixed(2)} s`].join("\n");
}
