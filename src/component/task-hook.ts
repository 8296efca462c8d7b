import type { AnyTuple } from "../tuple/tuple.ts";
import type { TaskContext } from "./task-context.ts";

/** An emit, with the tasks that it reached. */
export interface EmitInfo {
  readonly component: string;
  readonly taskId: number;
  readonly stream: string;
  readonly values: readonly unknown[];
  readonly outTasks: readonly number[];
}

/** What a bolt did with a tuple. */
export interface BoltTupleInfo {
  readonly component: string;
  readonly taskId: number;
  readonly tuple: AnyTuple;
  /** From the call of `execute` to its end; for an ack or fail by the bolt itself, 0. */
  readonly latencyMs: number;
}

/** How the tree of a spout's tuple ended. `info` is what the spout's own hook is given. */
export interface SpoutTupleInfo {
  readonly component: string;
  readonly taskId: number;
  readonly id: unknown;
  readonly info: unknown;
}

/**
 * Watches one task from within, as the ITaskHook of Storm: added by `context.addTaskHook` in `prepare` or `open`, or
 * to all tasks by `builder.addTaskHook`, and gone with the instance. What a hook throws counts as thrown by the
 * component. Without hooks all this costs nothing.
 */
export interface TaskHook {
  /** Called when the hook is added. */
  prepare?(context: TaskContext): void;
  /** Called before the instance's last hook. */
  cleanup?(): void;
  emit?(info: EmitInfo): void;
  boltExecute?(info: BoltTupleInfo): void;
  boltAck?(info: BoltTupleInfo): void;
  boltFail?(info: BoltTupleInfo): void;
  spoutAck?(info: SpoutTupleInfo): void;
  spoutFail?(info: SpoutTupleInfo): void;
}

/** Makes the hook of one instance of a task, or gives null for a task that is not to be watched. */
export type TaskHookFactory = (context: TaskContext) => TaskHook | null;

export const TASK_HOOKS = [
  "prepare",
  "cleanup",
  "emit",
  "boltExecute",
  "boltAck",
  "boltFail",
  "spoutAck",
  "spoutFail",
] as const satisfies readonly (keyof TaskHook)[];
