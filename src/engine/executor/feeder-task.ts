import { EngineError } from "../../base/engine-error.ts";
import { fromWireError } from "../../base/wire-error.ts";
import { SIGNAL_END_OF_STREAM, SIGNAL_FLUSH } from "../../tuple/signal.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import { END_DRAINED, END_EXHAUSTED } from "./input-end.ts";
import { FAILURE_COUNTERS } from "./outcome-info.ts";
import { REFLUSH_MS } from "./spout-task.ts";
import type { StreamRoute } from "./stream-route.ts";
import { Task } from "./task.ts";
import type { TaskEpoch, TaskParts } from "./task-parts.ts";
import { TrackedEmits } from "./tracked-emits.ts";

interface Waiting {
  readonly values: readonly unknown[];
  /** Who wants to hear of the tuple's end, or null. */
  readonly process: Processed | null;
  resolve(): void;
  reject(error: unknown): void;
}

/** The id of a tuple that was given to `process`. */
interface Processed {
  resolve(result: { readonly latencyMs: number; readonly attempts: number }): void;
  reject(error: unknown): void;
}

/**
 * A spout fed by the embedding program, on the main thread. `emit` resolves when there was room, so a program that
 * awaits it is held back by the topology; one that does not may leave up to `waitingMax` emits waiting.
 */
export class FeederTask extends Task {
  readonly #waitingMax: number;
  #waiting: Waiting[] = [];
  #ended = false;
  #drained = false;
  #flushed = false;
  #nextFlushMs = 0;
  #flushRounds = 0;
  readonly #tracked: TrackedEmits | null;
  /** Calls of `process` that are not settled. */
  readonly #processing = new Set<Processed>();

  constructor(parts: TaskParts) {
    super(parts);
    this.#waitingMax = parts.emitOverflowMax;
    const { tracking, emitOverflowMax } = parts;
    const { component, taskId } = parts.plan;
    this.#tracked = tracking === null ? null : new TrackedEmits({ taskId, component }, tracking, emitOverflowMax);
  }

  override beginEpoch(next: TaskEpoch): void {
    super.beginEpoch(next);
    if (next.tracking !== null) this.#tracked?.beginEpoch(next.tracking);
  }

  async open(): Promise<void> {
    this.phase = "running";
  }

