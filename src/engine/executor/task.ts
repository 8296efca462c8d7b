import { EngineError } from "../../base/engine-error.ts";
import { SIGNAL_END_OF_STREAM, type Signal } from "../../tuple/signal.ts";
import type { ComponentPlan, TaskPlan } from "../plan/physical-plan.ts";
import type { Inbox } from "./inbox.ts";
import type { Outlet, OutletOwner } from "./outlet.ts";
import type { StreamRoute } from "./stream-route.ts";
import type { TaskCounters } from "./task-counters.ts";
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
}

export interface TaskParts {
  readonly plan: TaskPlan;
  readonly component: ComponentPlan;
  readonly host: TaskHost;
  readonly counters: TaskCounters;
  readonly emitOverflowMax: number;
  readonly feedbackSpillMax: number;
  readonly epoch: number;
  /** This thread's part in tracking; null where it is switched off. */
  readonly tracking: Tracking | null;
}

/** `opening` until the first hook settled; `closing` while the last one runs. */
export type TaskPhase = "opening" | "running" | "done" | "closing" | "closed";

/**
 * One task: the engine's half of a spout's or bolt's instance. Runs on one thread, one hook at a time.
 *
 * Never waits: `doWork` does a bounded amount and returns how much, in rows or steps; 0 means nothing to do now.
 */
export abstract class Task implements OutletOwner {
  readonly taskId: number;
  readonly plan: TaskPlan;
  readonly component: ComponentPlan;
  /** Filled by whoever wires the executor, before the first hook. */
  readonly routes = new Map<string, StreamRoute>();
  readonly outlets: Outlet[] = [];
  inbox: Inbox | null = null;
  phase: TaskPhase = "opening";
  /** True while something this task emitted found no room: it takes no new input then. Feedback does not count. */
  isBlocked = false;
  /** True while something found no room over any edge, feedback or not. */
  hasBacklog = false;
  active = false;
  /** Called once, when user code emits although this task has ended its streams. */
  onLateEmit: () => void = () => {};
  /** Called for each tuple that failed for an error that nobody expected. */
  onTupleFailed: (error: unknown) => void = () => {};
  /** Called when the task is closed, before its last hook: ends what user code tied to the context's signal. */
  onStop: () => void = () => {};

  protected readonly host: TaskHost;
  protected readonly counters: TaskCounters;
  protected readonly tracking: Tracking | null;
  /** Name of the user's hook that runs now, for error reports. */
  protected hook = "constructor";
  /** True while a hook's promise is pending that holds the whole task back. */
  protected held = false;
  #hasFailed = false;
  /** Hooks that are due while another one's promise is pending: one hook runs at a time. */
  readonly #hooksDue: (() => void)[] = [];
  readonly #emitOverflowMax: number;
  readonly #feedbackSpillMax: number;
  readonly #epoch: number;
  #backlogged: Outlet[] = [];
  /** Rows that wait for forward edges. */
  #backlogRows = 0;
  /** Rows that wait for each feedback edge, by edge index. */
  readonly #spilledRows = new Map<number, number>();

  constructor(parts: TaskParts) {
    this.plan = parts.plan;
    this.taskId = parts.plan.taskId;
    this.component = parts.component;
    this.host = parts.host;
    this.counters = parts.counters;
    this.#emitOverflowMax = parts.emitOverflowMax;
    this.#feedbackSpillMax = parts.feedbackSpillMax;
    this.#epoch = parts.epoch;
    this.tracking = parts.tracking;
  }

  /** Lets go of the tuples of trees that have failed, by slot: see TupleHolder. */
  expire(_trees: ReadonlyMap<number, number>): void {}

  /** How many tuples of a tree this task holds: see TupleHolder. */
  heldOf(_slot: number, _generation: number): number {
    return 0;
  }

  /** Makes the instance and calls its first hook. Rejects with what that threw. */
  abstract open(): Promise<void>;
  /** A bounded amount of work. Must not throw: what a hook throws goes to the host. */
  abstract doWork(): number;
  /** Calls the last hook, if the first one was called. Rejects with what it threw. */
  abstract close(): Promise<void>;
  /** Stops taking input of its own accord; what is under way still finishes. Spouts and feeders act on it. */
  drain(): void {}
  /** When `runTimers` wants to be called next, on the host's clock; infinity for never. */
  get nextTimerMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  /** Does what is due by the clock, in a lane of its own. */
  runTimers(_nowMs: number): number {
    return 0;
  }

  /** Name of the hook that runs now or ran last: what to blame when it does not come back. */
  get currentHook(): string {
    return this.hook;
  }

  /** True while a promise of user code is pending: only the world outside can move this task on. */
  get awaitsPromise(): boolean {
    return this.held && this.phase !== "done";
  }

  /** Counts an error that the component reported and handled itself. */
  countReportedError(): void {
    this.failed++;
  }

  /** True when nothing is under way in this task: for reports and for the end of a cycle. */
  abstract isQuiet(): boolean;

  activate(): void {
    this.active = true;
    this.host.wake();
  }

  deactivate(): void {
    this.active = false;
  }

  get backlogRows(): number {
    return this.#backlogRows;
  }

  get sweep(): number {
    return this.host.sweep;
  }

  outletOpened(outlet: Outlet): void {
    this.host.outletOpened(outlet);
    if (!this.host.isWorking) this.host.wake();
  }

