import { EngineError } from "../../base/engine-error.ts";
import { invariant } from "../../base/invariant.ts";
import { SIGNAL_END_OF_STREAM, SIGNAL_FLUSH, type Signal } from "../../tuple/signal.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import { type RowCursor, type RowLoop, rowLoopFor } from "./row-loop.ts";
import { isThenable, Task, type TaskParts } from "./task.ts";

/** The hooks of a bolt as the engine calls them; only `execute` must be there. */
export interface BoltHooks {
  prepare?(context: unknown): unknown;
  execute(tuple: object, collector: unknown): unknown;
  onTick?(collector: unknown): unknown;
  onFlush?(collector: unknown): unknown;
  onEnd?(collector: unknown): unknown;
  activate?(): unknown;
  deactivate?(): unknown;
  cleanup?(): unknown;
}

/** What stays inside the cycle that a bolt is part of. */
export interface InnerOfCycle {
  /** Edges from components of the cycle to components of it. */
  readonly edges: ReadonlySet<number>;
  /** Tasks of the cycle's components. */
  readonly tasks: ReadonlySet<number>;
}

export type TupleClass = new (batch: TupleBatch, row: number) => object;

export interface BoltParts extends TaskParts {
  /** Makes the instance, with its collector installed, and gives what is passed to its hooks. */
  readonly create: () => { hooks: BoltHooks; collector: unknown; context: unknown };
  /** By edge index: the class of the tuples that come over that edge. */
  readonly tupleClasses: ReadonlyMap<number, TupleClass>;
  /** End-of-stream signals to wait for: one per forward edge and producing task. */
  readonly upstreamSignals: number;
  /** Those of them that come from outside the component's cycle. */
  readonly outsideSignals: number;
  readonly concurrency: number;
  readonly tickMs: number | null;
  readonly turnMs: number;
  /** The component's cycle, if it is part of one: main says when that has run empty. */
  readonly inner: InnerOfCycle | null;
}

/**
 * Rows between two looks at the clock inside a batch: seldom enough to cost nothing, often enough for a slow bolt.
 */
const ROWS_PER_CLOCK_READ = 32;
/**
 * Rows that a bolt executes in one turn at most, if the time for a turn is not over before. Many, so that a bolt with
 * a long input empties it: one that takes less in a round than its sources give lives with full queues, and every
 * row that waits there leaves the cache and is copied by the collector.
 */
const ROWS_PER_TURN = 16_384;

/**
 * Runs one bolt: batches in, `execute` per row, ticks in their own lane, and the ending hooks when the input ends.
 */
export class BoltTask extends Task implements RowCursor {
  readonly #parts: BoltParts;
  #hooks: BoltHooks | null = null;
  #collector: unknown = null;
  #batch: TupleBatch | null = null;
  /** See RowCursor. */
  nextRow = 0;
  #loop: RowLoop | null = null;
  #loopEdge = -1;
  readonly #loops = new Map<number, RowLoop>();
  #inFlight = 0;
  #rowsUntilClock = 1;
  /** True once the turn under way has used up its time. */
  #timeIsUp = false;
  #nextTickMs = Number.POSITIVE_INFINITY;
  #flushSignals = 0;
  #endSignals = 0;
  /** Of these, the ones from outside the cycle that this bolt is part of. */
  #outsideEndSignals = 0;
  #innerReceived = 0;
  /** True when some source stopped before it was exhausted: the input did not end, so `onEnd` is not called. */
  #drained = false;
  #flushed = false;
  /** In a cycle: how often main said that nothing moves in it any more. */
  #cycleRounds = 0;

  constructor(parts: BoltParts) {
    super(parts);
    this.#parts = parts;
    for (const [edge, tupleClass] of parts.tupleClasses) this.#loops.set(edge, rowLoopFor(tupleClass));
  }

  async open(): Promise<void> {
    this.hook = "constructor";
    const { hooks, collector, context } = this.#parts.create();
    this.#hooks = hooks;
    this.#collector = collector;
    this.hook = "prepare";
    await hooks.prepare?.(context);
    this.phase = "running";
  }

