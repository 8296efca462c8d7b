import type { PhysicalPlan } from "./physical-plan.ts";

/** Tasks as people find them again: `count#0 (task 3)`. */
export function taskNames(plan: PhysicalPlan, taskIds: Iterable<number>): string[] {
  return [...taskIds].map((taskId) => {
    const { component, taskIndex } = plan.tasks[taskId]!;
    return `${component}#${taskIndex} (task ${taskId})`;
  });
}
