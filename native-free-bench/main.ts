// npm run bench [-- SHAPE...] [options], npm run bench:full
import path from "node:path";
import { parseArgs } from "node:util";
import { benchmarkNames, loadBenchmark } from "./benchmarks.ts";
import { chooseBenchmarks } from "./harness/choose-benchmarks.ts";
import { watchForSignals } from "./harness/interruption.ts";
import { repositoryRoot, resultsDirectory } from "./harness/places.ts";
import { readCount } from "./harness/read-count.ts";
import { runProfiles } from "./harness/run-profiles.ts";
import { runSitting } from "./harness/run-sitting.ts";
import { writePage } from "./harness/write-page.ts";

const HELP = `Usage: npm run bench [-- SHAPE...] [options]

  SHAPE         name of a benchmark, or the beginning of several; default: the core list
  --full        all benchmarks; goes on with a run that was interrupted, and rewrites docs/BENCHMARKS.md at the end
  --fresh       with --full: begins anew
  --smoke       all benchmarks at tiny sizes, one run: shows that everything still works, measures nothing
  --profile     under the profiler: a CPU profile per thread, and a table of ns per tuple by stage
  --runs N      rounds, each in fresh processes (default 5, for some shapes 3; with --smoke 1)
  --list        names and questions only, and what is not in the core list
  --out DIR     where to write the JSON results (default native-free-bench/results; with --smoke nowhere)
                or the profiles (default dist/profiles)
  --strict      exit code 2 when a bar is not met (a wrong answer or a crash always gives 1)`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    full: { type: "boolean", default: false },
    fresh: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    runs: { type: "string" },
    list: { type: "boolean", default: false },
    out: { type: "string" },
    strict: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

function checkFlags(): void {
  if (flags.full && positionals.length > 0) throw new Error("--full runs everything: leave out the names or --full");
  if (flags.full && (flags.smoke || flags.profile)) throw new Error("--full goes with neither --smoke nor --profile");
  if (flags.fresh && !flags.full) throw new Error("--fresh is for --full, which alone goes on where it stopped");
  if (flags.profile && positionals.length === 0) throw new Error("--profile needs the name of a benchmark");
}

async function main(): Promise<number> {
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  checkFlags();
  const size = flags.smoke ? "smoke" : "full";
  const runs = flags.runs === undefined && !flags.smoke ? null : readCount("--runs", flags.runs, 1);
  const all = await Promise.all(benchmarkNames.map(loadBenchmark));
  const everything = flags.full || flags.smoke || flags.list;
  const benchmarks = chooseBenchmarks(all, { wanted: positionals, everything });
  if (flags.list) {
    for (const { name, question, list } of benchmarks)
      console.log(`${name.padEnd(34)} ${question}${list === "full" ? " (full list)" : ""}`);
    return 0;
  }
  watchForSignals();
  if (flags.profile) {
    const out = path.resolve(flags.out ?? path.join(repositoryRoot, "dist", "profiles"));
    for (const benchmark of benchmarks) await runProfiles(benchmark, { size, out, root: repositoryRoot });
    return 0;
  }
  const out = flags.out ?? (flags.smoke ? null : resultsDirectory);
  const { failed, missed } = await runSitting(benchmarks, {
    root: repositoryRoot,
    size,
    runs,
    out,
    full: flags.full ? { fresh: flags.fresh } : null,
  });
  if (failed > 0) return 1;
  if (flags.full && flags.out === undefined) writePage(repositoryRoot, { mixed: false });
  else if (out === resultsDirectory) console.log("For the tables of docs/BENCHMARKS.md run: npm run bench:report");
  return flags.strict && missed > 0 ? 2 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
