import type { TaskBlock } from "../../metrics/task-block.ts";
import type { TaskTimes } from "../../metrics/task-times.ts";
import type { ComponentPlan, TaskPlan } from "../plan/physical-plan.ts";
import type { Inbox } from "./inbox.ts";
import type { Link } from "./link.ts";
import type { Outlet } from "./outlet.ts";
import type { Task } from "./task.ts";
import type { TaskRestarted } from "./task-restart.ts";
import type { Tracking } from "./tracking.ts";

/** What tasks ask of the executor that runs them. */
export interface TaskHost {
  nowMs(): number;
  /** The flush sweep under way; see Outlet.openedInSweep. */
  readonly sweep: number;
  outletOpened(outlet: Outlet): void;
  /** True inside a round of the loop, which sees for itself what was emitted in it. */
  readonly isWorking: boolean;
  /** Something changed outside the loop (a promise settled, a row was taken): run a turn soon. */
  wake(): void;
  taskFailed(task: Task, hook: string, error: unknown): void;
  taskDone(task: Task): void;
  /** The task goes on with a new instance. */
  taskRestarted(task: Task, restarted: TaskRestarted): void;
  /** Told before each hook: who does not come back is to be named. */
  hookEntered(taskId: number, hook: string): void;
}

/** What a task is given when the epoch changes: see docs/EPOCHS.md. */
export interface TaskEpoch {
  readonly epoch: number;
  readonly tracking: Tracking | null;
  /** RunMemory.metrics of the new epoch. */
  readonly metrics: Int32Array;
  readonly inbox: Inbox | null;
  readonly linkFor: (outlet: Outlet) => Link;
}

export interface TaskParts {
  readonly plan: TaskPlan;
  readonly component: ComponentPlan;
  readonly host: TaskHost;
  readonly block: TaskBlock;
  /** Null where times are not taken. */
  readonly times: TaskTimes | null;
  readonly emitOverflowMax: number;
  readonly feedbackSpillMax: number;
  readonly epoch: number;
  /** This thread's part in tracking; null where it is switched off. */
  readonly tracking: Tracking | null;
}

/**
 * `opening` until the first hook settled; `restarting` while it has no instance that works; `closing` while the last
 * hook runs.
 */
export type TaskPhase = "opening" | "running" | "restarting" | "done" | "closing" | "closed";
