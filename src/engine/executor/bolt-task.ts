import { invariant } from "../../base/invariant.ts";
import { FailedException, ReportedFailedException } from "../../component/failed-exception.ts";
import { SIGNAL_FLUSH } from "../../tuple/signal.ts";
import { ROW_EXPIRED, type TupleBatch } from "../../tuple/tuple-batch.ts";
import { AnchorSet } from "./anchor-set.ts";
import type { BasicTaskCollector, CurrentAnchor } from "./collectors.ts";
import type { BoltHooks, CreatedBolt, TupleClass } from "./create-instance.ts";
import { END_DRAINED, END_EXHAUSTED, InputEnd, type InputEndParts } from "./input-end.ts";
import { RowBook } from "./row-book.ts";
import { type RowCursor, type RowLoop, rowLoopFor } from "./row-loop.ts";
import { isThenable, Task, type TaskParts } from "./task.ts";

export interface BoltParts extends TaskParts, Omit<InputEndParts, "taskId"> {
  /** Makes the instance, with its collector installed, and gives what is passed to its hooks. */
  readonly create: () => CreatedBolt;
  /** True for a bolt whose tuples the engine anchors to and acks. */
  readonly isBasic: boolean;
  readonly anchorsMax: number;
  /** By edge index: the class of the tuples that come over that edge. */
  readonly tupleClasses: ReadonlyMap<number, TupleClass>;
  readonly concurrency: number;
  readonly tickMs: number | null;
  readonly turnMs: number;
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

/** Runs one bolt: batches in, `execute` per row, ticks in their own lane, ending hooks when the input ends. */
export class BoltTask extends Task implements RowCursor, CurrentAnchor {
  readonly #parts: BoltParts;
  readonly #book: RowBook;
  readonly #end: InputEnd;
  readonly #anchors: AnchorSet | null;
  #hooks: BoltHooks | null = null;
  #created: CreatedBolt | null = null;
  #collector: unknown = null;
  /** The batch whose row is being executed: what a basic bolt emits is anchored to it. */
  #executing: TupleBatch | null = null;
  /** True when rows of the batch under way are not to be executed. */
  #hasExpired = false;
  #batch: TupleBatch | null = null;
  /** See RowCursor. */
  nextRow = 0;
  #loop: RowLoop | null = null;
  readonly #loops = new Map<number, RowLoop>();
  #rowsUntilClock = 1;
  /** True once the turn under way has used up its time. */
  #timeIsUp = false;
  #nextTickMs = Number.POSITIVE_INFINITY;
  #innerReceived = 0;

  constructor(parts: BoltParts) {
    super(parts);
    this.#parts = parts;
    this.#book = new RowBook(this, parts.tracking);
    this.#end = new InputEnd({ ...parts, taskId: this.taskId });
    this.#anchors = parts.tracking === null ? null : new AnchorSet(parts.tracking.ledger, parts.anchorsMax);
    for (const [edge, tupleClass] of parts.tupleClasses) this.#loops.set(edge, rowLoopFor(tupleClass));
  }

