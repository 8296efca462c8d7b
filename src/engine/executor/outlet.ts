import { appendCheckedRow } from "../../tuple/append-row.ts";
import { addRoot, addRoots, completeRoots } from "../../tuple/batch-roots.ts";
import { rowError } from "../../tuple/check-value.ts";
import { KIND_FLOAT64 } from "../../tuple/column-kind.ts";
import type { FieldSpec } from "../../tuple/field-spec.ts";
import type { RowAppender } from "../../tuple/row-appender.ts";
import type { Signal } from "../../tuple/signal.ts";
import { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { Link } from "./link.ts";
import type { MutationGuard } from "./mutation-guard.ts";
import type { Rooting } from "./rooting.ts";

/** What an outlet tells the task that owns it. */
export interface OutletOwner {
  readonly taskId: number;
  /** The flush sweep under way: it tells rows that come one after the other from rows that come once in a while. */
  readonly sweep: number;
  /** Called when an outlet gets its first open row, so that a flush can find it. */
  outletOpened(outlet: Outlet): void;
  /**
   * Called with each batch that leaves: nobody may be looking, when user code emits between the turns of the loop.
   */
  batchShipped(batch: TupleBatch): void;
  /** Rows that found no room, or (negative) found it later. Throws when the task holds more than it may. */
  backlogChanged(outlet: Outlet, rows: number): void;
  /** An open batch could not be sent at all, found outside of any hook. */
  outletFailed(error: unknown): void;
}

/** The stream that rows belong to: what they must look like, and how to name it in an error. */
export interface RowSchema {
  readonly component: string;
  readonly stream: string;
  readonly columns: readonly FieldSpec[];
  /** `kindsOf(columns)`. */
  readonly kinds: readonly number[];
  /** `rowAppenderFor(columns)`: checks and appends in one pass. */
  readonly append: RowAppender;
}

export interface OutletSettings {
  readonly edgeIndex: number;
  readonly targetTask: number;
  readonly consumer: string;
  readonly schema: RowSchema;
  readonly epoch: number;
  readonly isFeedback: boolean;
  readonly batchRowsMax: number;
  /** Rows of the first batch, before there is anything to tune by. */
  readonly batchRowsFirst: number;
  /** Looks for values that change after their emit, or null where that is left to the program's own tests. */
  readonly guard: MutationGuard | null;
}

/**
 * One task's way out over one edge to one target task: collects rows into a batch and sends it when it is full or
 * flushed.
 *
 * The batch size tunes itself: it grows by an eighth whenever a batch fills before a flush, and halves when a flush
 * finds it part-full for want of rows. So a busy edge has long batches and an idle one sends at once.
 *
 * What finds no room waits here, in order; the task then takes no new input until `drain` has sent it, unless this is
 * a feedback edge, which spills.
 */
export class Outlet {
  readonly edgeIndex: number;
  readonly targetTask: number;
  readonly isFeedback: boolean;
  /**
   * The flush sweep in which the open batch got its first row; a batch is flushed by the second sweep that meets it.
   */
  openedInSweep = 0;
  /** True while the executor's list of open outlets holds this one. */
  listed = false;

  readonly #owner: OutletOwner;
  #link: Link;
  readonly schema: RowSchema;
  readonly #consumer: string;
  readonly #kinds: readonly number[];
  readonly #append: RowAppender;
  readonly #batchRowsMax: number;
  readonly #guard: MutationGuard | null;
  #epoch: number;
  #rowsTarget: number;
  /** The sweep in which a batch was last found full. */
  #fullInSweep = 0;
  #batch: TupleBatch;
  #backlog: (TupleBatch | Signal)[] = [];
  #backlogHead = 0;
  #rowsShipped = 0;

  constructor(owner: OutletOwner, link: Link, settings: OutletSettings) {
    this.#owner = owner;
    this.#link = link;
    this.edgeIndex = settings.edgeIndex;
    this.targetTask = settings.targetTask;
    this.isFeedback = settings.isFeedback;
    this.schema = settings.schema;
    this.#consumer = settings.consumer;
    this.#kinds = settings.schema.kinds;
    this.#append = settings.schema.append;
    this.#epoch = settings.epoch;
    this.#batchRowsMax = settings.batchRowsMax;
    this.#rowsTarget = settings.batchRowsFirst;
    this.#guard = settings.guard;
    this.#batch = this.#freshBatch();
  }

  /** Takes one row. @throws EngineError TUPLE_VALUE_INVALID, with nothing taken. */
  append(values: readonly unknown[]): void {
    const batch = this.#batch;
    if (!this.#append(batch, values)) throw rowError({ ...this.schema, values });
    if (this.#guard !== null) this.#guard.rowTaken(values);
    if (batch.count >= this.#rowsTarget) this.#shipFull();
    else if (batch.count === 1) this.#owner.outletOpened(this);
  }

  /**
   * As `append`, by the schema's own appender, given by the caller: a caller that knows one stream only then has it
   * compiled into its code, where the call from here meets those of all streams.
   */
  appendBy(append: RowAppender, values: readonly unknown[]): void {
    const batch = this.#batch;
    if (!append(batch, values)) throw rowError({ ...this.schema, values });
    if (this.#guard !== null) this.#guard.rowTaken(values);
    if (batch.count >= this.#rowsTarget) this.#shipFull();
    else if (batch.count === 1) this.#owner.outletOpened(this);
  }

  /** As `append`, for a row that was checked before. */
  appendChecked(values: readonly unknown[]): void {
    const batch = this.#batch;
    appendCheckedRow(this.#kinds, batch, values);
    if (this.#guard !== null) this.#guard.rowTaken(values);
    if (batch.count >= this.#rowsTarget) this.#shipFull();
    else if (batch.count === 1) this.#owner.outletOpened(this);
  }

  /**
   * Takes the only copy of a row, as a part of trees. These are begun once the row is known to be good, and before it
   * can leave.
   *
   * @throws EngineError TUPLE_VALUE_INVALID, with nothing taken
   */
  appendTracked(values: readonly unknown[], rooting: Rooting): void {
    this.appendTrackedBy(this.#append, values, rooting);
  }

  /** As `appendTracked`, in the way of `appendBy`. */
  appendTrackedBy(append: RowAppender, values: readonly unknown[], rooting: Rooting): void {
    const batch = this.#batch;
    if (!append(batch, values)) throw rowError({ ...this.schema, values });
    rooting.begin(1);
    addRoots(batch, rooting.pairs, rooting.pairCount);
    if (this.#guard !== null) this.#guard.rowTaken(values);
    if (batch.count >= this.#rowsTarget) this.#shipFull();
    else if (batch.count === 1) this.#owner.outletOpened(this);
  }

  /** Takes one row, which leaves when `rootRow` has said which tree it is of. @throws as `append` */
  takeRow(values: readonly unknown[]): void {
    if (!this.#append(this.#batch, values)) throw rowError({ ...this.schema, values });
    if (this.#guard !== null) this.#guard.rowTaken(values);
  }

  /** See `takeRow`. */
  rootRow(slot: number, generation: number): void {
    const batch = this.#batch;
    addRoot(batch, slot, generation);
    if (batch.count >= this.#rowsTarget) this.#shipFull();
    else if (batch.count === 1) this.#owner.outletOpened(this);
  }

  /** Takes one row that was checked before, as a part of trees. */
  appendRooted(values: readonly unknown[], pairs: readonly number[], pairCount: number): void {
    const batch = this.#batch;
    appendCheckedRow(this.#kinds, batch, values);
    addRoots(batch, pairs, pairCount);
    if (this.#guard !== null) this.#guard.rowTaken(values);
    if (batch.count >= this.#rowsTarget) this.#shipFull();
    else if (batch.count === 1) this.#owner.outletOpened(this);
  }

  /**
   * Sends the open rows, if any.
   *
   * @param isSlow true when rows come too slowly to fill a batch: the next one is expected to be shorter
   */
  flush(isSlow: boolean): number {
    const rows = this.#batch.count;
    if (rows === 0) return 0;
    if (isSlow) this.#rowsTarget = Math.max(1, this.#rowsTarget >> 1);
    this.#ship();
    return rows;
  }

  /** As `flush`, for a caller outside of any hook: an error goes to the task. */
  flushFromOutside(isSlow: boolean): number {
    try {
      return this.flush(isSlow);
    } catch (error) {
      this.#owner.outletFailed(error);
      return 1;
    }
  }

  /** The stream's own, for `appendBy`. */
  get appender(): RowAppender {
    return this.#append;
  }

  get hasOpenRows(): boolean {
    return this.#batch.count > 0;
  }

  get hasBacklog(): boolean {
    return this.#backlog.length > 0;
  }

  /** For errors: `component:stream → consumer`. */
  get edgeName(): string {
    return `"${this.schema.component}:${this.schema.stream} → ${this.#consumer}"`;
  }

  /** All rows ever appended. */
  get rowsTaken(): number {
    return this.#rowsShipped + this.#batch.count;
  }

  /** Rows that the target has not taken yet, as far as this side knows. */
  pendingRows(): number {
    return this.#batch.count + this.#link.pendingRows();
  }

  /** Sends a signal behind everything that was appended before. */
  signal(signal: Signal): void {
    this.flush(false);
    if (this.#guard !== null) this.#guard.check();
    if (this.#backlog.length === 0 && this.#link.trySignal(signal)) return;
    this.#backlog.push(signal);
    this.#owner.backlogChanged(this, 0);
  }

  /** Offers what found no room again, in order. Returns how many items went; a part of one counts as one. */
  drain(): number {
    const start = this.#backlogHead;
    const rowsGone = this.#link.rowsGone;
    while (this.#backlogHead < this.#backlog.length) {
      const item = this.#backlog[this.#backlogHead]!;
      const isBatch = item instanceof TupleBatch;
      if (isBatch && this.#guard !== null) this.#guard.checkWaiting(item);
      if (!(isBatch ? this.#link.trySend(item) : this.#link.trySignal(item))) break;
      this.#backlogHead++;
      if (isBatch) this.#owner.backlogChanged(this, -item.count);
    }
    const sent = this.#backlogHead - start;
    if (this.#backlogHead === this.#backlog.length && sent > 0) {
      this.#backlog = [];
      this.#backlogHead = 0;
      // Not before all of it went: the receiver must not take the pauses in between for room for new input.
      if (this.isFeedback) this.#link.holdsBack(-1);
    }
    // A part is progress too: where nobody rings, whoever calls must not take this for a standstill.
    return sent === 0 && this.#link.rowsGone !== rowsGone ? 1 : sent;
  }

  /**
   * A new epoch: rows that belong to trees are given up, since those have failed; the rest waits for the new link.
   * Signals are repeated by the task.
   */
  beginEpoch(link: Link, epoch: number): void {
    const waiting = this.#backlog.slice(this.#backlogHead);
    // Of a batch that was sent in part, the rest would come twice in part.
    if (this.#link.rowsGone > 0) waiting.shift();
    const batches = waiting.filter((item): item is TupleBatch => item instanceof TupleBatch && item.roots === null);
    this.#link = link;
    this.#epoch = epoch;
    this.listed = false;
    this.#backlog = batches;
    this.#backlogHead = 0;
    this.#rowsShipped = 0;
    if (this.#batch.roots === null) this.#batch.epoch = epoch;
    else this.#batch = this.#freshBatch();
    for (const batch of batches) {
      batch.epoch = epoch;
      this.#rowsShipped += batch.count;
      this.#owner.backlogChanged(this, batch.count);
    }
    if (this.isFeedback && batches.length > 0) link.holdsBack(1);
    if (this.#batch.count > 0) this.#owner.outletOpened(this);
  }

  #shipFull(): void {
    const sweep = this.#owner.sweep;
    // A row that comes once in a while fills its batch of one, too: were that taken for a rush, the next would wait.
    if (this.#rowsTarget > 1 || this.#fullInSweep === sweep) {
      // By an eighth, not by one: after a pause a busy edge is back at long batches within a few thousand rows.
      const grown = this.#rowsTarget + 1 + (this.#rowsTarget >> 3);
      this.#rowsTarget = grown < this.#batchRowsMax ? grown : this.#batchRowsMax;
    }
    this.#fullInSweep = sweep;
    this.#ship();
  }

  #ship(): void {
    const batch = this.#batch;
    this.#rowsShipped += batch.count;
    if (batch.roots !== null) completeRoots(batch);
    this.#owner.batchShipped(batch);
    if (this.#guard !== null) this.#guard.batchClosed();
    if (this.#backlog.length === 0 && this.#link.trySend(batch)) {
      if (this.#link.keepsBatch) this.#batch = this.#freshBatch();
      else emptyBatch(batch);
      return;
    }
    this.#batch = this.#freshBatch();
    if (this.#guard !== null) this.#guard.batchWaits(batch);
    if (this.isFeedback && this.#backlog.length === 0) this.#link.holdsBack(1);
    this.#backlog.push(batch);
    this.#owner.backlogChanged(this, batch.count);
  }

  #freshBatch(): TupleBatch {
    const columns: unknown[][] = [];
    for (const kind of this.#kinds) columns.push(freshColumn(kind, this.#rowsTarget));
    return new TupleBatch(this.edgeIndex, this.#owner.taskId, this.#epoch, columns);
  }
}

/**
 * With room for the rows that are expected: an array that grows is copied, all in all more than twice. Numbers with
 * fractions begin with none, because V8 would have to make another kind of array of the room.
 */
function freshColumn(kind: number, rows: number): unknown[] {
  return kind === KIND_FLOAT64 ? [] : new Array<unknown>(rows);
}

/** For its next rows; the arrays of its columns stay. */
function emptyBatch(batch: TupleBatch): void {
  batch.count = 0;
  if (batch.roots !== null) batch.spareRoots = batch.roots;
  batch.roots = null;
  batch.rootPairs = 0;
  batch.rootOffsets = null;
}
