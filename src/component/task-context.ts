import type { Logger } from "../base/log.ts";
import type { Claim, ClaimOptions } from "./claim.ts";
import type { MetricsContext } from "./metrics-context.ts";
import type { TaskHook } from "./task-hook.ts";

/** What a task knows about itself and its surroundings; given to `prepare`, `open` and `create`. */
export interface TaskContext {
  /** Name under which the topology was submitted. */
  readonly topology: string;
  /** Id of the component that this task is one of. */
  readonly component: string;
  /** Unique in the topology, from 1; the same in every run with the same topology and number of workers. */
  readonly taskId: number;
  /** Position among the component's tasks, from 0. */
  readonly taskIndex: number;
  /** Number of the component's tasks. */
  readonly taskCount: number;
  /** Index of the worker thread that hosts the task. */
  readonly worker: number;
  /** The options that the topology was submitted with: this thread's own copy. */
  readonly options: unknown;
  /** The value of every engine option, as it holds for this component. */
  readonly config: Readonly<Record<string, unknown>>;
  /**
   * What a tuple of this task may take at most, in bytes as it is sent to another thread: a longer one fails the task
   * with TUPLE_TOO_LARGE. Infinity where none of its tuples leaves the thread.
   */
  readonly tupleBytesMax: number;
  /** Writes topology, component, task and worker on each line. */
  readonly logger: Logger;
  /** Counters, meters, gauges and histograms of the component's own: see docs/METRICS.md. */
  readonly metrics: MetricsContext;
  /** Aborted when the task stops: for fetches, timers and whatever else would outlive it. */
  readonly signal: AbortSignal;
  /**
   * The engine's clock, in milliseconds with a fraction, from an arbitrary start: real time, or a test's virtual
   * time.
   */
  nowMs(): number;
  /**
   * Ascending task ids of a component, such as for direct emits.
   * @throws EngineError CONTEXT_UNKNOWN_COMPONENT
   */
  tasksOf(component: string): readonly number[];
  /**
   * Adds a hook that watches this task, until its instance is given up. Call it in `prepare`, `open` or `create`.
   * @throws EngineError TASK_HOOK_INVALID
   */
  addTaskHook(hook: TaskHook): void;
  /** One value per worker thread and name: made by whoever asks first, then handed to all tasks of that worker. */
  shared<T>(name: string, create: () => T): T;
  /**
   * Claims something outside of the topology, such as a file, for this task alone: no other process, and no other
   * instance of this task, has the same name at the same time. Names are told apart by topology, component and task
   * index, so a task has the same ones in every run. Released when the instance's last hook has ended. See
   * docs/CLAIMS.md.
   *
   * @param name as an id: letters, digits, "_", and after the first also "." and "-"
   * @param options.waitMs how long to wait for an owner that is not over; default 2,000
   * @param options.scope "task" (default), or "component" for a name that all tasks of the component share
   * @throws EngineError (rejects) CLAIM_HELD when an owner is not provably over, CLAIM_FOREIGN_FILE when something
   *   else stands in the place of its lock file, CLAIM_FOLDER_UNFIT, CLAIM_BAD_REQUEST
   * @example
   * const claim = await context.claim("orders");
   * // Before each write:
   * claim.check();
   */
  claim(name: string, options?: ClaimOptions): Promise<Claim>;
  /**
   * Runs an exported function of a module on a thread of a small pool, for work that would stall the other tasks of
   * this worker: long computations, blocking calls. Arguments and result are cloned.
   */
  offload<Result = unknown>(
    moduleUrl: string | URL,
    exportName: string,
    ...args: readonly unknown[]
  ): Promise<Result>;
}
