import { EngineError } from "../base/engine-error.ts";
import { ACKER_THREAD } from "../engine/epoch-change.ts";
import { type KillKind, killThread as killThreadOf } from "../engine/kill-thread.ts";
import type { Run } from "../engine/run.ts";
import { TopologyRun } from "../engine/topology-run.ts";

/**
 * Of what a thread is made to die: ended from outside ("terminate"), an error or a rejection outside of any hook,
 * `process.exit`, memory (up to `workerHeapBytes`, which should be set), or an endless loop, which `workerTimeoutMs`
 * ends.
 */
export type ThreadDeath = KillKind;

/**
 * Kills one thread of a run, to see what a topology makes of it: a worker by its number, or the acker's. Returns at
 * once; the run's event `workerReplaced` tells when it goes on. Without effect on a run that has ended.
 *
 * @throws EngineError KILL_BAD_THREAD
 * @example
 * killThread(run, 0, "exit");
 */
export function killThread<P>(run: Run<P>, thread: number | "acker", death: ThreadDeath = "terminate"): void {
  const workers = run.plan.workerCount;
  const isWorker = Number.isInteger(thread) && (thread as number) >= 0 && (thread as number) < workers;
  const isAcker = thread === "acker" && death === "terminate";
  if (!(run instanceof TopologyRun) || !(isWorker || isAcker)) {
    throw new EngineError("KILL_BAD_THREAD", {
      problem: `"${String(thread)}" is to be killed by "${death}", and is no thread that can be`,
      facts: { workers },
      remedy: 'name a worker from 0, or "acker" with "terminate", of a run that a cluster has started',
    });
  }
  run[killThreadOf](thread === "acker" ? ACKER_THREAD : (thread as number), death);
}
