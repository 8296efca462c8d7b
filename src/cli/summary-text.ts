import { textTable } from "../engine/plan/text-table.ts";
import { componentName } from "../topology/output-id.ts";
import type { RunSummaryFace, TaskTotals } from "./engine-face.ts";
import { formatCount, formatElapsed, formatRate } from "./number-text.ts";

/** What a run did, for people. */
export function describeRun(summary: RunSummaryFace): string {
  const { topology, outcome, elapsedMs, workers, totals, left } = summary;
  const rows = Object.entries(totals.byComponent).map(([id, counts]) => [componentName(id), ...cellsOf(counts)]);
  const table = textTable(
    [
      { header: "component" },
      { header: "emitted", align: "right" },
      { header: "transferred", align: "right" },
      { header: "executed", align: "right" },
      { header: "failed", align: "right" },
    ],
    [...rows, ["all", ...cellsOf(totals)]],
  );
  const where = workers === 1 ? "1 worker" : `${workers} workers`;
  const rate = formatRate((totals.executed * 1000) / Math.max(1, elapsedMs));
  return [
    `${topology}: ${outcome} in ${formatElapsed(elapsedMs)} on ${where}${coresText(summary.cores)}`,
    "",
    ...table.map((line) => `  ${line}`),
    "",
    `${rate} tuples executed per second.`,
    ...(left > 0 ? [`Left unfinished: ${formatCount(left)} tuples.`] : []),
  ].join("\n");
}

function cellsOf({ emitted, transferred, executed, failed }: TaskTotals): string[] {
  return [emitted, transferred, executed, failed].map(formatCount);
}

/** Nothing where no worker is bound to a core. */
function coresText(cores: readonly (number | null)[]): string {
  const bound = cores.filter((core) => core !== null);
  if (bound.length === 0) return "";
  return bound.length === 1 ? ` (core ${bound[0]})` : ` (cores ${bound.join(", ")})`;
}
