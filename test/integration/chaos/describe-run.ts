import { totalsOf } from "../../../src/engine/executor/task-totals.ts";
import { runMemory } from "../../../src/engine/kill-thread.ts";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import { TREE_FAILED, TREE_FREE, TREE_LIVE, TREE_OVERDUE, TreeSlots } from "../../../src/memory/tree-slots.ts";
import { MetricLayout } from "../../../src/metrics/metric-layout.ts";
import { MetricsReader } from "../../../src/metrics/metrics-reader.ts";

const STATES = {
  free: TREE_FREE,
  live: TREE_LIVE,
  overdue: TREE_OVERDUE,
  failed: TREE_FAILED,
} as const;

/** How many slots of trees of a run are in which state. */
export function slotStates(run: TopologyRun): Record<keyof typeof STATES, number> {
  const slots = new TreeSlots(run[runMemory].trees);
  const counts = { free: 0, live: 0, overdue: 0, failed: 0 };
  for (let slot = 0; slot < slots.slotCount; slot++) {
    const state = slots.stateOf(slot);
    for (const [name, value] of Object.entries(STATES)) if (value === state) counts[name as keyof typeof STATES]++;
  }
  return counts;
}

/** Slots that are not free. */
export function treesUnderWay(run: TopologyRun): number {
  const { free: _, ...taken } = slotStates(run);
  return Object.values(taken).reduce((sum, count) => sum + count, 0);
}

/** The state of a run that hangs, for whoever has to find out why. */
export function describeRun(run: TopologyRun): string {
  const layout = new MetricLayout(run.plan);
  const reader = new MetricsReader(layout, run[runMemory].metrics, () => 0);
  reader.read();
  const tasks = run.plan.tasks.flatMap((task) => {
    if (task === null) return [];
    const totals = totalsOf(reader, layout, task.taskId);
    return [`thread ${task.thread} ${task.component}#${task.taskIndex}: ${JSON.stringify(totals)}`];
  });
  const slots = `slots of trees: ${JSON.stringify(slotStates(run))}; ${pendingCounts(run)}`;
  return [`${run.state}, epoch ${run.epoch}`, ...tasks.sort(), slots].join("\n");
}

/** The live counts of some of the trees that are not done: what they wait for. */
function pendingCounts(run: TopologyRun): string {
  const slots = new TreeSlots(run[runMemory].trees);
  const some: string[] = [];
  for (let slot = 0; slot < slots.slotCount && some.length < 8; slot++) {
    const state = slots.stateOf(slot);
    if (state !== TREE_FREE) some.push(`slot ${slot}: state ${state}, ${slots.liveCountOf(slot)} tuples`);
  }
  return some.join(", ") || "none pending";
}
