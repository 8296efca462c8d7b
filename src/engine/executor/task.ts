import type { TaskCounter } from "../../metrics/metric-layout.ts";
import type { TaskBlock } from "../../metrics/task-block.ts";
import type { RestState, TaskTimes } from "../../metrics/task-times.ts";
import { SIGNAL_END_OF_STREAM, SIGNAL_FLUSH, type Signal } from "../../tuple/signal.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { ComponentPlan, TaskPlan } from "../plan/physical-plan.ts";
import { overflowError, spillError } from "./backlog-errors.ts";
import type { Inbox } from "./inbox.ts";
import type { Outlet, OutletOwner } from "./outlet.ts";
import type { RouteCounts, StreamRoute } from "./stream-route.ts";
import type { TaskInspector } from "./task-inspector.ts";
import type { TaskEpoch, TaskHost, TaskParts, TaskPhase } from "./task-parts.ts";
import type { Tracking } from "./tracking.ts";

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
  protected readonly block: TaskBlock;
  /** Null where times are not taken. */
  readonly times: TaskTimes | null;
  /** Set while some of its tuples are looked at. */
  inspector: TaskInspector | null = null;
  protected tracking: Tracking | null;
  /** True while a hook's promise is pending that holds the whole task back. */
  protected held = false;
  /** Counts instances: what one that was given up had under way changes nothing any more. */
  protected life = 0;
  #hasFailed = false;
  #hook = "constructor";
  /** How far this task has told its consumers that its streams are: repeated when the epoch changes. */
  #hasFlushed = false;
  #endValue: number | null = null;
  /** Hooks that are due while another one's promise is pending: one hook runs at a time. */
  readonly #hooksDue: (() => void)[] = [];
  readonly #emitOverflowMax: number;
  readonly #feedbackSpillMax: number;
  #epoch: number;
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
    this.block = parts.block;
    this.times = parts.times;
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

  /** See TupleHolder. */
  get heldRows(): number {
    return 0;
  }

  /** See TupleHolder. */
  get moves(): number {
    return this.executed;
  }

  /** Name of the user's hook that runs now, for error reports. */
  protected get hook(): string {
    return this.#hook;
  }

  protected set hook(name: string) {
    this.#hook = name;
    this.host.hookEntered(this.taskId, name);
  }

  /**
   * A new epoch: gives up whatever belongs to a tree, and goes on with other rings, slots and counters. The instance
   * of the user's component stays, and learns of it by the failures of what it had pending.
   */
  beginEpoch(next: TaskEpoch): void {
    this.#epoch = next.epoch;
    this.tracking = next.tracking;
    this.block.moveTo(next.metrics);
    for (const route of this.routes.values()) route.moveTo(next.metrics);
    if (next.inbox !== null && this.inbox !== null) next.inbox.takeOver(this.inbox);
    this.inbox = next.inbox;
    this.#backlogged = [];
    this.#backlogRows = 0;
    this.#spilledRows.clear();
    this.isBlocked = false;
    this.hasBacklog = false;
    for (const outlet of this.outlets) outlet.beginEpoch(next.linkFor(outlet), next.epoch);
    this.publishCounters();
  }

  /** Tells consumers again how far its streams are, when all threads are in the new epoch. */
  repeatSignals(): void {
    if (this.#hasFlushed) this.sendSignal(SIGNAL_FLUSH, 0);
    if (this.#endValue !== null) this.sendSignal(SIGNAL_END_OF_STREAM, this.#endValue);
  }

  /** For a task that was done when its thread was lost: it makes no instance and says again that it has ended. */
  startDone(endValue: number): void {
    this.phase = "done";
    this.#hasFlushed = true;
    this.#endValue = endValue;
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
    this.count("errors");
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

  batchShipped(batch: TupleBatch): void {
    // A task without input emits what is its own; of others, main is told what they execute.
    if (this.inspector !== null && this.inbox === null) this.inspector.sent(batch);
    if (!this.host.isWorking) this.host.wake();
  }

  backlogChanged(outlet: Outlet, rows: number): void {
    if (!this.#backlogged.includes(outlet)) this.#backlogged.push(outlet);
    this.hasBacklog = true;
    if (outlet.isFeedback) {
      // A task that waited for room in its own cycle might wait for itself: it goes on, up to a bound.
      const spilled = (this.#spilledRows.get(outlet.edgeIndex) ?? 0) + rows;
      this.#spilledRows.set(outlet.edgeIndex, spilled);
      if (rows > 0 && spilled > this.#feedbackSpillMax) {
        throw spillError(this.plan, outlet.edgeName, spilled, this.#feedbackSpillMax);
      }
      return;
    }
    this.isBlocked = true;
    this.#backlogRows += rows;
    if (rows > 0 && this.#backlogRows > this.#emitOverflowMax) {
      throw overflowError(this.plan, this.#backlogRows, this.#emitOverflowMax);
    }
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
    if (kind === SIGNAL_FLUSH) this.#hasFlushed = true;
    else if (kind === SIGNAL_END_OF_STREAM) this.#endValue = value;
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

  /** Where the route of one of its streams counts. Routes are made in the order of their numbers. */
  countsOf(stream: string): RouteCounts {
    return { words: this.block.words, places: this.block.outputs.get(stream)!, index: this.routes.size };
  }

  /** Brings the shared numbers up to date: what has been counted stands there already, what holds now does not. */
  publishCounters(): void {
    const { block } = this;
    block.carry();
    this.setLevels();
    this.inspector?.flush();
    block.setLevel("backlogRows", this.#backlogRows);
    block.setLevel("waitingRows", this.inbox?.localRows ?? 0);
    if (this.times?.state !== "idle") this.times?.note(this.host.nowMs());
  }

  /** A closed task waits for nothing: no more time is counted. */
  publishLast(): void {
    this.times?.become("idle", this.host.nowMs());
    this.publishCounters();
  }

  /** What the task does while it does not work. */
  get restState(): RestState {
    if (this.isBlocked) return "blocked";
    return this.awaitsPromise ? "waiting" : "idle";
  }

  protected count(counter: TaskCounter): void {
    this.block.add(counter, 1);
  }

  /** Rows executed by the objects of this thread: how others see that the task moves. */
  protected executed = 0;
  /** Sets the levels that only this kind of task has. */
  protected setLevels(): void {}

  /** A hook threw. What runs users' instances may try again with a new one. */
  protected hookFailed(hook: string, error: unknown): void {
    this.fail(hook, error);
  }

  /** Forgets what the instance so far had under way. */
  protected beginAnew(): void {
    this.life++;
    this.held = false;
    this.#hooksDue.length = 0;
  }

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
      const { life } = this;
      result.then(
        () => {
          if (life === this.life) this.#settle(hook, then);
        },
        (error) => {
          if (life === this.life) this.hookFailed(hook, error);
        },
      );
    } catch (error) {
      this.hookFailed(hook, error);
    }
  }

  /** As `runHook`, for a hook that is called for every tuple: nothing is made for it unless it has to wait. */
  protected callHook<A, B>(hook: string, hooks: object, call: (a: A, b: B) => unknown, a: A, b: B): void {
    if (this.#hasFailed || this.held) {
      this.runHook(hook, () => call.call(hooks, a, b), NOTHING);
      return;
    }
    this.hook = hook;
    try {
      const result = call.call(hooks, a, b);
      if (isThenable(result)) this.runHook(hook, () => result, NOTHING);
    } catch (error) {
      this.hookFailed(hook, error);
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
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

export function NOTHING(): void {}
