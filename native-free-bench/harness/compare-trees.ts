import path from "node:path";
import type { Size } from "./benchmark.ts";
import { type BenchmarkFacts, factsOf } from "./benchmark-facts.ts";
import type { Tree } from "./other-tree.ts";
import { formatValue } from "./result-table.ts";
import { runSide } from "./run-side.ts";
import { median } from "./statistics.ts";

/** One side of one benchmark in two trees: a value per round. */
export interface Comparison {
  readonly benchmark: string;
  readonly side: string;
  readonly unit: string;
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

export interface CompareSettings {
  readonly size: Size;
  readonly runs: number;
  readonly onRound?: (line: string) => void;
}

/** `benchmark` or `benchmark:side`; without a side all that are the engine's. Throws on what cannot be compared. */
export function sidesToCompare(wanted: string, ours: Tree, theirs: Tree, size: Size): Comparison[] {
  const [benchmark, side] = wanted.split(":") as [string, string | undefined];
  const [here, there] = [factsOf(ours.root, benchmark, size), factsOf(theirs.root, benchmark, size)];
  if (here === null) throw new Error(`no benchmark is called "${benchmark}" in this tree`);
  if (there === null) throw new Error(`no benchmark is called "${benchmark}" in commit ${theirs.commit}`);
  if (JSON.stringify(here.params) !== JSON.stringify(there.params) || here.unit !== there.unit)
    throw new Error(`${benchmark} has other sizes in commit ${theirs.commit}: they cannot be compared`);
  const names = Object.keys(here.sides).filter((name) => (side ?? name) === name && there.sides[name] !== undefined);
  const chosen = side === undefined ? names.filter((name) => here.sides[name]!.whose === "ours") : names;
  if (chosen.length === 0) throw new Error(`${wanted} has no side that both trees know`);
  return chosen.map((name) => ({ benchmark, side: name, unit: here.unit, ours: [], theirs: [] }));
}

/** Runs one side in both trees, in fresh processes; who is first changes in each round. */
export async function compareSide(
  comparison: Comparison,
  ours: Tree,
  theirs: Tree,
  { size, runs, onRound }: CompareSettings,
): Promise<Comparison> {
  const { benchmark, side } = comparison;
  const facts = factsOf(ours.root, benchmark, size) as BenchmarkFacts;
  const valueIn = async ({ root }: Tree) => {
    const entry = path.join(root, "dist", "native-free-bench", "harness", "side-process.js");
    const { sideTimeoutMs: timeoutMs } = facts;
    const [measurement] = await runSide({ benchmark, size, sides: [side], timeoutMs, entry });
    return measurement!.value;
  };
  const values = { ours: [] as number[], theirs: [] as number[] };
  for (let round = 0; round < runs; round++) {
    for (const who of round % 2 === 0 ? (["theirs", "ours"] as const) : (["ours", "theirs"] as const))
      values[who].push(await valueIn(who === "ours" ? ours : theirs));
    const [here, there] = [values.ours[round]!, values.theirs[round]!];
    const both = `${formatValue(here)} here, ${formatValue(there)} there`;
    onRound?.(`  round ${round + 1}: ${both}, ratio ${(here / there).toFixed(3)}`);
  }
  return { ...comparison, ...values };
}

/** Medians, ranges, and the ratio with what the rounds say about it. */
export function comparisonText({ unit, ours, theirs }: Comparison): string {
  const ratios = ours.map((value, round) => value / theirs[round]!);
  const [low, high] = [Math.min(...ratios), Math.max(...ratios)];
  const ratio = median(ours) / median(theirs);
  const verdict =
    low > 1 ? "higher here in every round" : high < 1 ? "lower here in every round" : "rounds on both sides of 1";
  return [
    `  here   ${rangeText(ours)} ${unit}`,
    `  there  ${rangeText(theirs)} ${unit}`,
    `  ratio  ${ratio.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)}): ${verdict}`,
  ].join("\n");
}

function rangeText(values: readonly number[]): string {
  const [low, high] = [formatValue(Math.min(...values)), formatValue(Math.max(...values))];
  return `${formatValue(median(values))} (${low} to ${high})`;
}
