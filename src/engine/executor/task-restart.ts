import { EngineError } from "../../base/engine-error.ts";
import { Prng } from "../../base/prng.ts";
import type { FailurePlan } from "./failure-plan.ts";
import { RestartBudget } from "./restart-budget.ts";
import { isThenable } from "./task.ts";

/** A task whose instance can be made anew in its place. */
export interface Recreatable {
  readonly taskId: number;
  readonly plan: { readonly component: string };
  /** Makes an instance and calls its first hook. Rejects with what that threw. */
  makeInstance(): Promise<void>;
}

/** A task's new beginning, as the run hears of it. */
export interface TaskRestarted {
  /** Which restart of the task it was within restartSpanMs, from 1. */
  readonly attempt: number;
  /** The hook that threw, and what. */
  readonly hook: string;
  readonly error: unknown;
}

/** How a restart ended: the task has a new instance, or could not be given one. */
export interface RestartEvents {
  recreated(restarted: TaskRestarted): void;
  /** The new instance's first hook threw: that is a failure like any other. */
  failedAgain(error: unknown): void;
}

/**
 * Re-creates the instance of one task after a failure: waits for the backoff on the engine's clock, makes the new
 * instance, and counts, so that a task which always fails comes to an end.
 *
 * What belongs to the task and not to its instance (id, counters, inbox, routes, pending trees, its place in the
 * ending) is not touched: whoever asks for a restart has let go of what the old instance held before.
 */
export class TaskRestart {
  readonly #task: Recreatable;
  readonly #events: RestartEvents;
  readonly #budget: RestartBudget;
  readonly #plan: FailurePlan;
  #due: { readonly ms: number; readonly restarted: TaskRestarted } | null = null;
  #opening: Promise<void> | null = null;
  #isClosed = false;

  constructor(task: Recreatable, plan: FailurePlan, seed: number, events: RestartEvents) {
    this.#task = task;
    this.#plan = plan;
    this.#events = events;
    const prng = new Prng(seed + Math.imul(task.taskId, 0x85ebca6b));
    this.#budget = new RestartBudget(plan, () => prng.nextFloat());
  }

  /**
   * Plans a restart. Returns after how many ms it comes; null when the limit is reached: see `limitError`.
   */
  plan(hook: string, error: unknown, nowMs: number): number | null {
    const next = this.#budget.next(nowMs);
    if (next === null) return null;
    this.#due = { ms: nowMs + next.delayMs, restarted: { attempt: next.attempt, hook, error } };
    return next.delayMs;
  }

  /** When `run` wants to be called; infinity for never. */
  get dueMs(): number {
    return this.#due?.ms ?? Number.POSITIVE_INFINITY;
  }

  /** True while the new instance's first hook runs: only user code can move it on. */
  get isOpening(): boolean {
    return this.#opening !== null;
  }

  run(nowMs: number): number {
    const due = this.#due;
    if (due === null || nowMs < due.ms) return 0;
    this.#due = null;
    this.#opening = this.#recreate(due.restarted);
    return 1;
  }

  /** Calls a planned restart off, and resolves when one that is under way is over. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#due = null;
    await this.#opening;
  }

  /** What ends the run of a task that fails again and again. `error` is what it failed with last. */
  limitError(hook: string, error: unknown): EngineError {
    const { component } = this.#task.plan;
    const { restartsMax, restartSpanMs } = this.#plan;
    return new EngineError("TASK_RESTART_LIMIT", {
      problem: `task ${this.#task.taskId} of "${component}" failed again after ${restartsMax} restarts`,
      facts: {
        component,
        task: this.#task.taskId,
        hook,
        restarts: this.#budget.used,
        restartSpanMs,
        error: textOf(error),
      },
      remedy: "see the cause for what it failed with last; raise restartsMax if it would heal with time",
      cause: error,
    });
  }

  async #recreate(restarted: TaskRestarted): Promise<void> {
    let failure: { error: unknown } | null = null;
    try {
      await this.#task.makeInstance();
    } catch (error) {
      failure = { error };
    }
    this.#opening = null;
    if (this.#isClosed) return;
    if (failure === null) this.#events.recreated(restarted);
    else this.#events.failedAgain(failure.error);
  }
}

/**
 * Calls the last hook of an instance that is given up: once, without waiting for it, whatever it does. `ended` is
 * called when it has ended, well or not.
 */
export function tryLastHook(call: () => unknown, failed: (error: unknown) => void, ended: () => void): void {
  try {
    const result = call();
    if (isThenable(result)) {
      result.then(undefined, failed).then(ended);
      return;
    }
  } catch (error) {
    failed(error);
  }
  ended();
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
