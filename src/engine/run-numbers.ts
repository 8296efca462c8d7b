import { realClock, sharedClockOf, treeClockOf, wallClock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { OptionValues } from "../config/option-values.ts";
import { ringFill } from "../memory/ring-layout.ts";
import type { RunMemory } from "../memory/run-memory.ts";
import { MetricLayout } from "../metrics/metric-layout.ts";
import { MetricsReader } from "../metrics/metrics-reader.ts";
import { RunMetrics } from "../metrics/run-metrics.ts";
import { SteadyWallClock } from "../metrics/steady-wall-clock.ts";
import { controlLayoutOf } from "./executor/build-executor.ts";
import { addTotals, NO_TOTALS, type TaskTotals, totalsOf } from "./executor/task-totals.ts";
import type { PhysicalPlan } from "./plan/physical-plan.ts";
import type { RunBackend } from "./run-backend.ts";
import { RunInspector } from "./run-inspector.ts";
import { RunTools } from "./run-tools.ts";
import type { RunTotals } from "./run-types.ts";

export interface RunNumbersParts {
  readonly name: string;
  readonly plan: PhysicalPlan;
  readonly config: OptionValues;
  readonly configOf: (component: string) => OptionValues;
  readonly logger: Logger;
}

/** What main knows of a run's numbers. Its windows are of real time, whatever time its tasks live in. */
export function makeRunMetrics({ name, plan, logger }: RunNumbersParts, backend: RunBackend): RunMetrics {
  return new RunMetrics({
    topology: name,
    layout: new MetricLayout(plan),
    words: backend.memory.metrics,
    clock: realClock,
    sharedNowMs: treeClockOf(backend.clock),
    wallClock: new SteadyWallClock(wallClock, realClock),
    setTimer: unrefTimer,
    logger,
  });
}

/** What looks at some of a run's tuples. */
export function makeRunInspector({ plan }: RunNumbersParts, backend: RunBackend): RunInspector {
  return new RunInspector({
    plan,
    inspect: (component, inspection) => backend.inspect(component, inspection),
    wallMs: () => wallClock.nowMs(),
    sharedMs: sharedClockOf(backend.clock),
  });
}

/** What can be done to a run's workers; null where all tasks are on the main thread. */
export function makeRunTools(parts: RunNumbersParts, backend: RunBackend, inspector: RunInspector): RunTools | null {
  const { name, plan, config, configOf } = parts;
  const { inquiries } = backend;
  if (inquiries === null) return null;
  const configured = (component: string | null) => (component === null ? config : configOf(component)).logLevel;
  return new RunTools({ name, plan, inspector, inquiries, configured });
}

/** By component that has rings into its tasks: the fullest of them, as a share of 1. */
export function queueFillsOf(plan: PhysicalPlan, memory: RunMemory): Record<string, number> {
  const layout = controlLayoutOf(plan);
  const fills: Record<string, number> = {};
  for (const { ringIndex, consumerTask, bytes } of plan.rings) {
    const { component } = plan.tasks[consumerTask]!;
    const fill = ringFill(memory.control, layout.ringWord(ringIndex), bytes);
    fills[component] = Math.max(fills[component] ?? 0, fill);
  }
  return fills;
}

/** What a run's tasks have done so far, read now. */
export function totalsOfRun(plan: PhysicalPlan, layout: MetricLayout, { memory, clock }: RunBackend): RunTotals {
  const reader = new MetricsReader(layout, memory.metrics, treeClockOf(clock));
  reader.read();
  const byComponent: Record<string, TaskTotals> = {};
  for (const { id, taskIds } of plan.components) {
    byComponent[id] = taskIds.map((taskId) => totalsOf(reader, layout, taskId)).reduce(addTotals, NO_TOTALS);
  }
  return { ...Object.values(byComponent).reduce(addTotals, NO_TOTALS), byComponent };
}

/** The numbers of a run keep no process alive. */
function unrefTimer(call: () => void, delayMs: number): () => void {
  const timer = setTimeout(call, delayMs).unref();
  return () => clearTimeout(timer);
}
