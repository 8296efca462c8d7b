import { SIGNAL_END_OF_STREAM } from "../../tuple/signal.ts";
import { ROW_EXPIRED, type TupleBatch } from "../../tuple/tuple-batch.ts";
import type { TupleClass } from "./create-instance.ts";
import { RowBook } from "./row-book.ts";
import { Task } from "./task.ts";
import type { TaskEpoch, TaskParts } from "./task-parts.ts";

export interface OutputParts extends TaskParts {
  readonly tupleClasses: ReadonlyMap<number, TupleClass>;
  readonly upstreamSignals: number;
}

interface Reader {
  resolve(result: IteratorResult<object, undefined>): void;
  reject(error: unknown): void;
}

/**
 * The main thread's end of an output: an async iterator over the tuples of one stream.
 *
 * Nothing is read ahead of the program but one batch, so a slow reader holds the topology back through full rings.
 * Leaving the iterator detaches the output: from then on its tuples are dropped, and the topology runs on.
 */
export class OutputTask extends Task implements AsyncIterableIterator<object> {
  readonly #parts: OutputParts;
  readonly #book: RowBook;
  #batch: TupleBatch | null = null;
  #row = 0;
  #readers: Reader[] = [];
  #endSignals = 0;
  /** Batches and signals taken so far: each gave room back, which is work even if nobody reads the rows yet. */
  #itemsTaken = 0;
  #detached = false;
  #failure: { error: unknown } | null = null;
  #ended = false;
  /** True once it was said that nobody reads this output. */
  warned = false;

  constructor(parts: OutputParts) {
    super(parts);
    this.#parts = parts;
    this.#book = new RowBook(this, parts.tracking, parts.block);
  }

  override beginEpoch(next: TaskEpoch): void {
    super.beginEpoch(next);
    this.#endSignals = 0;
    // Rows of trees come again; those that belong to none are in this thread's own memory, and stay.
    this.#book.beginEpoch(next.tracking, this.#batch, this.#row);
    this.#skipExpired();
  }

  async open(): Promise<void> {
    this.phase = "running";
  }

  async close(): Promise<void> {
    this.#batch = null; // What was not read by now is dropped: a run that was killed hands out nothing more.
    this.#finish();
    this.phase = "closed";
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<object, undefined>> {
    if (this.#failure !== null) return Promise.reject(this.#failure.error);
    if (this.#ended || this.#detached) return Promise.resolve({ done: true, value: undefined });
    const takenBefore = this.#itemsTaken;
    const value = this.#readers.length === 0 ? this.#take() : null;
    if (this.#itemsTaken > takenBefore) this.host.wake();
    if (value !== null) return Promise.resolve({ done: false, value });
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      this.host.wake();
    });
  }

  /** Leaving a `for await` early detaches the output. */
  return(): Promise<IteratorResult<object, undefined>> {
    this.detach();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** From now on, drops what arrives instead of holding it for a reader. */
  detach(): void {
    this.#detached = true;
    if (this.#batch !== null) {
      this.#countTaken(this.#batch, this.#batch.count - this.#row);
      this.#book.ackRows(this.#batch, this.#row, this.#batch.count);
    }
    this.#batch = null;
    this.#settleReaders();
    this.host.wake();
  }

  /** The run failed: whoever reads learns of it rather than taking the end for the end of the data. */
  failReaders(error: unknown): void {
    this.#failure = { error };
    for (const reader of this.#readers) reader.reject(error);
    this.#readers = [];
  }

  /** True while tuples wait that nobody asked for. */
  get hasUnread(): boolean {
    return this.#batch !== null && this.#readers.length === 0;
  }

  /** Tuples that were taken, or dropped for want of a reader. */
  get taken(): number {
    return this.executed;
  }

  doWork(): number {
    if (this.phase !== "running") return 0;
    let work = 0;
    const takenBefore = this.#itemsTaken;
    while (this.#readers.length > 0 || this.#detached) {
      const value = this.#take();
      if (value === null) break;
      work++;
      if (!this.#detached) this.#readers.shift()!.resolve({ done: false, value });
    }
    if (this.#batch === null && this.#readers.length === 0) this.#loadBatch();
    work += this.#itemsTaken - takenBefore;
    if (this.#batch === null && this.#endSignals >= this.#parts.upstreamSignals) {
      this.#finish();
      this.phase = "done";
      this.host.taskDone(this);
      work++;
    }
    return work;
  }

  isQuiet(): boolean {
    return this.#batch === null;
  }

  #take(): object | null {
    if (this.#batch === null && !this.#loadBatch()) return null;
    const batch = this.#batch!;
    const TupleClass = this.#parts.tupleClasses.get(batch.edgeIndex)!;
    const tuple = new TupleClass(batch, this.#row++);
    this.#countTaken(batch, 1);
    // The program has it now, and that is the end of its way.
    this.#book.ackRows(batch, this.#row - 1, this.#row);
    this.#skipExpired();
    if (this.#batch === null || batch.roots !== null) this.host.wake();
    return tuple;
  }

  #countTaken(batch: TupleBatch, rows: number): void {
    this.executed += rows;
    const { words, inputs } = this.block;
    const word = inputs.get(batch.edgeIndex)!.executed;
    words[word] = (words[word]! + rows) | 0;
  }

  /** Comes to the next row that is to be handed out, or to the end of the batch. */
  #skipExpired(): void {
    const batch = this.#batch;
    if (batch === null) return;
    while (this.#row < batch.count && batch.rowStates?.[this.#row] === ROW_EXPIRED) this.#row++;
    if (this.#row === batch.count) this.#batch = null;
  }

  #loadBatch(): boolean {
    for (;;) {
      const item = this.inbox!.next();
      if (item === null) return false;
      this.#itemsTaken++;
      if ("count" in item) {
        this.block.arrived(item.count);
        this.#batch = item;
        this.#row = 0;
        return true;
      }
      if (item.kind === SIGNAL_END_OF_STREAM) this.#endSignals++;
    }
  }

  #finish(): void {
    this.#ended = true;
    this.#settleReaders();
  }

  #settleReaders(): void {
    if (!this.#detached && !this.#ended) return;
    for (const reader of this.#readers) reader.resolve({ done: true, value: undefined });
    this.#readers = [];
  }
}
