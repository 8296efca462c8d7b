// node dist/native-free-bench/report.js [--check]: writes the newest results into docs/BENCHMARKS.md, between its
// markers.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { benchmarkNames } from "./benchmarks.ts";
import { readResultFiles } from "./harness/result-file.ts";
import { resultsMarkdown, withGeneratedPart } from "./harness/result-markdown.ts";

const repositoryRoot = path.resolve(import.meta.dirname, "..", "..");
const page = path.join(repositoryRoot, "docs", "BENCHMARKS.md");

const results = readResultFiles(path.join(repositoryRoot, "native-free-bench", "results"));
const before = readFileSync(page, "utf8");
const after = withGeneratedPart(before, resultsMarkdown(benchmarkNames, results));
if (process.argv.includes("--check")) {
  if (before !== after) {
    console.error("docs/BENCHMARKS.md does not show the newest results: run node dist/native-free-bench/report.js");
    process.exitCode = 1;
  }
} else writeFileSync(page, after);
