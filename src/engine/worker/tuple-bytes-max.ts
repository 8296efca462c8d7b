import { computeFrameBytesMax } from "../../memory/ring-layout.ts";
import type { PhysicalPlan } from "../plan/physical-plan.ts";

/** What the rings that a task emits into take of one tuple at most; Infinity where it emits into none. */
export function tupleBytesMaxOf(plan: Pick<PhysicalPlan, "tasks" | "edges" | "streams" | "rings">, taskId: number) {
  const { component, thread } = plan.tasks[taskId]!;
  const targets = new Set(
    plan.edges
      .filter(({ streamIndex }) => plan.streams[streamIndex]!.component === component)
      .flatMap(({ targetTasks }) => targetTasks),
  );
  const rings = plan.rings.filter((ring) => ring.producerThread === thread && targets.has(ring.consumerTask));
  return Math.min(...rings.map(({ bytes }) => computeFrameBytesMax(bytes)));
}
