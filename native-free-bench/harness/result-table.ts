import type { BarResult } from "./bar.ts";
import type { Measurement } from "./benchmark.ts";
import type { Machine } from "./machine.ts";
import type { BenchmarkResult } from "./run-benchmark.ts";
import { median } from "./statistics.ts";

/** A result as lines for a terminal: every side with its median and all its runs, then every bar. */
export function resultTable(result: BenchmarkResult, cores: number): string {
  const rows = Object.entries(result.sides).map(([name, side]) => {
    if (side.skipped !== undefined) return [`  ${name}`, side.title, "skipped:", side.skipped, ""];
    const values = side.runs.map((run) => run.value);
    const figures = [formatValue(median(values)), `[${values.map(formatValue).join(" ")}]`];
    return [`  ${name}`, side.title, ...figures, detailText(side.runs)];
  });
  const bars = result.bars.map((bar) => [
    `  ${bar.met ? "MET    " : "NOT MET"} ${bar.title}`,
    `= ${formatValue(bar.value)}`,
    `[${formatValue(bar.low)} .. ${formatValue(bar.high)}]`,
    `bar ${formatTarget(bar)}`,
  ]);
  const oversubscribed = cores < result.coresNeeded ? `  OVERSUBSCRIBED: ${result.coresNeeded} cores needed` : "";
  const params = Object.entries(result.params).map(([name, value]) => `${name} ${value.toLocaleString("en")}`);
  const rounds = Math.max(0, ...Object.values(result.sides).map((side) => side.runs.length));
  return [
    `${result.name}: ${result.question}${oversubscribed}`,
    `  ${result.unit}; median of ${rounds}; ${params.join(", ")}`,
    ...alignColumns(rows),
    ...alignColumns(bars),
  ].join("\n");
}

/** What a run told beside its value, as medians over the runs. */
export function detailText(runs: readonly Measurement[]): string {
  const names = Object.keys(runs[0]?.detail ?? {});
  return names
    .map((name) => `${name} ${formatValue(median(runs.flatMap((run) => run.detail?.[name] ?? [])))}`)
    .join(", ");
}

export function machineLine(machine: Machine): string {
  return (
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.kernel}, Node ${machine.node}, ` +
    `commit ${machine.commit}, ${machine.date}, load ${machine.loadBefore}`
  );
}

export function formatTarget(bar: BarResult): string {
  const [sign, number] = bar.target.split(" ");
  return `${sign} ${formatValue(Number(number))}`;
}

/** Three significant digits, with k, M and G for large numbers. */
export function formatValue(value: number): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 999.5e6) return `${(value / 1e9).toPrecision(3)}G`;
  if (magnitude >= 999.5e3) return `${(value / 1e6).toPrecision(3)}M`;
  if (magnitude >= 9_995) return `${(value / 1e3).toPrecision(3)}k`;
  if (magnitude >= 1_000) return value.toFixed(0);
  return String(Number(value.toPrecision(3)));
}

function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
