import { inspect } from "node:util";
import { EngineError } from "../../base/engine-error.ts";
import { fromWireError } from "../../base/wire-error.ts";
import { SIGNAL_FLUSH } from "../../tuple/signal.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import type { CreatedSpout, SpoutHooks } from "./create-instance.ts";
import { type HostedParts, HostedTask } from "./hosted-task.ts";
import { END_DRAINED, END_EXHAUSTED } from "./input-end.ts";
import type { Outlet } from "./outlet.ts";
import type { TreeOutcome } from "./pending-trees.ts";
import type { StreamRoute } from "./stream-route.ts";
import { isThenable } from "./task.ts";
import { type TrackedEmit, TrackedEmits } from "./tracked-emits.ts";

export interface SpoutParts extends HostedParts {
  readonly create: () => CreatedSpout;
  readonly idleMs: number;
  readonly idleMaxMs: number;
  readonly turnMs: number;
}

/**
 * `nextTuple` calls in one turn at most, so that the bolts behind it on this thread get theirs while the rows are
 * warm.
 */
const CALLS_PER_TURN = 128;
/** Calls of `ack` and `fail` in one turn at most. */
const OUTCOMES_PER_TURN = 1024;
/** While trees of an exhausted source are pending, bolts are asked this often to let go of what they hold. */
export const REFLUSH_MS = 100;
const TIMER_SLACK_MS = 0.5;
/** What the pause grows by while a spout has nothing: a tuple comes late by a quarter of the silence at most. */
const NAP_GROWTH = 1.25;
/** The part of a pause that is given up if the thread is awake anyhow: naps of one thread's spouts end together. */
const NAP_SLACK = 0.25;
/** Calls between two looks at the clock. */
const CALLS_PER_CLOCK_READ = 32;

/**
 * Runs one spout: calls `nextTuple` while there is room, backs off while it has nothing, ends its streams when it is
 * exhausted.
 */
export class SpoutTask extends HostedTask {
  protected override readonly hookNames = { first: "open", last: "close" } as const;
  readonly #parts: SpoutParts;
  #hooks: SpoutHooks | null = null;
  #created: CreatedSpout | null = null;
  /** A promise of `nextTuple` is pending. */
  #waiting = false;
  #idleMs = 0;
  #resumeMs = 0;
  #callsUntilClock = 1;
  /** Its last word was "exhausted": it is called again only if a tree fails. */
  #exhausted = false;
  #ending = false;
  #drained = false;
  readonly #tracked: TrackedEmits | null;
  /** Ids of emits that are not tracked because tracking is off: acked all the same, as Storm does. */
  #untracked: unknown[] = [];
  #flushRounds = 0;
  #nextFlushMs = 0;
  #emittedBefore = 0;

  constructor(parts: SpoutParts) {
    super(parts);
    this.#parts = parts;
    const { tracking, emitOverflowMax } = parts;
    const { component, taskId } = parts.plan;
    this.#tracked = tracking === null ? null : new TrackedEmits({ taskId, component }, tracking, emitOverflowMax);
  }

  /**
   * An emit with an id. Returns the outlets that take a copy; good until the next call.
   *
   * @throws EngineError EMIT_OVERFLOW, and what an emit throws for its values
   */
  emitTracked(route: StreamRoute, emit: TrackedEmit): readonly Outlet[] {
    if (this.#tracked !== null) {
      const targets = this.#tracked.emit(route, emit);
      if (!this.host.isWorking) this.host.wake();
      return targets;
    }
    const targets = route.chooseTargets(emit.values, emit.target);
    for (const outlet of targets) outlet.appendChecked(emit.values);
    route.emitted++;
    route.transferred += targets.length;
    this.#untracked.push(emit.id);
    return targets;
  }

  protected override create(): CreatedSpout {
    this.#created = this.#parts.create();
    this.#hooks = this.#created.hooks;
    this.#emittedBefore = 0;
    return this.#created;
  }

  protected override get firstArguments(): readonly unknown[] {
    return [{ position: undefined }];
  }

  /** Its pending trees are the task's: their ends are told to the instance that comes. */
  protected override letGo(): void {
    this.#waiting = false;
    this.#idleMs = 0;
    this.#resumeMs = 0;
  }

