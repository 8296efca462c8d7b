import type { TaskTotals } from "./executor/task-totals.ts";

/** What a run is doing, or how it ended. */
export type RunState = "starting" | "active" | "inactive" | "draining" | "stopping" | RunOutcome | "failed";

/** How a run ended without failing: all input processed, stopped after what was under way, or stopped at once. */
export type RunOutcome = "completed" | "drained" | "killed";

/**
 * Counts of a whole topology, and of each component: sums over its tasks. Exact as of the last publication, a few ms
 * ago.
 */
export interface RunTotals extends TaskTotals {
  readonly byComponent: Readonly<Record<string, TaskTotals>>;
}

/** What a run that did not fail has done, from its start to its end. */
export interface RunSummary {
  readonly topology: string;
  readonly outcome: RunOutcome;
  /** From the first activation to the end. */
  readonly elapsedMs: number;
  readonly workers: number;
  /** The core of each worker; null where it was not pinned. */
  readonly cores: readonly (number | null)[];
  readonly totals: RunTotals;
  /** Tuples that were sent and not executed, or not to the end of their promise: 0 when the run completed. */
  readonly left: number;
}

/** A thread of a run that was lost and replaced. */
export interface WorkerReplaced {
  /** The worker's number; null for the acker's thread. */
  readonly worker: number | null;
  /** What it died of. */
  readonly error: Error;
  /** Its tasks, as "component#index": each was made and prepared anew, but for those that had ended. */
  readonly tasks: readonly string[];
  /** From the loss until all threads went on. */
  readonly recoveryMs: number;
  /** Which epoch of the run begins with it; the first is 1. */
  readonly epoch: number;
}

/** Events of a run. None of them is called "error", which would take a process down that does not listen. */
export interface RunEvents {
  stateChanged: { readonly state: RunState };
  failed: { readonly error: Error };
  /** A task failed and goes on with a new instance. */
  taskRestarted: {
    readonly component: string;
    readonly task: number;
    /** Which restart of the task it was within restartSpanMs, from 1. */
    readonly attempt: number;
    /** The hook that failed, and with what. */
    readonly hook: string;
    readonly error: Error;
  };
  /** An error that ends nothing: reported by a component, or what a tuple was failed with. Throttled. */
  errorNoted: {
    readonly component: string;
    readonly task: number;
    readonly kind: "reported" | "tuple-failed";
    readonly error: Error;
  };
  /** A thread was lost and replaced; whatever was pending has failed as `worker-lost`, and the run goes on. */
  workerReplaced: WorkerReplaced;
  /** Nothing moves although something should: what holds it, in words. */
  stalled: {
    readonly problem: string;
    readonly component: string;
    /** The task that holds tuples. */
    readonly task: number;
    /** How many tuples of pending trees it holds; for an output that nobody reads, 0. */
    readonly held: number;
  };
}
