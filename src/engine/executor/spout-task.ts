import { inspect } from "node:util";
import { EngineError } from "../../base/engine-error.ts";
import { SIGNAL_FLUSH } from "../../tuple/signal.ts";
import { END_DRAINED, END_EXHAUSTED } from "./bolt-task.ts";
import { isThenable, Task, type TaskParts } from "./task.ts";

/** The hooks of a spout as the engine calls them; only `nextTuple` must be there. */
export interface SpoutHooks {
  open?(context: unknown, restored: { position: unknown }): unknown;
  nextTuple(collector: unknown): unknown;
  activate?(): unknown;
  deactivate?(): unknown;
  close?(): unknown;
}

export interface SpoutParts extends TaskParts {
  readonly create: () => { hooks: SpoutHooks; context: unknown; collector: { readonly emits: number } };
  readonly idleMs: number;
  readonly idleMaxMs: number;
  readonly turnMs: number;
}

/**
 * `nextTuple` calls in one turn at most, so that the bolts behind it on this thread get theirs while the rows are
 * warm.
 */
const CALLS_PER_TURN = 128;
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
export class SpoutTask extends Task {
  readonly #parts: SpoutParts;
  #hooks: SpoutHooks | null = null;
  #collector: { readonly emits: number } | null = null;
  /** A promise of `nextTuple` is pending. */
  #waiting = false;
  #idleMs = 0;
  #resumeMs = 0;
  #callsUntilClock = 1;
  #ending = false;
  #drained = false;
  #emittedBefore = 0;

  constructor(parts: SpoutParts) {
    super(parts);
    this.#parts = parts;
  }

  async open(): Promise<void> {
    this.hook = "constructor";
    const { hooks, context, collector } = this.#parts.create();
    this.#hooks = hooks;
    this.#collector = collector;
    this.hook = "open";
    await hooks.open?.(context, { position: undefined });
    this.phase = "running";
  }

  override activate(): void {
    if (this.active || this.phase !== "running") return;
    super.activate();
    this.#resumeMs = 0;
    this.runHook("activate", () => this.#hooks?.activate?.(), NOTHING);
  }

  override deactivate(): void {
    if (!this.active || this.phase !== "running") return;
    super.deactivate();
    this.runHook("deactivate", () => this.#hooks?.deactivate?.(), NOTHING);
  }

  override drain(): void {
    this.#drained = true;
    // As Storm does: a spout that waits for its source learns by this that it need not any more.
    this.deactivate();
    this.host.wake();
  }

  override get nextTimerMs(): number {
    const napping = this.phase === "running" && this.active && this.#resumeMs > 0 && !this.#waiting && !this.held;
    return napping ? this.#resumeMs : Number.POSITIVE_INFINITY;
  }

  doWork(): number {
    let work = 0;
    if (this.isBlocked) {
      work = this.drainBacklog();
      if (this.isBlocked) return work;
    }
    if (this.phase !== "running" || this.held) return work;
    if (this.#drained && !this.#ending) return work + this.#endDrained();
    if (!this.active || this.#ending || this.#waiting) return work;
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

  async close(): Promise<void> {
    const opened = this.phase !== "opening";
    this.phase = "closing";
    this.hook = "close";
    if (opened) await this.#hooks?.close?.();
    this.phase = "closed";
  }

  #callNextTuple(): number {
    const hooks = this.#hooks!;
    const collector = this.#collector;
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
        if (this.isBlocked) break;
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
      this.fail("nextTuple", error);
    }
    this.#callsUntilClock = untilClock;
    const emitted = this.#emittedTotal();
    const progress = emitted - this.#emittedBefore;
    this.#emittedBefore = emitted;
    if (progress > 0) this.#idleMs = 0;
    return this.#ending || progress > 0 ? Math.max(1, progress) : 0;
  }

  /** Acts on what `nextTuple` returned. False when no further call may follow now. */
  #takeResult(result: unknown): boolean {
    if (result === "exhausted") {
      this.#end();
      return false;
    }
    if (result === "idle") {
      this.#backOff();
      return false;
    }
    if (isThenable(result)) {
      this.#waiting = true;
      const before = this.#emittedTotal();
      result.then(
        (value) => this.#settled(value, before),
        (error) => {
          if (!this.#ending) this.fail("nextTuple", error);
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
      this.fail("nextTuple", error);
    }
    this.host.wake();
  }

  /** Nothing to emit now: the next call comes after a nap, which grows with the silence up to a limit. */
  #backOff(): void {
    const longerMs = this.#idleMs === 0 ? this.#parts.idleMs : this.#idleMs * NAP_GROWTH;
    this.#idleMs = Math.min(this.#parts.idleMaxMs, longerMs);
    this.#resumeMs = this.host.nowMs() + this.#idleMs;
  }

  /** Outside of any hook: what cannot be sent is still this task's failure. */
  #endDrained(): number {
    try {
      return this.#end();
    } catch (error) {
      this.fail("emit", error);
      return 1;
    }
  }

  #end(): number {
    this.#ending = true;
    this.sendSignal(SIGNAL_FLUSH, 0);
    this.endStreams(this.#drained ? END_DRAINED : END_EXHAUSTED);
    this.phase = "done";
    this.host.taskDone(this);
    return 1;
  }

  #emittedTotal(): number {
    return this.#collector?.emits ?? 0;
  }
}

function NOTHING(): void {}
