import type { RunMemory } from "../memory/run-memory.ts";
import type { TaskHolding } from "./acker/acker-protocol.ts";
import type { Executor } from "./executor/executor.ts";
import type { TaskFailure, TaskRestart } from "./worker/worker-protocol.ts";

/** What a backend tells the run. */
export interface BackendEvents {
  taskDone(taskId: number): void;
  taskFailed(failure: TaskFailure): void;
  taskRestarted(restart: TaskRestart): void;
  /** Nothing moves, and these tasks hold tuples of pending trees. */
  stalled(holders: readonly TaskHolding[]): void;
  /** A hook failed while the run was being closed. */
  hookFailed(failure: TaskFailure): void;
  /** A thread is gone with its tasks. `thread` is -1 when it is not known which. */
  workerLost(thread: number, error: unknown): void;
}

export type BackendCommand = "activate" | "deactivate" | "drain";

/** Where the tasks of a run live: on worker threads, or all on the calling thread. */
export interface RunBackend {
  readonly memory: RunMemory;
  /** The main thread's own executor: feeders and outputs. */
  readonly mainExecutor: Executor;
  /** The core of each worker; null where it is not pinned. */
  readonly cores: readonly (number | null)[];
  /** Opens every task. Rejects with the first failure; then nothing is left behind but what `stop` clears. */
  open(): Promise<void>;
  command(command: BackendCommand): void;
  /** Starts to watch for cycles that have run empty; called when the first source has ended. */
  watchCycles(): void;
  /** Closes every task and ends all threads. Resolves with the ids of tasks that were not closed in time. */
  stop(deadlineMs: number): Promise<number[]>;
}
