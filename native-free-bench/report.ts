// npm run bench:report [-- --check] [--mixed]: writes the newest results into docs/BENCHMARKS.md, between its
// markers, and into its chart. --mixed: also those of different machines, kernels or Node versions together.
import { parseArgs } from "node:util";
import { repositoryRoot } from "./harness/places.ts";
import { isPageCurrent, writePage } from "./harness/write-page.ts";

const { values: flags } = parseArgs({
  options: { check: { type: "boolean", default: false }, mixed: { type: "boolean", default: false } },
});

try {
  if (!flags.check) writePage(repositoryRoot, flags);
  else if (!isPageCurrent(repositoryRoot, flags)) {
    console.error("docs/BENCHMARKS.md does not show the newest results: run npm run bench:report");
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
