import { invariant } from "../../base/invariant.ts";
import { SIGNAL_FLUSH } from "../../tuple/signal.ts";
import { ROW_EXPIRED, type TupleBatch } from "../../tuple/tuple-batch.ts";
import { BoltAnchors } from "./bolt-anchors.ts";
import { DeadLetters, isWorthTelling, verdictOn } from "./bolt-failure.ts";
import type { BoltParts } from "./bolt-parts.ts";
import type { BasicTaskCollector } from "./collectors.ts";
import type { BoltHooks, CreatedBolt } from "./create-instance.ts";
import { HostedTask } from "./hosted-task.ts";
import { END_DRAINED, END_EXHAUSTED, type EndStep, InputEnd, NO_EDGES } from "./input-end.ts";
import { RowBook } from "./row-book.ts";
import { type RowCursor, type RowLoop, rowLoopFor } from "./row-loop.ts";
import { RowTiming } from "./row-timing.ts";
import { isThenable } from "./task.ts";
import type { TaskInspector } from "./task-inspector.ts";
import type { TaskEpoch } from "./task-parts.ts";

/** Rows between two looks at the clock in a batch: seldom enough to cost nothing, often enough for a slow bolt. */
const ROWS_PER_CLOCK_READ = 32;
/**
 * Rows that a bolt executes in one turn at most, if the time for a turn is not over before. Many, to empty a long
 * input: rows that wait in full queues leave the cache and are copied by the collector.
 */
const ROWS_PER_TURN = 16_384;

/** Runs one bolt: batches in, `execute` per row, ticks in their own lane, ending hooks when the input ends. */
export class BoltTask extends HostedTask implements RowCursor {
  protected override readonly hookNames = { first: "prepare", last: "cleanup" } as const;
  readonly #parts: BoltParts;
  readonly book: RowBook;
  readonly anchors: BoltAnchors;
  readonly #end: InputEnd;
  readonly #timing: RowTiming | null;
  readonly #deadLetters: DeadLetters;
  #hooks: BoltHooks | null = null;
  #created: CreatedBolt | null = null;
  #collector: unknown = null;
  #hasExpired = false; // True when rows of the batch under way are not to be executed.
  #batch: TupleBatch | null = null;
  nextRow = 0; // See RowCursor, also for these two:
  counts: Int32Array;
  executedWord = 0;
  #loop: RowLoop | null = null;
  readonly #loops = new Map<number, RowLoop>();
  #inFlight = 0;
  #rowsUntilClock = 1;
  /** True once the turn under way has used up its time. */
  #timeIsUp = false;
  /** Rows of its own cycle that this task executed. */
  innerReceived = 0;
  /** The ending step under way: asked of the next instance again, if this one fails in it. */
  #step: EndStep = null;

  constructor(parts: BoltParts) {
    super(parts);
    this.#parts = parts;
    this.counts = parts.block.words;
    this.book = new RowBook(this, parts.tracking, parts.block);
    this.#end = new InputEnd({ ...parts, taskId: this.taskId });
    const { tracking, anchorsMax, rowTimer } = parts;
    this.anchors = new BoltAnchors({ cursor: this, book: this.book, anchorsMax, tracking });
    this.#timing = rowTimer === null ? null : new RowTiming(rowTimer, parts, () => this.host.nowMs());
    this.book.timing = this.#timing;
    this.#deadLetters = new DeadLetters(this, parts.failures.deadLetter, (error) => this.fail("deadLetter", error));
    for (const [edge, tupleClass] of parts.tupleClasses) this.#loops.set(edge, rowLoopFor(tupleClass));
  }

  override beginEpoch(next: TaskEpoch): void {
    super.beginEpoch(next);
    this.counts = next.metrics;
    this.#end.beginEpoch();
    this.anchors.beginEpoch(next.tracking);
    this.#timing?.clear();
    const batch = this.#batch;
    if (this.book.beginEpoch(next.tracking, batch, this.nextRow)) this.#hasExpired = true;
    const inner = this.#parts.inner?.edges ?? NO_EDGES;
    // What stayed does not count as sent any more, and so must not count as received.
    this.innerReceived = -this.inbox!.localRowsOf(inner);
    if (batch !== null && inner.has(batch.edgeIndex)) this.innerReceived -= batch.count - this.nextRow;
  }