  protected override activated(): void {
    this.#resumeMs = 0;
  }

  override drain(): void {
    this.#drained = true;
    // As Storm does: a spout that waits for its source learns by this that it need not any more.
    this.deactivate();
    this.host.wake();
  }

  protected override get nextOwnTimerMs(): number {
    if (this.phase !== "running" || this.held) return Number.POSITIVE_INFINITY;
    if (this.#isWaitingForTrees) return this.#nextFlushMs;
    const napping = this.active && this.#resumeMs > 0 && !this.#waiting;
    return napping ? this.#resumeMs : Number.POSITIVE_INFINITY;
  }

  /** Nothing more is to come but acks and fails. */
  get #isWaitingForTrees(): boolean {
    return (this.#exhausted || this.#drained) && this.#isPending;
  }

  get #isPending(): boolean {
    return (
      (this.#tracked !== null && (this.#tracked.pending > 0 || this.#tracked.hasOutcome)) ||
      this.#untracked.length > 0
    );
  }

  doWork(): number {
    let work = 0;
    if (this.phase !== "running" || this.held) return this.isBlocked ? this.drainBacklog() : 0;
    work += this.#tellOutcomes();
    if (this.isBlocked) {
      work += this.drainBacklog();
      if (this.isBlocked) return work;
    }
    if (this.held || this.phase !== "running") return work;
    if (this.#tracked !== null && this.#tracked.waiting > 0) work += this.#sendWaiting();
    if ((this.#drained || this.#exhausted) && !this.#ending) return work + this.#tryEnd();
    if (!this.active || this.#ending || this.#waiting || this.isBlocked) return work;
    if (this.#tracked?.isFull === true) return work;
    if (this.#resumeMs > 0) {
      // Timers count whole milliseconds and may fire a little early: a nap that is all but over is over.
      const slackMs = Math.max(TIMER_SLACK_MS, this.#idleMs * NAP_SLACK);
      if (this.host.nowMs() < this.#resumeMs - slackMs) return work;
      this.#resumeMs = 0;
    }
    return work + this.#callNextTuple();
  }

  override get awaitsPromise(): boolean {
    return super.awaitsPromise || this.#waiting;
  }

  isQuiet(): boolean {
    return this.phase !== "running" || (!this.#waiting && !this.isBlocked && this.#resumeMs > 0);
  }

  #callNextTuple(): number {
    const hooks = this.#hooks!;
    const { collector } = this.#created!;
    const deadlineMs = this.host.nowMs() + this.#parts.turnMs;
    let untilClock = this.#callsUntilClock;
    let calls = 0;
    this.hook = "nextTuple";
    try {
      while (calls < CALLS_PER_TURN) {
        const before = this.#emittedTotal();
        const result = hooks.nextTuple(collector);
        calls++;
        if (result !== undefined && !this.#takeResult(result)) break;
        if (this.isBlocked || this.#tracked?.isFull === true) break;
        if (result === undefined && this.#emittedTotal() === before) {
          this.#backOff();
          break;
        }
        if (--untilClock === 0) {
          untilClock = CALLS_PER_CLOCK_READ;
          if (this.host.nowMs() >= deadlineMs) {
            untilClock = 1;
            break;
          }
        }
      }
    } catch (error) {
      this.hookFailed("nextTuple", error);
    }
    this.#callsUntilClock = untilClock;
    const emitted = this.#emittedTotal();
    const progress = emitted - this.#emittedBefore;
    this.#emittedBefore = emitted;
    if (progress > 0) this.#idleMs = 0;
    return this.#exhausted || progress > 0 ? Math.max(1, progress) : 0;
  }

  /** Calls `ack` and `fail` for what has come to its end. One that returns a promise holds the rest back. */
  #tellOutcomes(): number {
    let told = 0;
    const tracked = this.#tracked;
    while (!this.held && this.phase === "running" && told < OUTCOMES_PER_TURN) {
      const outcome = tracked === null ? this.#untrackedOutcome() : tracked.takeOutcome();
      if (outcome === null) break;
      told++;
      if (outcome.failure === null) this.#tellAck(outcome);
      else this.#tellFail(outcome, outcome.failure);
    }
    return told;
  }

  #tellAck(outcome: TreeOutcome): void {
    this.acked++;
    const hooks = this.#hooks!;
    if (hooks.ack === undefined) return;
    const info = { latencyMs: outcome.latencyMs, attempt: outcome.attempt };
    this.runHook("ack", () => hooks.ack!(outcome.id, info), NOTHING);
  }

  #tellFail(outcome: TreeOutcome, failure: TreeFailure): void {
    this.failed++;
    if (failure.reason === "timeout") this.timedOut++;
    // It may want to emit it again, exhausted or not.
    if (!this.#drained) this.#exhausted = false;
    this.#resumeMs = 0;
    const hooks = this.#hooks!;
    if (hooks.fail === undefined) return;
    const info = {
      reason: failure.reason,
      latencyMs: outcome.latencyMs,
      attempt: outcome.attempt,
      error: failure.error === null ? undefined : fromWireError(failure.error),
      component: failure.component,
      task: failure.taskId,
    };
    this.runHook("fail", () => hooks.fail!(outcome.id, info), NOTHING);
  }

  #untrackedOutcome(): TreeOutcome | null {
    if (this.#untracked.length === 0) return null;
    return { id: this.#untracked.shift(), latencyMs: 0, attempt: 1, failure: null };
  }

  #sendWaiting(): number {
    try {
      return this.#tracked!.sendWaiting();
    } catch (error) {
      this.fail("emit", error);
      return 1;
    }
  }

  /** Acts on what `nextTuple` returned. False when no further call may follow now. */
  #takeResult(result: unknown): boolean {
    if (result === "exhausted") {
      this.#exhausted = true;
      return false;
    }
    if (result === "idle") {
      this.#backOff();
      return false;
    }
    if (isThenable(result)) {
      this.#waiting = true;
      const before = this.#emittedTotal();
      const { life } = this;
      result.then(
        (value) => {
          if (life === this.life) this.#settled(value, before);
        },
        (error) => {
          if (life === this.life && !this.#ending) this.hookFailed("nextTuple", error);
        },
      );
      return false;
    }
    const shown = inspect(result, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
    throw new EngineError("SPOUT_RESULT_INVALID", {
      problem: `nextTuple of "${this.plan.component}" returned ${shown}`,
      facts: { allowed: ["undefined", "idle", "exhausted", "a promise of one of these"] },
      remedy: `return nothing after emitting, "idle" when there is nothing now, "exhausted" when there will be nothing more`,
    });
  }

  #settled(value: unknown, emittedBefore: number): void {
    this.#waiting = false;
    // A drain does not wait for a source that has nothing to say: its streams have ended.
    if (this.#ending) return;
    try {
      if (value !== undefined) this.#takeResult(value);
      else if (this.#emittedTotal() === emittedBefore) this.#backOff();
      if (this.#emittedTotal() !== emittedBefore) this.#idleMs = 0;
    } catch (error) {
      this.hookFailed("nextTuple", error);
    }
    this.host.wake();
  }

  /** Nothing to emit now: the next call comes after a nap, which grows with the silence up to a limit. */
  #backOff(): void {
    const longerMs = this.#idleMs === 0 ? this.#parts.idleMs : this.#idleMs * NAP_GROWTH;
    this.#idleMs = Math.min(this.#parts.idleMaxMs, longerMs);
    this.#resumeMs = this.host.nowMs() + this.#idleMs;
  }

  /**
   * The next step of ending: a flush behind the data, so that bolts let go of what they hold, again and again while
   * trees are pending; the end of the streams when none is.
   */
  #tryEnd(): number {
    const nowMs = this.host.nowMs();
    if (this.#isPending) {
      if (this.#flushRounds > 0 && nowMs < this.#nextFlushMs) return 0;
      this.sendSignal(SIGNAL_FLUSH, this.#flushRounds++);
      this.#nextFlushMs = nowMs + REFLUSH_MS;
      return 1;
    }
    if (this.#flushRounds === 0) this.sendSignal(SIGNAL_FLUSH, 0);
    this.#ending = true;
    this.endStreams(this.#drained ? END_DRAINED : END_EXHAUSTED);
    this.phase = "done";
    this.host.taskDone(this);
    return 1;
  }

  #emittedTotal(): number {
    return this.#created?.collector.emits ?? 0;
  }
}

function NOTHING(): void {}
