import type { Whose } from "./benchmark.ts";
import { formatValue } from "./result-table.ts";
import type { BenchmarkResult } from "./run-benchmark.ts";
import { median } from "./statistics.ts";

const WIDTH = 880;
const NAME_WIDTH = 250;
const BAR_WIDTH = 460;
const FIGURE_X = NAME_WIDTH + BAR_WIDTH + 10;
const ROW_HEIGHT = 20;
const BAR_HEIGHT = 12;
const TITLE_HEIGHT = 26;
const PANEL_GAP = 16;
const MARGIN = 16;

const STYLE = `
  svg { color-scheme: light dark; }
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .quiet { fill: #59636e; }
  .ours { fill: #0969da; }
  .reference { fill: #afb8c1; }
  .rival { fill: #bc6c25; }
  .range { stroke: #1f2328; stroke-width: 1.5; }
  .axis { stroke: #d1d9e0; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .quiet { fill: #9198a1; }
    .ours { fill: #4493f8; }
    .reference { fill: #656c76; }
    .rival { fill: #d4915a; }
    .range { stroke: #f0f6fc; }
    .axis { stroke: #3d444d; }
  }`;

/** One side of a panel: its median, and the lowest and highest of its rounds. */
interface Row {
  readonly name: string;
  readonly whose: Whose;
  readonly middle: number;
  readonly low: number;
  readonly high: number;
}

interface Panel {
  readonly title: string;
  readonly rows: readonly Row[];
}

/**
 * An SVG of all rates: a panel per benchmark, whose sides share a scale that begins at 0. The line over a bar goes
 * from its lowest to its highest round. Its colours follow the reader's light or dark setting.
 */
export function rateChart(results: readonly BenchmarkResult[]): string {
  const panels = results.filter(({ unit }) => unit.endsWith("/s")).map(panelOf);
  const drawn: string[] = [legend()];
  let top = MARGIN + TITLE_HEIGHT;
  for (const panel of panels.filter(({ rows }) => rows.length > 0)) {
    drawn.push(drawPanel(panel, top));
    top += TITLE_HEIGHT + panel.rows.length * ROW_HEIGHT + PANEL_GAP;
  }
  const height = top - PANEL_GAP + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">`,
    "<title>Rates of all sides: median, lowest and highest round</title>",
    `<style>${STYLE}\n</style>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function panelOf({ name, unit, sides }: BenchmarkResult): Panel {
  const rows = Object.entries(sides).flatMap(([side, { runs, whose = "ours" }]): Row[] => {
    const values = runs.map((run) => run.value);
    if (values.length === 0) return [];
    return [{ name: side, whose, middle: median(values), low: Math.min(...values), high: Math.max(...values) }];
  });
  return { title: `${name}, ${unit}`, rows };
}

function drawPanel({ title, rows }: Panel, top: number): string {
  const most = Math.max(...rows.map((row) => row.high));
  // A length of one decimal is finer than any screen, and keeps the file small.
  const at = (value: number) => Number((NAME_WIDTH + (value / most) * BAR_WIDTH).toFixed(1));
  const titleY = top + TITLE_HEIGHT / 2;
  const bottom = top + TITLE_HEIGHT + rows.length * ROW_HEIGHT;
  const lines = rows.map((row, index) => {
    const y = top + TITLE_HEIGHT + index * ROW_HEIGHT;
    const middle = y + ROW_HEIGHT / 2;
    const range = `${formatValue(row.low)} to ${formatValue(row.high)}`;
    return [
      textAt(NAME_WIDTH - 8, middle, row.name, "end"),
      `<rect class="${row.whose}" x="${NAME_WIDTH}" y="${middle - BAR_HEIGHT / 2}" ` +
        `width="${Number((at(row.middle) - NAME_WIDTH).toFixed(1))}" height="${BAR_HEIGHT}"/>`,
      `<line class="range" x1="${at(row.low)}" y1="${middle}" x2="${at(row.high)}" y2="${middle}"/>`,
      `<text x="${FIGURE_X}" y="${middle}" dominant-baseline="central">${formatValue(row.middle)}` +
        `<tspan class="quiet" dx="8">${range}</tspan></text>`,
    ].join("\n");
  });
  return [
    `<text class="title" x="${MARGIN}" y="${titleY}" dominant-baseline="central">${escaped(title)}</text>`,
    `<line class="axis" x1="${NAME_WIDTH}" y1="${top + TITLE_HEIGHT}" x2="${NAME_WIDTH}" y2="${bottom}"/>`,
    ...lines,
  ].join("\n");
}

const LEGEND: readonly (readonly [Whose, string])[] = [
  ["ours", "stormcell"],
  ["reference", "hand-written reference"],
  ["rival", "rival"],
];

function legend(): string {
  const entries = LEGEND.map(([whose, label], index) => {
    const x = NAME_WIDTH + index * 180;
    const square = `<rect class="${whose}" x="${x}" y="${MARGIN}" width="${BAR_HEIGHT}" height="${BAR_HEIGHT}"/>`;
    return `${square}\n${textAt(x + BAR_HEIGHT + 6, MARGIN + BAR_HEIGHT / 2, label, "start")}`;
  });
  return entries.join("\n");
}

function textAt(x: number, y: number, text: string, anchor: "start" | "end"): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" dominant-baseline="central">${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
