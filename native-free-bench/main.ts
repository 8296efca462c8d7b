// npm run bench [-- SHAPE...] [--full] [--smoke] [--runs N] [--list] [--out DIRECTORY] [--strict]
import path from "node:path";
import { parseArgs } from "node:util";
import { benchmarkNames, coreBenchmarkNames, loadBenchmark } from "./benchmarks.ts";
import type { Benchmark } from "./harness/benchmark.ts";
import { describeMachine } from "./harness/machine.ts";
import { writeResultFile } from "./harness/result-file.ts";
import { machineLine, resultTable } from "./harness/result-table.ts";
import { runBenchmark } from "./harness/run-benchmark.ts";

/** The compiled file lies in dist/native-free-bench, two levels below the repository. */
const repositoryRoot = path.resolve(import.meta.dirname, "..", "..");

const HELP = `Usage: npm run bench [-- SHAPE...] [options]

  SHAPE         name of a benchmark, or the beginning of several; default: all but those beside a rival
  --full        those beside rivals too (Apache Storm, Hazelcast Jet and others): takes hours
  --smoke       tiny sizes, one run of each: shows that everything still works, measures nothing
  --runs N      rounds, each in fresh processes (default 5, with --smoke 1)
  --list        names and questions only
  --out DIR     where to write the JSON results (default native-free-bench/results; with --smoke nowhere)
  --strict      exit code 2 when a bar is not met (a wrong answer or a crash always gives 1)`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    runs: { type: "string" },
    list: { type: "boolean", default: false },
    out: { type: "string" },
    strict: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function chooseNames(): readonly string[] {
  const unknown = positionals.filter((prefix) => !benchmarkNames.some((name) => name.startsWith(prefix)));
  if (unknown.length > 0) {
    throw new Error(`no benchmark is called "${unknown.join('", "')}"; there are: ${benchmarkNames.join(", ")}`);
  }
  const exact = (name: string) => positionals.includes(name);
  const byPrefix = (name: string) =>
    positionals.some((prefix) => !benchmarkNames.includes(prefix) && name.startsWith(prefix));
  if (positionals.length > 0) return benchmarkNames.filter((name) => exact(name) || byPrefix(name));
  return flags.full || flags.smoke || flags.list ? benchmarkNames : coreBenchmarkNames;
}

function chooseRuns(): number {
  const runs = Number(flags.runs ?? (flags.smoke ? 1 : 5));
  if (!Number.isInteger(runs) || runs < 1 || runs > 100)
    throw new Error(`--runs takes a number from 1 to 100, not "${flags.runs}"`);
  return runs;
}

function showProgress(benchmark: Benchmark, runs: number): (side: string, round: number) => void {
  if (!process.stderr.isTTY) return () => undefined;
  return (side, round) => process.stderr.write(`\r\x1b[K${benchmark.name}: round ${round + 1} of ${runs}, ${side} `);
}

async function main(): Promise<number> {
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  const names = chooseNames();
  const runs = chooseRuns();
  if (flags.list) {
    for (const name of names) console.log(`${name.padEnd(30)} ${(await loadBenchmark(name)).question}`);
    return 0;
  }
  const machine = describeMachine(repositoryRoot);
  console.log(`${machineLine(machine)}\n`);
  if (!flags.smoke && machine.loadBefore > machine.cores / 4) {
    console.log(`BUSY MACHINE: a load of ${machine.loadBefore} before the first run; do not trust these figures.\n`);
  }
  const out = flags.out ?? (flags.smoke ? undefined : path.join(repositoryRoot, "native-free-bench", "results"));
  let [failed, missed, judged] = [0, 0, 0];
  for (const name of names) {
    const benchmark = await loadBenchmark(name);
    try {
      const size = flags.smoke ? "smoke" : "full";
      const result = await runBenchmark(benchmark, { size, runs, onProcess: showProgress(benchmark, runs) });
      if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
      console.log(`${resultTable(result, machine.cores)}\n`);
      if (out !== undefined) writeResultFile(out, { machine, result });
      judged += result.bars.length;
      missed += result.bars.filter((bar) => !bar.met).length;
    } catch (error) {
      failed++;
      console.error(`\n${name} FAILED: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  console.log(
    `${names.length - failed} of ${names.length} benchmarks ran; ${judged - missed} of ${judged} bars met.`,
  );
  if (flags.out === undefined && !flags.smoke)
    console.log("For the tables of docs/BENCHMARKS.md run: node dist/native-free-bench/report.js");
  if (failed > 0) return 1;
  return flags.strict && missed > 0 ? 2 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
