// npm run bench:compare -- COMMIT [SHAPE...] [--runs N] [--smoke]: this tree against another commit.
import { parseArgs } from "node:util";
import { Calibrator } from "./harness/calibration.ts";
import { compareSide, comparisonText, sidesToCompare } from "./harness/compare-trees.ts";
import { watchForSignals } from "./harness/interruption.ts";
import { describeMachine, machineLine } from "./harness/machine.ts";
import { commitNamed, withOtherTree } from "./harness/other-tree.ts";
import { repositoryRoot } from "./harness/places.ts";
import { readCount } from "./harness/read-count.ts";

const DEFAULT_SHAPES = ["one-hop", "one-hop-acked", "word-count", "word-count-acked"];

const HELP = `Usage: npm run bench:compare -- COMMIT [SHAPE...] [options]

  COMMIT        what this tree, changes included, is compared with: anything that git knows as a commit
  SHAPE         name of a benchmark, or NAME:SIDE; default: ${DEFAULT_SHAPES.join(", ")}
  --runs N      rounds, each in fresh processes, in swapped order (default 5)
  --smoke       tiny sizes: shows that it works, measures nothing`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: "string" },
    smoke: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

async function main(): Promise<number> {
  const [revision, ...wanted] = positionals;
  if (flags.help || revision === undefined) {
    console.log(HELP);
    return flags.help ? 0 : 1;
  }
  const size = flags.smoke ? "smoke" : "full";
  const runs = readCount("--runs", flags.runs, flags.smoke ? 1 : 5);
  commitNamed(repositoryRoot, revision);
  watchForSignals();
  const machine = describeMachine(repositoryRoot);
  const ours = { root: repositoryRoot, commit: machine.commit };
  console.log(machineLine(machine));
  console.log(`Builds ${revision} beside this tree.\n`);
  await withOtherTree(repositoryRoot, revision, async (theirs) => {
    const shapes = wanted.length === 0 ? DEFAULT_SHAPES : wanted;
    const comparisons = shapes.flatMap((shape) => sidesToCompare(shape, ours, theirs, size));
    const calibrator = new Calibrator(size);
    console.log(`here: ${ours.commit}; there: ${theirs.commit}\n`);
    for (const comparison of comparisons) {
      console.log(`${comparison.benchmark}, ${comparison.side}`);
      const before = await calibrator.readBefore();
      const onRound = (line: string) => console.log(line);
      const compared = await compareSide(comparison, ours, theirs, { size, runs, onRound });
      const { busy, slowdown } = calibrator.judge([before, await calibrator.read()]);
      console.log(comparisonText(compared));
      if (busy && size === "full")
        console.log(`  BUSY MACHINE: a fixed loop took ${(100 * slowdown).toFixed(0)} % longer than at its fastest.`);
      console.log("");
    }
  });
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  return 1;
});
