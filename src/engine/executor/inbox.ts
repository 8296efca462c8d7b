import type { Signal } from "../../tuple/signal.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { Link } from "./link.ts";
import type { RingInlet } from "./ring-inlet.ts";

export type InboxItem = TupleBatch | Signal;

/**
 * What waits for one task: batches from tasks of the same thread, by reference, and the rings from other threads.
 *
 * Fair: local work and each ring take turns, batch by batch, so that no source can starve another.
 * Bounded: local rows up to a mark, beyond which senders keep their batches; rings by their bytes.
 */
export class Inbox {
  readonly #rings: RingInlet[] = [];
  readonly #localRowsMax: number;
  #local: (InboxItem | undefined)[] = [];
  #localHead = 0;
  #localRows = 0;
  #turn = 0;

  constructor(localRowsMax: number) {
    this.#localRowsMax = localRowsMax;
  }

  addRing(ring: RingInlet): void {
    this.#rings.push(ring);
  }

  /** Rows that wait in the local queue. */
  get localRows(): number {
    return this.#localRows;
  }

  /** The next batch or signal, or null when nothing is there. */
  next(): InboxItem | null {
    const sources = this.#rings.length + 1;
    for (let tried = 0; tried < sources; tried++) {
      const source = this.#turn;
      this.#turn = source + 1 === sources ? 0 : source + 1;
      const item = source === 0 ? this.#nextLocal() : this.#rings[source - 1]!.next();
      if (item !== null) return item;
    }
    return null;
  }

  /** Takes a batch of the same thread unless too many rows wait; an empty queue takes any batch. */
  tryPush(batch: TupleBatch): boolean {
    if (this.#localRows > 0 && this.#localRows + batch.count > this.#localRowsMax) return false;
    this.#localRows += batch.count;
    this.#local.push(batch);
    return true;
  }

  pushSignal(signal: Signal): void {
    this.#local.push(signal);
  }

  #nextLocal(): InboxItem | null {
    if (this.#localHead === this.#local.length) return null;
    const item = this.#local[this.#localHead]!;
    // Let go of it: a queue that never runs empty would keep every batch that it gave away, and the collector would
    // copy them all again and again.
    this.#local[this.#localHead] = undefined;
    this.#localHead++;
    if (this.#localHead === this.#local.length) {
      this.#local = [];
      this.#localHead = 0;
    } else if (this.#localHead === LOCAL_COMPACT_AT) {
      this.#local.splice(0, this.#localHead);
      this.#localHead = 0;
    }
    if ("count" in item) this.#localRows -= item.count;
    return item;
  }
}

/** A queue that never runs empty would keep what it already gave away; past this many items the front is cut off. */
const LOCAL_COMPACT_AT = 1024;

/** Hands batches to a task of the same thread by reference, with the columns that its input declares. */
export class LocalLink implements Link {
  readonly keepsBatch = true;
  readonly #inbox: Inbox;
  readonly #columns: readonly number[] | null;
  readonly #copy: ((batch: TupleBatch) => TupleBatch) | null;

  /**
   * @param columns the consumer's fields as columns of the stream, or null when they are the same
   * @param copy makes a private copy of a batch (the inline runtime, where nothing may be shared), or null
   */
  constructor(inbox: Inbox, columns: readonly number[] | null, copy: ((batch: TupleBatch) => TupleBatch) | null) {
    this.#inbox = inbox;
    this.#columns = columns;
    this.#copy = copy;
  }

  trySend(batch: TupleBatch): boolean {
    if (!this.#inbox.tryPush(batch)) return false;
    if (this.#copy !== null) batch.columns = this.#copy(batch).columns;
    else if (this.#columns !== null) batch.columns = this.#columns.map((column) => batch.columns[column]!);
    return true;
  }

  trySignal(signal: Signal): boolean {
    this.#inbox.pushSignal(signal);
    return true;
  }

  pendingRows(): number {
    return this.#inbox.localRows;
  }
}
