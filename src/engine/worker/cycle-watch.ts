import { BoltTask } from "../executor/bolt-task.ts";
import type { Executor } from "../executor/executor.ts";
import type { PhysicalPlan } from "../plan/physical-plan.ts";
import type { CycleReport } from "./worker-protocol.ts";

/**
 * One thread's view of the topology's cycles, for main to find out when a cycle has run empty: all input from outside has
 * ended, no task is at work, and as many rows were received over its inner edges as were sent.
 */
export class CycleWatch {
  readonly #cycles: readonly { cycle: number; tasks: readonly BoltTask[] }[];

  constructor(plan: PhysicalPlan, executor: Executor) {
    const cycleOf = new Map(plan.components.map((component) => [component.id, component.cycle]));
    const byCycle = new Map<number, BoltTask[]>();
    for (const task of executor.tasks) {
      const cycle = cycleOf.get(task.plan.component);
      if (cycle === null || cycle === undefined || !(task instanceof BoltTask)) continue;
      const tasks = byCycle.get(cycle) ?? [];
      tasks.push(task);
      byCycle.set(cycle, tasks);
    }
    this.#cycles = [...byCycle].map(([cycle, tasks]) => ({ cycle, tasks }));
  }

  report(): CycleReport[] {
    return this.#cycles.map(({ cycle, tasks }) => ({
      cycle,
      quiet: tasks.every((task) => task.isCycleQuiet),
      sent: tasks.reduce((sum, task) => sum + task.innerSent, 0),
      received: tasks.reduce((sum, task) => sum + task.innerReceived, 0),
    }));
  }

  tellQuiet(cycle: number): void {
    for (const found of this.#cycles) {
      if (found.cycle === cycle) for (const task of found.tasks) task.cycleIsQuiet();
    }
  }
}
