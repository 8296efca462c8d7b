import type { TaskTotals } from "./executor/task-counters.ts";

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
  /** Tuples that were sent and whose execute has not ended: 0 when the run completed. */
  readonly left: number;
}

/** Events of a run. None of them is called "error", which would take a process down that does not listen. */
export interface RunEvents {
  stateChanged: { readonly state: RunState };
  failed: { readonly error: Error };
  /** Nothing moves although something should: what holds it, in words. */
  stalled: { readonly problem: string; readonly component: string };
}
