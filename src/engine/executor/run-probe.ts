import type { StreamPlan, TaskPlan } from "../plan/physical-plan.ts";
import type { InstanceFactory } from "./create-instance.ts";

/**
 * What a test sees of a run, and does to it. Only the inline runtime passes one on; without one nothing of this is
 * there, and an emit costs what it costs.
 */
export interface RunProbe {
  /** Called after each emit that was taken, also of streams without subscribers. May throw: then that task fails. */
  emitted(task: TaskPlan, stream: StreamPlan, values: readonly unknown[]): void;
  /** Stands between the tasks and what makes their instances. */
  wrapInstances(instances: InstanceFactory): InstanceFactory;
  /** Rows of each batch that tasks of this component send; null lets batches find their length as usual. */
  batchRowsOf(component: string): number | null;
}
