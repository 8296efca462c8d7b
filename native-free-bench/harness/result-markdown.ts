import type { BarResult } from "./bar.ts";
import type { ResultFile } from "./result-file.ts";
import { detailText, formatTarget, formatValue, machineLine } from "./result-table.ts";
import { median } from "./statistics.ts";

export const BEGIN = "<!-- results: begin (generated from native-free-bench/results by report.ts) -->";
export const END = "<!-- results: end -->";

/** The page with everything between its markers replaced. */
export function withGeneratedPart(page: string, generated: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`the page lacks its markers: ${BEGIN} ... ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${generated}\n${page.slice(end)}`;
}

/** All bars in one table, then every benchmark with all its runs; `names` gives the order. */
export function resultsMarkdown(names: readonly string[], results: ReadonlyMap<string, ResultFile>): string {
  const files = names.flatMap((name) => results.get(name) ?? []);
  if (files.length === 0) return "No results are recorded yet.\n";
  return [barsSection(files), ...files.map(benchmarkSection)].filter((section) => section !== "").join("\n");
}

function barsSection(files: readonly ResultFile[]): string {
  const rows = files.flatMap(({ result }) => result.bars.map((bar) => [result.name, ...barCells(bar)]));
  if (rows.length === 0) return "";
  const header = ["benchmark", "what", "figure", "range over the rounds", "bar", ""];
  return `### All bars\n\n${markdownTable(header, rows)}`;
}

function barCells(bar: BarResult): string[] {
  const range = `${formatValue(bar.low)} to ${formatValue(bar.high)}`;
  return [bar.title, formatValue(bar.value), range, formatTarget(bar), bar.met ? "met" : "**not met**"];
}

function benchmarkSection({ machine, result }: ResultFile): string {
  const rows = Object.entries(result.sides).map(([name, side]) => {
    if (side.skipped !== undefined) return [name, side.title, "skipped", side.skipped, ""];
    const values = side.runs.map((run) => run.value);
    const runs = values.map(formatValue).join(", ");
    return [name, side.title, formatValue(median(values)), runs, detailText(side.runs)];
  });
  const sizes = Object.entries(result.params).map(([name, value]) => `${name} ${value.toLocaleString("en")}`);
  const lines = [
    `### ${result.name}`,
    "",
    `${result.question}${sizes.length === 0 ? "" : ` Sizes: ${sizes.join(", ")}.`}`,
    "",
    markdownTable(["side", "what", `median, ${result.unit}`, "all runs", "beside it, medians"], rows),
    `${machineLine(machine)}.${machine.cores < result.coresNeeded ? " OVERSUBSCRIBED." : ""}`,
    "",
  ];
  return lines.join("\n");
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line), ""].join("\n");
}
