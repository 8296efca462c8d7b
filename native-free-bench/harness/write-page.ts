import { readFileSync } from "node:fs";
import path from "node:path";
import { benchmarkNames } from "../benchmarks.ts";
import { rateChart } from "./rate-chart.ts";
import { type ResultFile, readResultFiles, refuseMixedSettings } from "./result-file.ts";
import { resultsMarkdown, withGeneratedPart } from "./result-markdown.ts";
import { writeWhole } from "./write-whole.ts";

const PAGE = path.join("docs", "BENCHMARKS.md");
const CHART = path.join("docs", "benchmarks.svg");

/** What docs/BENCHMARKS.md and its chart should be, by the results in the tree. */
export interface Page {
  readonly text: string;
  readonly chart: string;
}

export function composePage(root: string, { mixed }: { readonly mixed: boolean }): Page {
  const results = readResultFiles(path.join(root, "native-free-bench", "results"));
  const files = benchmarkNames.flatMap((name): readonly ResultFile[] => {
    const file = results.get(name);
    return file === undefined ? [] : [file];
  });
  if (!mixed) refuseMixedSettings(files);
  const chart = rateChart(files.map(({ result }) => result));
  const generated = resultsMarkdown(benchmarkNames, results, path.basename(CHART));
  return { text: withGeneratedPart(readFileSync(path.join(root, PAGE), "utf8"), generated), chart };
}

export function writePage(root: string, settings: { readonly mixed: boolean }): void {
  const { text, chart } = composePage(root, settings);
  writeWhole(path.join(root, CHART), chart);
  writeWhole(path.join(root, PAGE), text);
}

/** True if the page and its chart show the results that are in the tree. */
export function isPageCurrent(root: string, settings: { readonly mixed: boolean }): boolean {
  const { text, chart } = composePage(root, settings);
  return readText(root, PAGE) === text && readText(root, CHART) === chart;
}

function readText(root: string, file: string): string | null {
  try {
    return readFileSync(path.join(root, file), "utf8");
  } catch {
    return null;
  }
}