  async close(): Promise<void> {
    this.phase = "closed";
    this.#rejectWaiting();
    for (const processed of this.#processing) processed.reject(this.#endedError());
    this.#processing.clear();
  }

  /**
   * Resolves when the tuple was taken. @throws EngineError (rejects) TUPLE_VALUE_INVALID, FEEDER_ENDED,
   * FEEDER_OVERFLOW
   */
  async emit(values: readonly unknown[]): Promise<void> {
    if (this.tryEmit(values)) return;
    if (this.#waiting.length >= this.#waitingMax) this.#throwOverflow();
    await new Promise<void>((resolve, reject) => this.#waiting.push({ values, process: null, resolve, reject }));
  }

  /**
   * Resolves when the tuple's tree is fully processed. @throws EngineError (rejects) TREE_FAILED when it fails,
   * FEEDER_NOT_TRACKED where tracking is off, and as `emit`; or the signal's reason, after which the tree goes on
   * without anybody waiting for it
   */
  async process(
    values: readonly unknown[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<{ readonly latencyMs: number; readonly attempts: number }> {
    const { signal } = options;
    signal?.throwIfAborted();
    if (this.#tracked === null) throw notTracked(this.plan.component);
    if (this.#isEnded) throw this.#endedError();
    if (this.#waiting.length >= this.#waitingMax) this.#throwOverflow();
    return new Promise((resolve, reject) => {
      const abort = () => processed.reject(signal!.reason);
      const settle = () => {
        signal?.removeEventListener("abort", abort);
        this.#processing.delete(processed);
      };
      const processed: Processed = {
        resolve: (result) => {
          settle();
          resolve(result);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      this.#processing.add(processed);
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.push({ values, process: processed, resolve: NOTHING, reject: processed.reject });
      this.#takeWaiting();
      this.host.wake();
    });
  }

  /** Takes the tuple if there is room now. @throws EngineError TUPLE_VALUE_INVALID, FEEDER_ENDED */
  tryEmit(values: readonly unknown[]): boolean {
    if (this.#isEnded) throw this.#endedError();
    if (this.isBlocked || !this.active || this.#waiting.length > 0) return false;
    this.#emit(values);
    this.host.wake();
    return true;
  }

  /** Ends the stream behind what was emitted, and what still waits. */
  end(): void {
    this.#ended = true;
    this.host.wake();
  }

  override drain(): void {
    this.#drained = true;
    this.host.wake();
  }

  override get nextTimerMs(): number {
    const isWaitingForTrees = this.#flushed && this.phase === "running" && this.#processing.size > 0;
    return isWaitingForTrees ? this.#nextFlushMs : Number.POSITIVE_INFINITY;
  }

  doWork(): number {
    let work = this.#settleTrees();
    if (this.isBlocked) {
      work += this.drainBacklog();
      if (this.isBlocked) return work;
    }
    if (this.phase !== "running" || this.held) return work;
    work += this.#takeWaiting();
    if (this.#tracked !== null) work += this.#tracked.sendWaiting();
    if (this.#waiting.length > 0 || this.isBlocked || (!this.#ended && !this.#drained)) return work;
    return work + this.#tryEnd();
  }

  #settleTrees(): number {
    let settled = 0;
    for (let outcome = this.#tracked?.takeOutcome(); outcome != null; outcome = this.#tracked!.takeOutcome()) {
      settled++;
      const processed = outcome.id as Processed;
      if (outcome.failure === null) {
        this.#countEnd("acked");
        if (this.times !== null) this.block.complete?.record(outcome.latencyMs);
        processed.resolve({ latencyMs: outcome.latencyMs, attempts: outcome.attempt });
      } else {
        this.#countEnd("failed");
        this.count(FAILURE_COUNTERS[outcome.failure.reason]);
        processed.reject(treeFailed(this.plan.component, outcome.failure));
      }
    }
    return settled;
  }

  #countEnd(how: "acked" | "failed"): void {
    const { words, outputs } = this.block;
    const word = outputs.get("default")![how];
    words[word] = (words[word]! + 1) | 0;
  }

  /** As a spout's: see SpoutTask. */
  #tryEnd(): number {
    const nowMs = this.host.nowMs();
    const isPending = this.#tracked !== null && this.#tracked.pending > 0;
    if (isPending && this.#flushed && nowMs < this.#nextFlushMs) return 0;
    if (isPending || !this.#flushed) {
      this.#flushed = true;
      this.#nextFlushMs = nowMs + REFLUSH_MS;
      this.sendSignal(SIGNAL_FLUSH, this.#flushRounds++);
      if (isPending) return 1;
    }
    this.sendSignal(SIGNAL_END_OF_STREAM, this.#drained && !this.#ended ? END_DRAINED : END_EXHAUSTED);
    this.phase = "done";
    this.host.taskDone(this);
    return 1;
  }

  isQuiet(): boolean {
    return this.#waiting.length === 0 && !this.isBlocked;
  }

  get #isEnded(): boolean {
    return this.#ended || this.#drained || (this.phase !== "running" && this.phase !== "opening");
  }

  get #route(): StreamRoute {
    return this.routes.get("default")!;
  }

  /** A row that is refused is the caller's affair; one that was taken and cannot be sent fails the run as well. */
  #emit(values: readonly unknown[], processed: Processed | null = null): void {
    try {
      if (processed === null) this.#route.emit(values);
      else this.#tracked!.emit(this.#route, values, processed, null, null, 1, false);
    } catch (error) {
      if (!isRefusal(error)) this.fail("emit", error);
      throw error;
    }
  }

  #takeWaiting(): number {
    let taken = 0;
    if (!this.active && !this.#drained) return 0;
    while (taken < this.#waiting.length && !this.isBlocked) {
      const next = this.#waiting[taken++]!;
      try {
        this.#emit(next.values, next.process);
        next.resolve();
      } catch (error) {
        next.reject(error);
      }
    }
    this.#waiting.splice(0, taken);
    return taken;
  }

  #rejectWaiting(): void {
    for (const waiting of this.#waiting) waiting.reject(this.#endedError());
    this.#waiting = [];
  }

  #endedError(): EngineError {
    return new EngineError("FEEDER_ENDED", {
      problem: `feeder "${this.plan.component}" takes no more tuples: it was ended, or its topology has ended`,
      remedy: "emit before end(), and stop feeding when run.completed() settles",
    });
  }

  #throwOverflow(): never {
    throw new EngineError("FEEDER_OVERFLOW", {
      problem: `${this.#waiting.length} emits wait for room in feeder "${this.plan.component}"`,
      facts: { waitingMax: this.#waitingMax },
      remedy: "await each emit before the next one, or use tryEmit and act on false",
    });
  }
}

function NOTHING(): void {}

function notTracked(component: string): EngineError {
  return new EngineError("FEEDER_NOT_TRACKED", {
    problem: `feeder "${component}" is asked to process a tuple, and tracking is switched off`,
    remedy: 'use emit, or leave the option acking at "auto"',
  });
}

function treeFailed(component: string, failure: TreeFailure): EngineError {
  const cause = failure.error === null ? undefined : fromWireError(failure.error);
  return new EngineError("TREE_FAILED", {
    problem: `a tuple of feeder "${component}" was not fully processed: ${REASONS[failure.reason]}`,
    facts: { reason: failure.reason, component: failure.component, task: failure.taskId },
    remedy: "see the cause, if there is one; feed it again if it may be processed twice",
    cause,
  });
}

const REASONS: Readonly<Record<TreeFailure["reason"], string>> = {
  bolt: "a bolt failed it",
  timeout: "it made no progress in time",
  "worker-lost": "a thread was lost with a part of it",
  rejected: "it was refused",
};

/** Whether an emit failed before anything of its row was taken. */
function isRefusal(error: unknown): boolean {
  return error instanceof EngineError && (error.code === "TUPLE_VALUE_INVALID" || error.code.startsWith("GROUPING_"));
}
