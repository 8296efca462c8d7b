import type { TaskContext } from "./task-context.ts";

/** What a worker hook knows of its worker. */
export type WorkerContext = Pick<
  TaskContext,
  "topology" | "worker" | "options" | "config" | "logger" | "nowMs" | "shared" | "offload"
>;

/**
 * Looks after what a worker's tasks have in common, as the BaseWorkerHook of Storm: made on each worker by what
 * `builder.addWorkerHook` was given.
 */
export interface WorkerHook {
  /** Called before the worker's tasks are made; what it puts into `context.shared` they find there. */
  start?(context: WorkerContext): void | Promise<void>;
  /** Called when all tasks of the worker are closed. Not on a worker that was lost. */
  shutdown?(): void | Promise<void>;
}

/** Makes the hook of one worker. */
export type WorkerHookFactory = () => WorkerHook;

export const WORKER_HOOKS = ["start", "shutdown"] as const satisfies readonly (keyof WorkerHook)[];
