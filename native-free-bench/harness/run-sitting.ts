import type { Benchmark, Size } from "./benchmark.ts";
import { Calibrator } from "./calibration.ts";
import { expectedTimeText } from "./expected-time.ts";
import { FullRunJournal, identityOf } from "./full-run-journal.ts";
import { describeMachine, type Machine, machineLine, settingOf } from "./machine.ts";
import { readResultFiles, writeResultFile } from "./result-file.ts";
import { resultTable } from "./result-table.ts";
import { type BenchmarkResult, type RunSettings, runBenchmark } from "./run-benchmark.ts";

export interface SittingSettings {
  readonly root: string;
  readonly size: Size;
  /** Rounds of every benchmark; null for as many as each asks for. */
  readonly runs: number | null;
  /** Where result files go; null for nowhere. */
  readonly out: string | null;
  /** Of a run of everything, which goes on where it stopped unless `fresh`. */
  readonly full: { readonly fresh: boolean } | null;
}

export interface SittingEnd {
  readonly failed: number;
  readonly missed: number;
}

/** Runs benchmarks one after the other, tells each result as soon as it is there, and leaves its file. */
export async function runSitting(benchmarks: readonly Benchmark[], settings: SittingSettings): Promise<SittingEnd> {
  const machine = describeMachine(settings.root);
  console.log(`${machineLine(machine)}\n`);
  if (settings.size === "full" && machine.loadBefore > machine.cores / 4)
    console.log(`BUSY MACHINE: a load of ${machine.loadBefore} before the first run; do not trust these figures.\n`);
  const journal = openJournal(machine, settings);
  const calibrator = new Calibrator(settings.size, journal?.fastestReadingNs);
  if (settings.size === "full") console.log(`${expectedTimeText(benchmarks, settings, journal)}\n`);
  let [failed, missed, judged, unmeasured] = [0, 0, 0, 0];
  for (const benchmark of benchmarks) {
    if (journal?.isFinished(benchmark.name) === true && isRecorded(benchmark, machine, settings)) {
      console.log(`${benchmark.name}: done before the interruption\n`);
      continue;
    }
    try {
      const result = await runOne(benchmark, machine, settings, calibrator, journal);
      judged += result.bars.length;
      missed += result.bars.filter((bar) => !bar.met).length;
      unmeasured += result.barsNotMeasured?.length ?? 0;
    } catch (error) {
      failed++;
      console.error(`\n${benchmark.name} FAILED: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  if (failed === 0) journal?.remove();
  const open = unmeasured === 0 ? "" : `, ${unmeasured} not measured`;
  const ran = `${benchmarks.length - failed} of ${benchmarks.length} benchmarks ran`;
  console.log(`${ran}; ${judged - missed} of ${judged} bars met${open}.`);
  return { failed, missed };
}

/** False if something else has replaced the result since: then it is put together from the journal again. */
function isRecorded({ name }: Benchmark, machine: Machine, { out }: SittingSettings): boolean {
  const before = out === null ? undefined : readResultFiles(out).get(name)?.machine;
  return before?.commit === machine.commit && settingOf(before) === settingOf(machine);
}

async function runOne(
  benchmark: Benchmark,
  machine: Machine,
  { size, runs, out }: SittingSettings,
  calibrator: Calibrator,
  journal: FullRunJournal | undefined,
): Promise<BenchmarkResult> {
  const rounds = runs ?? benchmark.rounds;
  const settings: RunSettings = { size, runs: rounds, calibrator, onProcess: progressOf(benchmark, rounds) };
  const result = await runBenchmark(benchmark, journal === undefined ? settings : { ...settings, journal });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  console.log(`${resultTable(result, machine.cores)}\n`);
  if (out !== null) {
    writeResultFile(out, { machine, result });
    journal?.finish(benchmark.name);
  }
  return result;
}

function openJournal(machine: Machine, { out, runs, full }: SittingSettings): FullRunJournal | undefined {
  if (full === null || out === null) return undefined;
  const { journal, because } = FullRunJournal.open(out, identityOf(machine, runs), full);
  if (because === null) console.log(`Goes on after ${journal.runCount} finished runs; --fresh begins anew.\n`);
  else console.log(`Begins anew: ${because}.\n`);
  return journal;
}

function progressOf(benchmark: Benchmark, runs: number): (sides: string, round: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (sides, round) =>
    process.stderr.write(`\r\x1b[K${benchmark.name}: round ${round + 1} of ${runs}, ${sides} `);
}