  batchShipped(): void {
    if (!this.host.isWorking) this.host.wake();
  }

  backlogChanged(outlet: Outlet, rows: number): void {
    if (!this.#backlogged.includes(outlet)) this.#backlogged.push(outlet);
    this.hasBacklog = true;
    if (outlet.isFeedback) {
      // A task that waited for room in its own cycle might wait for itself: it goes on, up to a bound.
      const spilled = (this.#spilledRows.get(outlet.edgeIndex) ?? 0) + rows;
      this.#spilledRows.set(outlet.edgeIndex, spilled);
      if (rows > 0 && spilled > this.#feedbackSpillMax) this.#throwSpill(outlet, spilled);
      return;
    }
    this.isBlocked = true;
    this.#backlogRows += rows;
    if (rows > 0 && this.#backlogRows > this.#emitOverflowMax) this.#throwOverflow();
  }

  outletFailed(error: unknown): void {
    this.fail("emit", error);
  }

  /** Offers what found no room again, to each target on its own: a full ring does not delay the others. */
  protected drainBacklog(): number {
    let sent = 0;
    let kept = 0;
    let isBlocked = false;
    try {
      for (const outlet of this.#backlogged) {
        sent += outlet.drain();
        if (!outlet.hasBacklog) continue;
        this.#backlogged[kept++] = outlet;
        if (!outlet.isFeedback) isBlocked = true;
      }
      this.#backlogged.length = kept;
      this.hasBacklog = kept > 0;
      this.isBlocked = isBlocked;
    } catch (error) {
      this.fail("emit", error);
      return 1;
    }
    return sent;
  }

  /**
   * Sends a signal over every outgoing edge, behind all data. Feedback edges carry none: a cycle ends otherwise. What
   * is wrong with the data before it fails the task.
   */
  protected sendSignal(kind: number, value: number): void {
    const signal: Signal = { kind, sourceTask: this.taskId, epoch: this.#epoch, value };
    try {
      for (const outlet of this.outlets) if (!outlet.isFeedback) outlet.signal(signal);
    } catch (error) {
      this.fail("emit", error);
    }
  }

  /**
   * Ends every stream behind all data. What user code still emits, from a timer say, would come behind the end: it is
   * dropped.
   */
  protected endStreams(value: number): void {
    this.sendSignal(SIGNAL_END_OF_STREAM, value);
    let told = false;
    const onLate = () => {
      if (!told) this.onLateEmit();
      told = true;
    };
    for (const route of this.routes.values()) route.end(onLate);
  }

  /** Counts what the routes have done since the last call. */
  publishCounters(): void {
    let emitted = 0;
    let transferred = 0;
    for (const route of this.routes.values()) {
      emitted += route.emitted;
      transferred += route.transferred;
    }
    const { acked, failed, timedOut } = this;
    const executed = this.executed - this.executing;
    this.counters.publish({ emitted, transferred, executed, acked, failed, timedOut });
  }

  /** Tuples whose execute was called. */
  protected executed = 0;
  /** Of these, tuples whose execute has not ended: its promise is pending. They are counted when it settles. */
  protected executing = 0;

  /** Of a bolt: tuples; of a spout: trees. */
  protected acked = 0;
  protected failed = 0;
  /** Trees that failed because their time was up; they count as failed, too. */
  protected timedOut = 0;

  protected fail(hook: string, error: unknown): void {
    this.#hasFailed = true;
    this.held = true; // Whatever comes next, this task does no more work.
    this.host.taskFailed(this, hook, error);
  }

  /**
   * Runs a hook that may return a promise. While that is pending the task is held; `then` runs after it. A hook that
   * comes while another is pending waits for it.
   */
  protected runHook(hook: string, call: () => unknown, then: () => void): void {
    if (this.#hasFailed) return;
    if (this.held) {
      this.#hooksDue.push(() => this.runHook(hook, call, then));
      return;
    }
    this.hook = hook;
    try {
      const result = call();
      if (!isThenable(result)) {
        then();
        return;
      }
      this.held = true;
      result.then(
        () => this.#settle(hook, then),
        (error) => this.fail(hook, error),
      );
    } catch (error) {
      this.fail(hook, error);
    }
  }

  #settle(hook: string, then: () => void): void {
    if (this.#hasFailed) return;
    this.held = false;
    try {
      then();
    } catch (error) {
      this.fail(hook, error);
    }
    while (!this.held && this.phase === "running" && this.#hooksDue.length > 0) this.#hooksDue.shift()!();
    this.host.wake();
  }

  #throwSpill(outlet: Outlet, spilledRows: number): never {
    throw new EngineError("FEEDBACK_SPILL", {
      problem: `task ${this.taskId} of "${this.plan.component}" holds too much for feedback edge ${outlet.edgeName}`,
      facts: { edge: outlet.edgeName, rowsHeld: spilledRows, feedbackSpillMax: this.#feedbackSpillMax },
      remedy: "send less around the cycle for each tuple that enters it, or raise feedbackSpillMax",
    });
  }

  #throwOverflow(): never {
    throw new EngineError("EMIT_OVERFLOW", {
      problem: `task ${this.taskId} of "${this.plan.component}" emitted more in one call than it may hold back`,
      facts: { rowsHeld: this.#backlogRows, emitOverflowMax: this.#emitOverflowMax },
      remedy: "emit less in one call, or raise emitOverflowMax",
    });
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