  override activate(): void {
    if (this.active || this.phase !== "running") return;
    super.activate();
    const ticks = this.#parts.tickMs !== null && this.#hooks?.onTick !== undefined;
    if (ticks) this.#nextTickMs = this.host.nowMs() + this.#parts.tickMs!;
    this.runHook("activate", () => this.#hooks?.activate?.(), NOTHING);
  }

  override deactivate(): void {
    if (!this.active || this.phase !== "running") return;
    super.deactivate();
    this.runHook("deactivate", () => this.#hooks?.deactivate?.(), NOTHING);
  }

  override get nextTimerMs(): number {
    return this.phase === "running" && this.#mayTick ? this.#nextTickMs : Number.POSITIVE_INFINITY;
  }

  /** Not in the middle of another hook. A bolt that takes several tuples at once takes ticks between them too. */
  get #mayTick(): boolean {
    return !this.held && (this.#inFlight === 0 || this.#parts.concurrency > 1);
  }

  /** Ticks have a lane of their own: they run while the output is blocked and whatever waits in the inbox. */
  override runTimers(nowMs: number): number {
    const hooks = this.#hooks;
    if (nowMs < this.#nextTickMs || this.phase !== "running" || hooks?.onTick === undefined) return 0;
    if (!this.#mayTick) return 0;
    const tickMs = this.#parts.tickMs!;
    // Ticks that were missed are not made up for: a tick says that time has passed, not how often.
    this.#nextTickMs += tickMs * Math.max(1, Math.ceil((nowMs - this.#nextTickMs) / tickMs));
    this.runHook(
      "onTick",
      () => hooks.onTick!(this.#collector),
      () => {
        // A tick that took longer than the time between two leaves the input that time: else nothing else ran.
        const endMs = this.host.nowMs();
        if (this.#nextTickMs <= endMs) this.#nextTickMs = endMs + tickMs;
      },
    );
    return 1;
  }

  doWork(): number {
    let work = this.hasBacklog ? this.drainBacklog() : 0;
    if (this.isBlocked || this.phase !== "running" || this.held) return work;
    // One look at the clock for several batches: when each holds a row or two, the clock would cost more than they
    // do.
    const deadlineMs = this.host.nowMs() + this.#parts.turnMs;
    const rowsMax = work + ROWS_PER_TURN;
    this.#timeIsUp = false;
    while (this.#inFlight < this.#parts.concurrency && !this.isBlocked && !this.held && work < rowsMax) {
      if (this.#batch === null) {
        const item = this.inbox!.next();
        if (item === null) return work + this.#tryEnd();
        if ("count" in item) this.#takeBatch(item);
        else this.#takeSignal(item);
        work++;
      }
      if (this.#batch !== null) work += this.#runRows(this.#batch, deadlineMs);
      if (this.#timeIsUp) break;
    }
    return work;
  }

  #takeBatch(batch: TupleBatch): void {
    this.#batch = batch;
    this.nextRow = 0;
    if (batch.edgeIndex === this.#loopEdge) return;
    const loop = this.#loops.get(batch.edgeIndex);
    invariant(loop !== undefined, "a batch came over an edge that does not lead here");
    this.#loop = loop;
    this.#loopEdge = batch.edgeIndex;
  }

  override get awaitsPromise(): boolean {
    return super.awaitsPromise || this.#inFlight > 0;
  }

  isQuiet(): boolean {
    return this.#batch === null && this.#inFlight === 0 && !this.held && !this.hasBacklog;
  }

  /** Main's word that nothing moves in this task's cycle any more: once for the flush, once for the end. */
  cycleIsQuiet(): void {
    this.#cycleRounds++;
    this.host.wake();
  }

  /** True when nothing more comes from outside the cycle, and what the last round asked for is done. */
  get isCycleQuiet(): boolean {
    const roundDone = this.#cycleRounds === 0 || this.#flushed;
    return this.#outsideEndSignals >= this.#parts.outsideSignals && roundDone && this.isQuiet();
  }

  /** Rows that this task sent into its own cycle, and rows of the cycle that it executed. */
  get innerSent(): number {
    let rows = 0;
    for (const outlet of this.outlets) if (this.#parts.inner?.edges.has(outlet.edgeIndex)) rows += outlet.rowsTaken;
    return rows;
  }

  get innerReceived(): number {
    return this.#innerReceived;
  }

  async close(): Promise<void> {
    const prepared = this.phase !== "opening";
    this.phase = "closing";
    this.hook = "cleanup";
    if (prepared) await this.#hooks?.cleanup?.();
    this.phase = "closed";
  }

  #runRows(batch: TupleBatch, deadlineMs: number): number {
    const start = this.nextRow;
    const count = batch.count;
    this.hook = "execute";
    try {
      while (this.nextRow < count) {
        const before = this.nextRow;
        const limit = Math.min(count, before + this.#rowsUntilClock);
        const result = this.#loop!(batch, limit, this, this.#hooks!, this.#collector);
        this.#rowsUntilClock -= this.nextRow - before;
        if (result !== undefined && isThenable(result)) {
          this.#await(result);
          if (this.#inFlight >= this.#parts.concurrency || this.held) break;
        }
        if (this.isBlocked) break;
        if (this.#rowsUntilClock === 0 && this.#isTimeUp(deadlineMs)) break;
      }
    } catch (error) {
      this.failed++;
      this.executed += this.nextRow - start;
      this.fail("execute", error);
      return 1;
    } finally {
      if (this.#rowsUntilClock === 0) this.#rowsUntilClock = ROWS_PER_CLOCK_READ;
    }
    const rows = this.nextRow - start;
    this.executed += rows;
    if (this.#parts.inner?.edges.has(batch.edgeIndex)) this.#innerReceived += rows;
    if (this.nextRow === count) this.#batch = null;
    return rows;
  }

  /** A slow bolt is looked at after each row, until it is seen to be fast again. */
  #isTimeUp(deadlineMs: number): boolean {
    this.#timeIsUp = this.host.nowMs() >= deadlineMs;
    this.#rowsUntilClock = this.#timeIsUp ? 1 : ROWS_PER_CLOCK_READ;
    return this.#timeIsUp;
  }

  #await(result: PromiseLike<unknown>): void {
    this.#inFlight++;
    result.then(
      () => {
        this.#inFlight--;
        this.host.wake();
      },
      (error) => {
        this.#inFlight--;
        this.failed++;
        this.fail("execute", error);
      },
    );
  }

  #takeSignal(signal: Signal): void {
    if (signal.kind === SIGNAL_FLUSH) this.#flushSignals++;
    else if (signal.kind === SIGNAL_END_OF_STREAM) {
      this.#endSignals++;
      if (this.#parts.inner?.tasks.has(signal.sourceTask) !== true) this.#outsideEndSignals++;
      if (signal.value === END_DRAINED) this.#drained = true;
    } else {
      throw new EngineError("SIGNAL_UNKNOWN", {
        problem: `task ${this.taskId} received a signal of kind ${signal.kind}, which this version does not know`,
        remedy: "run all threads with the same version of stormcell",
      });
    }
  }

  /** Takes the next step of an ending input: flush when all sources flushed, end when all ended. */
  #tryEnd(): number {
    const { upstreamSignals, inner } = this.#parts;
    const rounds = inner === null ? 2 : this.#cycleRounds;
    if (this.#inFlight > 0) return 0;
    const hooks = this.#hooks!;
    if (!this.#flushed) {
      if (this.#flushSignals < upstreamSignals || rounds < 1) return 0;
      this.#flushed = true;
      this.runHook(
        "onFlush",
        () => hooks.onFlush?.(this.#collector),
        () => this.sendSignal(SIGNAL_FLUSH, 0),
      );
      return 1;
    }
    if (this.#endSignals < upstreamSignals || rounds < 2) return 0;
    this.runHook(
      "onEnd",
      () => (this.#drained ? undefined : hooks.onEnd?.(this.#collector)),
      () => {
        this.endStreams(this.#drained ? END_DRAINED : END_EXHAUSTED);
        this.phase = "done";
        this.host.taskDone(this);
      },
    );
    return 1;
  }
}

/** `value` of an end-of-stream signal: the source ran out, or it was stopped. */
export const END_EXHAUSTED = 0;
export const END_DRAINED = 1;

function NOTHING(): void {}
