import { componentName } from "../../topology/output-id.ts";
import type { PhysicalPlan } from "./physical-plan.ts";
import {
  type ComponentSummary,
  type EdgeSummary,
  type PlanSetting,
  type PlanSummary,
  summarizePlan,
} from "./plan-summary.ts";
import { formatBytes, type TextColumn, textTable, textTableBlocks } from "./text-table.ts";

const WIDTH_MAX = 110;
const INDENT = "  ";

/** A plan as text for a terminal: which tasks run where, what connects them, and what to worry about. */
export function describePlan(plan: PhysicalPlan, setting: PlanSetting): string {
  return describeSummary(summarizePlan(plan, setting));
}

/** The same for a summary that is at hand already. */
export function describeSummary(summary: PlanSummary): string {
  const sections = [
    [headline(summary)],
    ...tableOfTasks(summary),
    tableOfEdges(summary),
    [`Cores: ${summary.pinning}.`, ...ringNotes(summary)],
    summary.warnings.map((warning) => `Warning: ${warning}.`),
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

function headline({ topology, totals }: PlanSummary): string {
  const sizes = `${formatBytes(totals.ringBytes)} (${formatBytes(totals.ringBytesTogether)})`;
  const rings = totals.rings === 0 ? "no rings" : `${countOf(totals.rings, "ring")} of ${sizes}`;
  return `${topology}: ${countOf(totals.tasks, "task")} on ${countOf(totals.workers, "worker")}, ${rings}`;
}

/** Components down, workers across; a cell holds the ids of the tasks that the worker hosts. Sums and cores below. */
function tableOfTasks(summary: PlanSummary): string[][] {
  const hasMain = summary.components.some(({ tasks }) => tasks.some(({ thread }) => thread === "main"));
  const threads = [...summary.workers.map(({ worker }) => worker), ...(hasMain ? (["main"] as const) : [])];
  const columns: TextColumn[] = [
    { header: "component" },
    { header: "kind" },
    { header: "tasks", align: "right" },
    ...threads.map((thread): TextColumn => ({ header: thread === "main" ? "main" : `w${thread}`, align: "right" })),
  ];
  const rows = summary.components.map((component) => [
    componentName(component.id),
    component.kind,
    String(component.tasks.length),
    ...threads.map((thread) => taskRange(component, thread)),
  ]);
  rows.push([
    "all tasks",
    "",
    String(summary.totals.tasks),
    ...threads.map((thread) => String(loadOf(summary, thread))),
  ]);
  if (summary.workers.some(({ core }) => core !== null)) {
    const cores = threads.map((thread) => (thread === "main" ? null : summary.workers[thread]!.core));
    rows.push(["core", "", "", ...cores.map((core) => String(core ?? ""))]);
  }
  return textTableBlocks(columns, rows, { fixed: 3, widthMax: WIDTH_MAX - INDENT.length }).map(indent);
}

/** A worker's tasks of one component have consecutive ids. */
function taskRange({ tasks }: ComponentSummary, thread: number | "main"): string {
  const ids = tasks.flatMap((task) => (task.thread === thread ? [task.task] : []));
  if (ids.length === 0) return "·";
  return ids.length === 1 ? `#${ids[0]}` : `#${ids[0]}-${ids.at(-1)}`;
}

function loadOf(summary: PlanSummary, thread: number | "main"): number {
  return summary.components.reduce(
    (sum, { tasks }) => sum + tasks.filter((task) => task.thread === thread).length,
    0,
  );
}

function tableOfEdges(summary: PlanSummary): string[] {
  if (summary.edges.length === 0) return [];
  const columns: TextColumn[] = [
    { header: "edge" },
    { header: "grouping" },
    { header: "kind" },
    { header: "same thread", align: "right" },
    { header: "rings", align: "right" },
  ];
  const rows = summary.edges.map((edge) => [
    edgeName(edge),
    groupingName(edge),
    edge.kind,
    `${edge.localPairs} of ${edge.pairs}`,
    edge.rings.length === 0 ? "·" : `${edge.rings.length} x ${formatBytes(summary.totals.ringBytes)}`,
  ]);
  return indent(textTable(columns, rows));
}

/** A stream is named where it is not the default one, and so is an input. */
function edgeName({ from, stream, to, input, feedback }: EdgeSummary): string {
  const source = stream === "default" ? from : `${from}.${stream}`;
  const consumer = componentName(to);
  const target = input === "default" ? consumer : `${consumer} as ${input}`;
  return `${source} → ${target}${feedback ? " (feedback)" : ""}`;
}

const GROUPING_NAMES: Readonly<Record<string, string>> = {
  partialKey: "partial key",
  localOrShuffle: "local or shuffle",
  leastLoaded: "least loaded",
};

function groupingName({ grouping, keyFields }: EdgeSummary): string {
  const name = GROUPING_NAMES[grouping] ?? grouping;
  return keyFields.length === 0 ? name : `${name} (${keyFields.join(", ")})`;
}

function ringNotes({ edges, totals }: PlanSummary): string[] {
  const uses = edges.reduce((sum, edge) => sum + edge.rings.length, 0);
  return uses > totals.rings ? [`Rings: edges between the same threads share them, ${totals.rings} in all.`] : [];
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => INDENT + line);
}
