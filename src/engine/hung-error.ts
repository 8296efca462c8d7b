import { EngineError } from "../base/engine-error.ts";
import type { RunMemory } from "../memory/run-memory.ts";
import { controlLayoutOf } from "./executor/build-executor.ts";
import { HookNote } from "./executor/hook-note.ts";
import type { PhysicalPlan } from "./plan/physical-plan.ts";

/** For a worker that gave no sign of life: names the hook that it was last seen in. */
export function hungError(
  thread: number,
  silentMs: number,
  run: { readonly plan: PhysicalPlan; readonly memory: RunMemory; readonly workerTimeoutMs: number },
): EngineError {
  const { plan, memory, workerTimeoutMs } = run;
  const note = new HookNote(memory.control, controlLayoutOf(plan).hookWord(thread)).read();
  const component = note === null ? null : (plan.tasks[note.taskId]?.component ?? null);
  const where =
    note === null
      ? "outside of any hook: in a timer, a callback or a promise of user code"
      : `in ${note.hook} of task ${note.taskId} of "${component}"`;
  return new EngineError("WORKER_HUNG", {
    problem: `worker ${thread} gave no sign of life for ${Math.round(silentMs)} ms: it was ${where}`,
    facts: { component, task: note?.taskId ?? null, hook: note?.hook ?? null, workerTimeoutMs },
    remedy: "let hooks return: await what takes long, or hand it to context.offload; or raise workerTimeoutMs",
  });
}
