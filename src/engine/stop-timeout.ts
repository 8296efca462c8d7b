import { EngineError } from "../base/engine-error.ts";
import type { OptionValues } from "../config/option-values.ts";
import type { PhysicalPlan } from "./plan/physical-plan.ts";
import { taskNames } from "./plan/task-names.ts";

/** Tasks did not close in time, and their threads were ended. */
export function stopTimeout(
  { name, plan, config }: { readonly name: string; readonly plan: PhysicalPlan; readonly config: OptionValues },
  late: readonly number[],
): EngineError {
  const { stopTimeoutMs } = config;
  return new EngineError("STOP_TIMEOUT", {
    problem: `tasks of topology "${name}" did not close within ${stopTimeoutMs} ms: their threads were ended`,
    facts: { tasks: taskNames(plan, late), stopTimeoutMs },
    remedy: "see what their cleanup or close hook waits for, or raise stopTimeoutMs",
  });
}
