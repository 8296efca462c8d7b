import type { Measurement } from "./benchmark.ts";
import type { BenchmarkResult } from "./run-benchmark.ts";
import { median } from "./statistics.ts";

/** A result as lines for a terminal: every side with its median and all its runs, then every bar. */
export function resultTable(result: BenchmarkResult, cores: number): string {
  const rows = Object.entries(result.sides).flatMap(([name, { title, runs }]) => {
    if (runs.length === 0) return [];
    const values = runs.map((run) => run.value);
    const figures = [formatValue(median(values)), `[${values.map(formatValue).join(" ")}]`];
    const used = [`${medianOf(runs, "cores")} cores`, `${medianOf(runs, "peakRssMb")} MB`];
    return [[`  ${name}`, title, ...figures, ...used, detailText(runs)]];
  });
  const skipped = Object.entries(result.sides).flatMap(([name, side]) =>
    side.skipped === undefined ? [] : [`  ${name}  ${side.title}  skipped: ${side.skipped}`],
  );
  const bars = result.bars.map((bar) => [
    `  ${bar.met ? "MET    " : "NOT MET"} ${bar.title}`,
    `= ${formatValue(bar.value)}`,
    `[${formatValue(bar.low)} .. ${formatValue(bar.high)}]`,
    `bar ${formatTarget(bar)}`,
  ]);
  const notMeasured = (result.barsNotMeasured ?? []).map(
    (bar) => `  NOT MEASURED ${bar.title}  bar ${formatTarget(bar)}  ${bar.reason}`,
  );
  const params = Object.entries(result.params).map(([name, value]) => `${name} ${value.toLocaleString("en")}`);
  const rounds = Math.max(0, ...Object.values(result.sides).map((side) => side.runs.length));
  return [
    [`${result.name}: ${result.question}`, ...warningsOf(result, cores)].join("  "),
    `  ${[result.unit, `median of ${rounds}`, ...params].join("; ")}`,
    ...alignColumns(rows),
    ...skipped,
    ...alignColumns(bars),
    ...notMeasured,
  ].join("\n");
}

/** What makes the figures of a result doubtful: too few cores, or another program beside it. */
export function warningsOf(result: BenchmarkResult, cores: number): string[] {
  const warnings: string[] = [];
  if (cores < result.coresNeeded) warnings.push(`OVERSUBSCRIBED: ${result.coresNeeded} cores needed.`);
  const { calibration } = result;
  if (calibration?.busy && result.size === "full") {
    const slower = formatValue(100 * calibration.slowdown);
    warnings.push(`BUSY MACHINE: a fixed loop took ${slower} % longer around it than at its fastest.`);
  }
  return warnings;
}

/** Shown in columns of their own. */
const USED = ["cores", "peakRssMb"];

/** What a run told beside its value and what it used, as medians over the runs. */
export function detailText(runs: readonly Measurement[]): string {
  const names = Object.keys(runs[0]?.detail ?? {}).filter((name) => !USED.includes(name));
  return names.map((name) => `${name} ${medianOf(runs, name)}`).join(", ");
}

/** The median of a figure in `detail`, and nothing for runs that do not tell it. */
export function medianOf(runs: readonly Measurement[], figure: string): string {
  const values = runs.flatMap((run) => run.detail?.[figure] ?? []);
  return values.length === 0 ? "" : formatValue(median(values));
}

export function formatTarget(bar: { readonly target: string }): string {
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

export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
