import { EngineError } from "../../base/engine-error.ts";
import { SIGNAL_END_OF_STREAM, SIGNAL_FLUSH } from "../../tuple/signal.ts";
import { END_DRAINED, END_EXHAUSTED } from "./bolt-task.ts";
import type { StreamRoute } from "./stream-route.ts";
import { Task, type TaskParts } from "./task.ts";

interface Waiting {
  readonly values: readonly unknown[];
  resolve(): void;
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

  constructor(parts: TaskParts) {
    super(parts);
    this.#waitingMax = parts.emitOverflowMax;
  }

  async open(): Promise<void> {
    this.phase = "running";
  }

  async close(): Promise<void> {
    this.phase = "closed";
    this.#rejectWaiting();
  }

  /**
   * Resolves when the tuple was taken. @throws EngineError (rejects) TUPLE_VALUE_INVALID, FEEDER_ENDED,
   * FEEDER_OVERFLOW
   */
  async emit(values: readonly unknown[]): Promise<void> {
    if (this.tryEmit(values)) return;
    if (this.#waiting.length >= this.#waitingMax) this.#throwOverflow();
    await new Promise<void>((resolve, reject) => this.#waiting.push({ values, resolve, reject }));
  }

  /** Takes the tuple if there is room now. @throws EngineError TUPLE_VALUE_INVALID, FEEDER_ENDED */
  tryEmit(values: readonly unknown[]): boolean {
    if (this.#ended || this.#drained || (this.phase !== "running" && this.phase !== "opening"))
      throw this.#endedError();
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

  doWork(): number {
    let work = 0;
    if (this.isBlocked) {
      work = this.drainBacklog();
      if (this.isBlocked) return work;
    }
    if (this.phase !== "running" || this.held) return work;
    work += this.#takeWaiting();
    if (this.#waiting.length > 0 || this.isBlocked || (!this.#ended && !this.#drained)) return work;
    try {
      this.sendSignal(SIGNAL_FLUSH, 0);
      this.sendSignal(SIGNAL_END_OF_STREAM, this.#drained && !this.#ended ? END_DRAINED : END_EXHAUSTED);
    } catch (error) {
      this.fail("emit", error);
      return work + 1;
    }
    this.phase = "done";
    this.host.taskDone(this);
    return work + 1;
  }

  isQuiet(): boolean {
    return this.#waiting.length === 0 && !this.isBlocked;
  }

  get #route(): StreamRoute {
    return this.routes.get("default")!;
  }

  /** A row that is refused is the caller's affair; one that was taken and cannot be sent fails the run as well. */
  #emit(values: readonly unknown[]): void {
    try {
      this.#route.emit(values);
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
        this.#emit(next.values);
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

/** Whether an emit failed before anything of its row was taken. */
function isRefusal(error: unknown): boolean {
  return error instanceof EngineError && (error.code === "TUPLE_VALUE_INVALID" || error.code.startsWith("GROUPING_"));
}