  async open(): Promise<void> {
    this.hook = "constructor";
    this.#created = this.#parts.create();
    const { hooks, collector, context } = this.#created;
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
    return !this.held && (this.executing === 0 || this.#parts.concurrency > 1);
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
    while (this.executing < this.#parts.concurrency && !this.isBlocked && !this.held && work < rowsMax) {
      if (this.#batch === null) {
        const item = this.inbox!.next();
        if (item === null) return work + this.#tryEnd();
        if ("count" in item) this.#takeBatch(item);
        else this.#end.take(item);
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
    batch.holder = this;
    this.#hasExpired = batch.roots !== null && this.#book.strikeDead(batch, 0);
    this.#loop = this.#loops.get(batch.edgeIndex) ?? null;
    invariant(this.#loop !== null, "a batch came over an edge that does not lead here");
  }

  override get awaitsPromise(): boolean {
    return super.awaitsPromise || this.executing > 0;
  }

  isQuiet(): boolean {
    return this.#batch === null && this.executing === 0 && !this.held && !this.hasBacklog;
  }

  /** Main's word that nothing moves in this task's cycle any more: once for the flush, once for the end. */
  cycleIsQuiet(): void {
    this.#end.cycleIsQuiet();
    this.host.wake();
  }

  /** True when nothing more comes from outside the cycle, and what the last round asked for is done. */
  get isCycleQuiet(): boolean {
    return this.#end.isOutsideQuiet && this.isQuiet();
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

  /** See CurrentAnchor. */
  current(): AnchorSet | null {
    return this.#executing === null ? null : this.#anchorsOfRow(this.#executing, this.nextRow - 1);
  }

  /**
   * The trees of the tuples that a rich bolt anchors to; null when they belong to none.
   *
   * @throws EngineError ANCHOR_NOT_A_TUPLE, ANCHOR_FINISHED, ANCHORS_TOO_MANY
   */
  anchorsOf(anchors: unknown): AnchorSet | null {
    const set = this.#anchors;
    set?.clear();
    if (Array.isArray(anchors)) for (const anchor of anchors) this.#book.anchor(anchor, set);
    else this.#book.anchor(anchors, set);
    return set?.hadRoots === true ? set : null;
  }

  ackTuple(tuple: unknown): void {
    this.#book.ack(tuple);
    if (!this.host.isWorking) this.host.wake();
  }

  failTuple(tuple: unknown, error: unknown): void {
    this.#book.fail(tuple, error);
    if (error !== undefined) this.onTupleFailed(error);
    if (!this.host.isWorking) this.host.wake();
  }

  resetTimeout(tuple: unknown): void {
    this.#book.resetTimeout(tuple);
  }

  override expire(trees: ReadonlyMap<number, number>): void {
    this.#book.expire(trees);
    if (this.#batch !== null && this.#book.strikeDead(this.#batch, this.nextRow)) this.#hasExpired = true;
  }

  override heldOf(slot: number, generation: number): number {
    return this.#book.heldOf(slot, generation);
  }

  override publishCounters(): void {
    this.acked = this.#book.acked;
    super.publishCounters();
  }

  #anchorsOfRow(batch: TupleBatch, row: number): AnchorSet | null {
    const set = this.#anchors!;
    set.clear();
    set.addRow(batch, row);
    return set.hadRoots ? set : null;
  }

  #runRows(batch: TupleBatch, deadlineMs: number): number {
    const start = this.nextRow;
    this.hook = "execute";
    if (batch.roots !== null) this.#setAnchor(batch);
    try {
      while (this.nextRow < batch.count) {
        if (this.#hasExpired && batch.rowStates?.[this.nextRow] === ROW_EXPIRED) {
          this.nextRow++;
          continue;
        }
        const before = this.nextRow;
        const isOver = this.#runSome(batch, this.#limitFrom(batch, before));
        this.#rowsUntilClock -= this.nextRow - before;
        if (isOver || this.isBlocked) break;
        if (this.#rowsUntilClock <= 0 && this.#isTimeUp(deadlineMs)) break;
      }
    } catch (error) {
      this.failed++;
      this.executed += this.nextRow - start;
      this.fail("execute", error);
      return 1;
    } finally {
      if (this.#rowsUntilClock <= 0) this.#rowsUntilClock = ROWS_PER_CLOCK_READ;
      // A promise of the one tuple that may be under way: what it emits later belongs to that tuple, too.
      if (this.executing === 0 || this.#parts.concurrency > 1) this.#setAnchor(null);
    }
    const rows = this.nextRow - start;
    this.executed += rows;
    if (this.#parts.inner?.edges.has(batch.edgeIndex)) this.#innerReceived += rows;
    if (this.nextRow === batch.count) this.#batch = null;
    return rows;
  }

  /** Executes rows up to `limit` and settles them. True when no further row may be taken now. */
  #runSome(batch: TupleBatch, limit: number): boolean {
    const before = this.nextRow;
    let result: unknown;
    try {
      result = this.#loop!(batch, limit, this, this.#hooks!, this.#collectorFor(batch, before));
    } catch (error) {
      const row = this.nextRow - 1;
      this.#settleRows(batch, before, row);
      if (!this.#failRow(batch, row, error)) throw error;
      return false;
    }
    if (result === undefined || !isThenable(result)) {
      this.#settleRows(batch, before, this.nextRow);
      return false;
    }
    this.#settleRows(batch, before, this.nextRow - 1);
    this.#await(result, batch, this.nextRow - 1);
    return this.executing >= this.#parts.concurrency || this.held;
  }

  /** Several tuples at once cannot share one idea of which of them is current. */
  #collectorFor(batch: TupleBatch, row: number): unknown {
    if (!this.#isOneByOne(batch)) return this.#collector;
    return this.#created!.collectorFor!({ current: () => this.#anchorsOfRow(batch, row) });
  }

  #isOneByOne(batch: TupleBatch): boolean {
    return batch.roots !== null && this.#parts.concurrency > 1 && this.#parts.isBasic;
  }

  #limitFrom(batch: TupleBatch, row: number): number {
    if (this.#isOneByOne(batch)) return row + 1;
    const limit = Math.min(batch.count, row + this.#rowsUntilClock);
    if (!this.#hasExpired) return limit;
    for (let next = row; next < limit; next++) if (batch.rowStates?.[next] === ROW_EXPIRED) return next;
    return limit;
  }

  #settleRows(batch: TupleBatch, from: number, to: number): void {
    if (this.#parts.isBasic) this.#book.ackRows(batch, from, to);
    else this.#book.noteOpen(batch, from, to);
  }

  /** A tuple that somebody will hear of fails alone; one that nobody tracks must not be lost in silence. */
  #failRow(batch: TupleBatch, row: number, error: unknown): boolean {
    const isMeant = error instanceof FailedException;
    if (!isMeant && !this.#book.isTracked(batch, row)) return false;
    this.#book.failRow(batch, row, error);
    if (!isMeant || error instanceof ReportedFailedException) this.onTupleFailed(error);
    return true;
  }

  #setAnchor(batch: TupleBatch | null): void {
    if (!this.#parts.isBasic) return;
    this.#executing = batch;
    (this.#collector as BasicTaskCollector).isAnchored = batch !== null;
  }

  /** A slow bolt is looked at after each row, until it is seen to be fast again. */
  #isTimeUp(deadlineMs: number): boolean {
    this.#timeIsUp = this.host.nowMs() >= deadlineMs;
    this.#rowsUntilClock = this.#timeIsUp ? 1 : ROWS_PER_CLOCK_READ;
    return this.#timeIsUp;
  }

  #await(result: PromiseLike<unknown>, batch: TupleBatch, row: number): void {
    this.executing++;
    this.#book.noteOpen(batch, row, row + 1);
    result.then(
      () => {
        if (this.#parts.isBasic) this.#book.ackRow(batch, row);
        this.#settled();
      },
      (error) => {
        if (!this.#failRow(batch, row, error)) {
          this.failed++;
          this.fail("execute", error);
        }
        this.#settled();
      },
    );
  }

  #settled(): void {
    this.executing--;
    if (this.#parts.concurrency === 1) this.#setAnchor(null);
    this.host.wake();
  }

  /** Takes the next step of an ending input: flush when all sources flushed, end when all ended. */
  #tryEnd(): number {
    if (this.executing > 0) return 0;
    const step = this.#end.nextStep();
    if (step === null) return 0;
    const hooks = this.#hooks!;
    if (step === "end") {
      const { isDrained } = this.#end;
      this.runHook(
        "onEnd",
        () => (isDrained ? undefined : hooks.onEnd?.(this.#collector)),
        () => {
          this.endStreams(isDrained ? END_DRAINED : END_EXHAUSTED);
          this.phase = "done";
          this.host.taskDone(this);
        },
      );
      return 1;
    }
    this.runHook(
      "onFlush",
      () => hooks.onFlush?.(this.#collector),
      () => this.sendSignal(SIGNAL_FLUSH, step === "flush" ? 0 : 1),
    );
    return 1;
  }
}

function NOTHING(): void {}
