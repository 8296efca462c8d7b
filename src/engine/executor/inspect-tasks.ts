import { type Clock, sharedClockOf } from "../../base/clock.ts";
import { Prng } from "../../base/prng.ts";
import type { InspectedEvent, Inspection } from "../inspected.ts";
import type { PhysicalPlan } from "../plan/physical-plan.ts";
import type { Executor } from "./executor.ts";
import { TaskInspector } from "./task-inspector.ts";

/** Switches on or off what is inspected of a component, for its tasks on one thread. */
export function inspectTasks(
  executor: Executor,
  component: string,
  inspection: Inspection | null,
  {
    plan,
    clock,
    tell,
  }: {
    readonly plan: PhysicalPlan;
    readonly clock: Clock;
    readonly tell: (events: readonly InspectedEvent[]) => void;
  },
): void {
  const sharedMs = sharedClockOf(clock);
  for (const task of executor.tasks) {
    if (task.plan.component !== component) continue;
    task.inspector?.flush();
    if (inspection === null) {
      task.inspector = null;
      continue;
    }
    const { taskId } = task;
    const streamOf = (edgeIndex: number) => plan.edges[edgeIndex]!.streamIndex;
    // Through the executor each time: its slots are others after a loss.
    const emittedOf = (slot: number) => executor.tracking?.slots.emittedOf(slot) ?? 0;
    const prng = new Prng(taskId);
    task.inspector = new TaskInspector({ taskId, prng, streamOf, emittedOf, sharedMs, tell }, inspection);
  }
}
