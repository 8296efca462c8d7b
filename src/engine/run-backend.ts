import type { Clock } from "../base/clock.ts";
import type { RunMemory } from "../memory/run-memory.ts";
import type { UserMetricDefinition } from "../metrics/task-metrics.ts";
import type { TaskHolding } from "./acker/acker-protocol.ts";
import type { Replacement } from "./epoch-change.ts";
import type { Executor } from "./executor/executor.ts";
import type { InspectedEvent, Inspection } from "./inspected.ts";
import type { KillKind } from "./kill-thread.ts";
import type { WorkerInquiries } from "./worker/worker-inquiries.ts";
import type { NotedError, TaskFailure, TaskRestart } from "./worker/worker-protocol.ts";

/** What a backend tells the run. */
export interface BackendEvents {
  taskDone(taskId: number): void;
  taskFailed(failure: TaskFailure): void;
  taskRestarted(restart: TaskRestart): void;
  /** Nothing moves, and these tasks hold tuples of pending trees. */
  stalled(holders: readonly TaskHolding[]): void;
  /** A hook failed while the run was being closed. */
  hookFailed(failure: TaskFailure): void;
  /** A worker hook failed while the run was being closed. */
  workerHookFailed(error: Error): void;
  /** A thread is gone, or to be given up, with its tasks: see epoch-change.ts for the numbers below 0. */
  workerLost(thread: number, error: unknown): void;
  /** Tuples that the inspector saw. */
  inspected(events: readonly InspectedEvent[]): void;
  /** An error that ends nothing. */
  errorNoted(noted: NotedError): void;
  /** A task makes a metric of its own. */
  userMetric(metric: UserMetricDefinition): void;
  /** All threads go on, with new ones in the place of those that were lost. */
  replaced(threads: readonly Replacement[], tookMs: number): void;
}

export type BackendCommand = "activate" | "deactivate" | "drain";

/** Where the tasks of a run live: on worker threads, or all on the calling thread. */
export interface RunBackend {
  /** The clock of the run's tasks: virtual time, it may be. */
  readonly clock: Clock;
  readonly memory: RunMemory;
  /** The main thread's own executor: feeders and outputs. */
  readonly mainExecutor: Executor;
  /** The core of each worker; null where it is not pinned. */
  readonly cores: readonly (number | null)[];
  /** Opens every task. Rejects with the first failure; then nothing is left behind but what `stop` clears. */
  open(): Promise<void>;
  command(command: BackendCommand): void;
  /** True once a tuple was tracked. */
  readonly isTracked: boolean;
  /** Which epoch the run is in; the first is 1. */
  readonly epoch: number;
  /** Begins a new epoch without the lost thread, and with another one in its place. */
  replace(lost: Replacement): void;
  /** Switches on or off what is inspected of a component. */
  inspect(component: string, inspection: Inspection | null): void;
  /** Asks a worker. Null where there is none to ask. */
  readonly inquiries: WorkerInquiries | null;
  /** Kills a thread, for tests. */
  kill(thread: number, how: KillKind): void;
  /** Starts to watch for cycles that have run empty; called when the first source has ended. */
  watchCycles(): void;
  /** Closes every task and ends all threads. Resolves with the ids of tasks that were not closed in time. */
  stop(deadlineMs: number): Promise<number[]>;
}