  protected override create(): CreatedBolt {
    this.#created = this.#parts.create();
    ({ hooks: this.#hooks, collector: this.#collector } = this.#created);
    return this.#created;
  }

  /** Input that was not executed yet waits for the instance that comes. */
  protected override letGo(error: unknown): void {
    this.book.giveBack(error);
    this.#inFlight = 0;
    this.#setAnchor(null);
    this.#timing?.clear();
  }

  /** A bolt that takes several tuples at once takes ticks between them too. */
  protected override get mayTick(): boolean {
    return super.mayTick && (this.#inFlight === 0 || this.#parts.concurrency > 1);
  }

  doWork(): number {
    let work = this.hasBacklog ? this.drainBacklog() : 0;
    if (this.isBlocked || this.phase !== "running" || this.held) return work;
    // One look at the clock for several batches: when each holds a row or two, the clock costs more than they do.
    const beganMs = this.host.nowMs();
    const deadlineMs = beganMs + this.#parts.turnMs;
    const executedBefore = this.executed;
    const rowsMax = work + ROWS_PER_TURN;
    let isDry = false;
    this.#timeIsUp = false;
    while (this.#mayExecute && work < rowsMax) {
      if (this.#batch === null) {
        const item = this.inbox!.next();
        isDry = item === null;
        if (item === null) break;
        if ("count" in item) this.#takeBatch(item);
        else this.#end.take(item);
        work++;
      }
      if (this.#batch !== null) work += this.#runRows(this.#batch, deadlineMs);
      if (this.#timeIsUp) break;
    }
    this.#timing?.turned(beganMs, this.executed - executedBefore);
    return isDry ? work + this.#tryEnd() : work;
  }

  get #mayExecute(): boolean {
    const isFree = !this.isBlocked && !this.held && this.phase === "running";
    return isFree && this.#inFlight < this.#parts.concurrency;
  }

  #takeBatch(batch: TupleBatch): void {
    this.#batch = batch;
    this.nextRow = 0;
    batch.holder = this;
    this.#hasExpired = batch.roots !== null && this.book.strikeDead(batch, 0);
    this.#loop = this.#loops.get(batch.edgeIndex) ?? null;
    this.executedWord = this.block.inputs.get(batch.edgeIndex)!.executed;
    this.block.arrived(batch.count);
    this.inspector?.arrived(batch);
    invariant(this.#loop !== null, "a batch came over an edge that does not lead here");
  }

  override get awaitsPromise(): boolean {
    return super.awaitsPromise || this.#inFlight > 0;
  }

  isQuiet(): boolean {
    const isIdle = this.#batch === null && this.#inFlight === 0 && this.#step === null;
    return isIdle && !this.held && !this.hasBacklog && this.phase !== "restarting";
  }

  /** Main's word that nothing moves in this task's cycle any more: once for the flush, once for the end. */
  cycleIsQuiet(): void {
    this.#end.cycleIsQuiet();
    this.host.wake();
  }

  /** True when nothing more comes from outside the cycle, and what the last round asked for is done. */
  get isCycleQuiet(): boolean {
    return this.phase === "done" || (this.#end.isOutsideQuiet && this.isQuiet());
  }

  /** Rows that this task sent into its own cycle. */
  get innerSent(): number {
    let rows = 0;
    for (const outlet of this.outlets) if (this.#parts.inner?.edges.has(outlet.edgeIndex)) rows += outlet.rowsTaken;
    return rows;
  }

  ackTuple(tuple: unknown): void {
    this.book.ack(tuple);
    if (!this.host.isWorking) this.host.wake();
  }

  failTuple(tuple: unknown, error: unknown): void {
    this.book.fail(tuple, error);
    if (error !== undefined) this.onTupleFailed(error);
    if (!this.host.isWorking) this.host.wake();
  }

  override expire(trees: ReadonlyMap<number, number>): void {
    this.book.expire(trees);
    if (this.#batch !== null && this.book.strikeDead(this.#batch, this.nextRow)) this.#hasExpired = true;
  }

  override heldOf(slot: number, generation: number): number {
    return this.book.heldOf(slot, generation);
  }

  override get heldRows(): number {
    return this.book.openRows;
  }

  protected override setLevels(): void {
    this.block.setLevel("executing", this.#inFlight);
    this.block.setLevel("timedEvery", this.#timing?.timer.timedEvery ?? 0);
  }

  #runRows(batch: TupleBatch, deadlineMs: number): number {
    const start = this.nextRow;
    this.hook = "execute";
    if (batch.roots !== null) this.#setAnchor(batch);
    let skipped = 0;
    try {
      while (this.nextRow < batch.count) {
        if (this.#hasExpired && batch.rowStates?.[this.nextRow] === ROW_EXPIRED) {
          this.nextRow++;
          skipped++;
          continue;
        }
        const before = this.nextRow;
        const isOver = this.#runNext(batch);
        this.#rowsUntilClock -= this.nextRow - before;
        if (isOver || this.isBlocked) break;
        if (this.#rowsUntilClock <= 0 && this.#isTimeUp(deadlineMs)) break;
      }
    } finally {
      if (this.#rowsUntilClock <= 0) this.#rowsUntilClock = ROWS_PER_CLOCK_READ;
      // A promise of the one tuple that may be under way: what it emits later belongs to that tuple, too.
      if (this.#inFlight === 0 || this.#parts.concurrency > 1) this.#setAnchor(null);
    }
    const rows = this.nextRow - start;
    this.executed += rows - skipped;
    if (this.#parts.inner?.edges.has(batch.edgeIndex)) this.innerReceived += rows;
    if (this.nextRow === batch.count) this.#batch = null;
    return rows;
  }

  /** Executes the next rows, or one alone that is to be looked at. */
  #runNext(batch: TupleBatch): boolean {
    if (this.inspector !== null && this.inspector.rowFrom(this.nextRow) === this.nextRow) {
      return this.#runInspected(batch, this.inspector);
    }
    return this.#timing?.isNext === true ? this.#runTimed(batch) : this.#runUntimed(batch);
  }

  #runInspected(batch: TupleBatch, inspector: TaskInspector): boolean {
    const row = this.nextRow;
    const beganMs = inspector.sharedMs;
    const isOver = this.#runSome(batch, row + 1);
    this.#timing?.timer.passed(Math.min(1, this.#timing.timer.rowsBefore));
    inspector.executed(batch, row, beganMs, inspector.sharedMs - beganMs);
    return isOver;
  }

  #runUntimed(batch: TupleBatch): boolean {
    const before = this.nextRow;
    const isOver = this.#runSome(batch, this.#limitFrom(batch, before));
    this.#timing?.timer.passed(this.nextRow - before);
    return isOver;
  }

  #runTimed(batch: TupleBatch): boolean {
    const inFlight = this.#inFlight;
    this.#timing!.begin(batch, this.nextRow);
    const isOver = this.#runSome(batch, this.nextRow + 1);
    this.#timing!.executed(this.#parts.isBasic && this.#inFlight === inFlight);
    return isOver;
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
      this.#onThrow(batch, row, error);
      return this.phase !== "running" || this.held;
    }
    if (result === undefined || !isThenable(result)) {
      this.#settleRows(batch, before, this.nextRow);
      return false;
    }
    this.#settleRows(batch, before, this.nextRow - 1);
    this.#await(result, batch, this.nextRow - 1);
    return this.#inFlight >= this.#parts.concurrency || this.held;
  }

  /** Several tuples at once cannot share one idea of which of them is current. */
  #collectorFor(batch: TupleBatch, row: number): unknown {
    if (!this.#isOneByOne(batch)) return this.#collector;
    return this.#created!.collectorFor!({ current: () => this.anchors.ofOpenRow(batch, row) });
  }

  #isOneByOne(batch: TupleBatch): boolean {
    return batch.roots !== null && this.#parts.concurrency > 1 && this.#parts.isBasic;
  }

  #limitFrom(batch: TupleBatch, row: number): number {
    if (this.#isOneByOne(batch)) return row + 1;
    const untimed = this.#timing?.timer.rowsBefore ?? batch.count;
    const inspected = this.inspector?.rowFrom(row) ?? batch.count;
    const limit = Math.min(batch.count, row + Math.min(this.#rowsUntilClock, untimed), inspected);
    if (!this.#hasExpired) return limit;
    for (let next = row; next < limit; next++) if (batch.rowStates?.[next] === ROW_EXPIRED) return next;
    return limit;
  }

  #settleRows(batch: TupleBatch, from: number, to: number): void {
    if (this.#isOneByOne(batch)) for (let row = from; row < to; row++) this.book.ackRow(batch, row);
    else if (this.#parts.isBasic) this.book.ackRows(batch, from, to);
    else this.book.noteOpen(batch, from, to);
  }

  /** `execute` threw, or its promise was rejected: the tuple is settled, and the task goes on or does not. */
  #onThrow(batch: TupleBatch, row: number, error: unknown): void {
    const isTracked = this.book.isTracked(batch, row);
    const { isBasic, failures } = this.#parts;
    const verdict = verdictOn({ error, policy: failures.policy, isBasic, isTracked });
    if (verdict === "drop") this.#drop(batch, row, error);
    else if (verdict === "fail-run") this.count("errors");
    else this.book.failRow(batch, row, error);
    if (verdict === "fail-run") this.fail("execute", error);
    else if (verdict === "restart-task") this.restart("execute", error);
    else if (isWorthTelling(error)) this.onTupleFailed(error);
  }

  #drop(batch: TupleBatch, row: number, error: unknown): void {
    this.count("dropped");
    const tuple = new (this.#parts.tupleClasses.get(batch.edgeIndex)!)(batch, row);
    const anchors = this.anchors.ofRow(batch, row);
    if (this.#deadLetters.send(tuple, error, anchors)) this.count("deadLettered");
    this.book.dropRow(batch, row);
  }

  #setAnchor(batch: TupleBatch | null): void {
    if (this.#parts.isBasic) this.anchors.enter(batch, this.#collector as BasicTaskCollector);
  }

  /** A slow bolt is looked at after each row, until it is seen to be fast again. */
  #isTimeUp(deadlineMs: number): boolean {
    this.#timeIsUp = this.host.nowMs() >= deadlineMs;
    this.#rowsUntilClock = this.#timeIsUp ? 1 : ROWS_PER_CLOCK_READ;
    return this.#timeIsUp;
  }

  #await(result: PromiseLike<unknown>, batch: TupleBatch, row: number): void {
    this.#inFlight++;
    this.book.noteOpen(batch, row, row + 1);
    const { life } = this;
    result.then(
      () => {
        if (life !== this.life) return;
        if (this.#parts.isBasic) this.book.ackRow(batch, row);
        this.#settled();
      },
      (error) => {
        // Of an instance that was given up: its tracked tuples have failed with it, the others fail the run.
        if (life !== this.life && (this.book.isTracked(batch, row) || this.failures.policy === "drop")) return;
        this.#onThrow(batch, row, error);
        if (life === this.life) this.#settled();
      },
    );
  }

  #settled(): void {
    this.#inFlight--;
    if (this.#parts.concurrency === 1) this.#setAnchor(null);
    this.host.wake();
  }

  /** Takes the next step of an ending input: flush when all sources flushed, end when all ended. */
  #tryEnd(): number {
    if (this.#inFlight > 0) return 0;
    this.#step ??= this.#end.nextStep();
    const step = this.#step;
    if (step === null) return 0;
    const hooks = this.#hooks!;
    if (step === "end") {
      const { isDrained } = this.#end;
      this.runHook(
        "onEnd",
        () => (isDrained ? undefined : hooks.onEnd?.(this.#collector)),
        () => {
          this.#step = null;
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
      () => {
        this.#step = null;
        this.sendSignal(SIGNAL_FLUSH, step === "flush" ? 0 : 1);
      },
    );
    return 1;
  }
}
