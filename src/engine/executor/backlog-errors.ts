import { EngineError } from "../../base/engine-error.ts";
import type { TaskPlan } from "../plan/physical-plan.ts";

/** A feedback edge took more than it may hold. */
export function spillError(plan: TaskPlan, edge: string, rowsHeld: number, feedbackSpillMax: number): EngineError {
  return new EngineError("FEEDBACK_SPILL", {
    problem: `task ${plan.taskId} of "${plan.component}" holds too much for feedback edge ${edge}`,
    facts: { edge, rowsHeld, feedbackSpillMax },
    remedy: "send less around the cycle for each tuple that enters it, or raise feedbackSpillMax",
  });
}

/** One call of user code emitted more than its task may hold back. */
export function overflowError(plan: TaskPlan, rowsHeld: number, emitOverflowMax: number): EngineError {
  return new EngineError("EMIT_OVERFLOW", {
    problem: `task ${plan.taskId} of "${plan.component}" emitted more in one call than it may hold back`,
    facts: { rowsHeld, emitOverflowMax },
    remedy: "emit less in one call, or raise emitOverflowMax",
  });
}
