import type { PhysicalPlan } from "../../../src/engine/plan/physical-plan.ts";

/** A source's task as outlets see it: whatever finds no room waits. */
export const silentOwner = {
  sweep: 0,
  outletOpened(): void {},
  batchShipped(): void {},
  backlogChanged(): void {},
  outletFailed(error: unknown): void {
    throw error;
  },
};

/** As much of a plan as the places of slots depend on. */
export function planOf(sourceThreads: readonly number[], threads: number): PhysicalPlan {
  return {
    workerCount: threads - 1,
    components: sourceThreads.map((_, taskId) => ({ id: `source${taskId}`, kind: "spout", taskIds: [taskId] })),
    tasks: sourceThreads.map((thread, taskId) => ({ taskId, thread })),
  } as unknown as PhysicalPlan;
}
