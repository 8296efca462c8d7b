import { EngineError } from "../base/engine-error.ts";
import { fromWireError } from "../base/wire-error.ts";
import type { TaskFailure } from "./worker/worker-protocol.ts";

/** What a run fails with when a task did: it names the hook, and has the original error as its cause. */
export function taskError(failure: TaskFailure): EngineError {
  const cause = fromWireError(failure.error);
  if (cause instanceof EngineError && cause.code === "TASK_RESTART_LIMIT") return cause;
  return new EngineError("TASK_FAILED", {
    problem: `task ${failure.taskId} of "${failure.component}" failed in ${failure.hook}`,
    facts: { component: failure.component, task: failure.taskId, hook: failure.hook, error: cause.message },
    remedy: "see the cause for the original error and its stack",
    cause,
  });
}
