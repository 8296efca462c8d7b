import type { BarResult } from "./bar.ts";
import { machineLine, settingOf } from "./machine.ts";
import type { ResultFile } from "./result-file.ts";
import { detailText, formatTarget, formatValue, medianOf, warningsOf } from "./result-table.ts";
import { median } from "./statistics.ts";

export const BEGIN = "<!-- results: begin (generated from native-free-bench/results by report.ts) -->";
export const END = "<!-- results: end -->";

/** The page with everything between its markers replaced. */
export function withGeneratedPart(page: string, generated: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`the page lacks its markers: ${BEGIN} ... ${END}`);
  return `${page.slice(0, begin + BEGIN.length)}\n\n${generated}\n${page.slice(end)}`;
}

/**
 * The machine, the chart (if there is one), all bars in one table, then every benchmark with all its runs; `names`
 * gives the order.
 */
export function resultsMarkdown(
  names: readonly string[],
  results: ReadonlyMap<string, ResultFile>,
  chartFile?: string,
): string {
  const files = names.flatMap((name) => results.get(name) ?? []);
  if (files.length === 0) return "No results are recorded yet.\n";
  const chart = chartFile === undefined ? "" : `![Rates of all sides, with their ranges](${chartFile})\n`;
  const sections = [settingSection(files), chart, barsSection(files), ...files.map(benchmarkSection)];
  return sections.filter((section) => section !== "").join("\n");
}

function settingSection(files: readonly ResultFile[]): string {
  const settings = [...new Set(files.map(({ machine }) => settingOf(machine)))];
  const commits = [...new Set(files.map(({ machine }) => machine.commit))];
  const days = [...new Set(files.map(({ machine }) => machine.date.slice(0, 10)))].sort();
  const mixed = settings.length === 1 ? "" : "**Mixed results: figures of different machines below.** ";
  const when = days.length === 1 ? days[0] : `${days[0]} to ${days.at(-1)}`;
  return `${mixed}Measured on ${settings.join("; and on ")}; commit ${commits.join(", ")}; ${when}.\n`;
}

function barsSection(files: readonly ResultFile[]): string {
  const rows = files.flatMap(({ machine, result }) => [
    ...result.bars.map((bar) => [result.name, ...barCells(bar, warningsOf(result, machine.cores).length > 0)]),
    ...(result.barsNotMeasured ?? []).map((bar) => [
      result.name,
      bar.title,
      "",
      bar.reason,
      formatTarget(bar),
      "not measured",
    ]),
  ]);
  if (rows.length === 0) return "";
  const header = ["benchmark", "what", "figure", "range over the rounds", "bar", ""];
  return `### All bars\n\n${markdownTable(header, rows)}`;
}

function barCells(bar: BarResult, doubtful: boolean): string[] {
  const range = `${formatValue(bar.low)} to ${formatValue(bar.high)}`;
  const verdict = `${bar.met ? "met" : "**not met**"}${doubtful ? ", see the warning" : ""}`;
  return [bar.title, formatValue(bar.value), range, formatTarget(bar), verdict];
}

function benchmarkSection({ machine, result }: ResultFile): string {
  const rows = Object.entries(result.sides).map(([name, { title, runs, skipped }]) => {
    if (skipped !== undefined) return [name, title, "skipped", skipped, "", "", ""];
    const values = runs.map((run) => run.value);
    const figures = [formatValue(median(values)), values.map(formatValue).join(", ")];
    return [name, title, ...figures, medianOf(runs, "cores"), medianOf(runs, "peakRssMb"), detailText(runs)];
  });
  const sizes = Object.entries(result.params).map(([name, value]) => `${name} ${value.toLocaleString("en")}`);
  const header = ["side", "what", `median, ${result.unit}`, "all runs", "cores", "peak MB", "beside it, medians"];
  const warnings = warningsOf(result, machine.cores).map((warning) => ` **${warning}**`);
  const lines = [
    `### ${result.name}`,
    "",
    `${result.question}${sizes.length === 0 ? "" : ` Sizes: ${sizes.join(", ")}.`}`,
    "",
    markdownTable(header, rows),
    `${machineLine(machine)}.${warnings.join("")}`,
    "",
  ];
  return lines.join("\n");
}

function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line), ""].join("\n");
}
