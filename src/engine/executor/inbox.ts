import type { Signal } from "../../tuple/signal.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { Link } from "./link.ts";
import { type InboxItem, LocalQueue } from "./local-queue.ts";
import type { RingInlet } from "./ring-inlet.ts";

export type { InboxItem } from "./local-queue.ts";

/**
 * What waits for one task: batches from tasks of the same thread, by reference, and the rings from other threads.
 *
 * Fair: local work and each ring take turns, batch by batch, so that no source can starve another. But while
 * feedback waits for room, only feedback is taken: else a cycle would take in more than it gets rid of, and grow
 * until it must fail.
 * Bounded: local rows up to a mark, beyond which senders keep their batches; rings by their bytes.
 */
export class Inbox {
  readonly local: LocalQueue;
  readonly #localRowsMax: number;
  /** All sources, which take turns. */
  readonly #sources: (LocalQueue | RingInlet)[];
  /** Those of them that close a cycle. */
  readonly #feedback: (LocalQueue | RingInlet)[] = [];
  #localFeedback: LocalQueue | null = null;
  #turn = 0;

  constructor(localRowsMax: number) {
    this.#localRowsMax = localRowsMax;
    this.local = new LocalQueue(localRowsMax);
    this.#sources = [this.local];
  }

  addRing(ring: RingInlet, isFeedback: boolean): void {
    this.#sources.push(ring);
    if (isFeedback) this.#feedback.push(ring);
  }

  /** The queue of feedback edges from tasks of the same thread: apart, so that forward rows cannot take its room. */
  feedbackQueue(): LocalQueue {
    if (this.#localFeedback === null) {
      this.#localFeedback = new LocalQueue(this.#localRowsMax);
      this.#sources.push(this.#localFeedback);
      this.#feedback.push(this.#localFeedback);
    }
    return this.#localFeedback;
  }

  /** A new epoch: what waits and belongs to no tree stays, as far as it was in this thread's own memory. */
  takeOver(before: Inbox): void {
    this.local.takeOver(before.local);
    if (before.#localFeedback !== null) this.feedbackQueue().takeOver(before.#localFeedback);
  }

  /** Rows that wait in the local queues and came over one of these edges. */
  localRowsOf(edges: ReadonlySet<number>): number {
    return this.local.rowsOf(edges) + (this.#localFeedback?.rowsOf(edges) ?? 0);
  }

  /** Rows that wait in the local queues. */
  get localRows(): number {
    return this.local.rows + (this.#localFeedback?.rows ?? 0);
  }

  /** The next batch or signal, or null when nothing is there. */
  next(): InboxItem | null {
    for (const source of this.#feedback) if (source.isAwaited) return source.next();
    const sources = this.#sources;
    for (let tried = 0; tried < sources.length; tried++) {
      const source = this.#turn;
      this.#turn = source + 1 === sources.length ? 0 : source + 1;
      const item = sources[source]!.next();
      if (item !== null) return item;
    }
    return null;
  }
}

/** Hands batches to a task of the same thread by reference, with the columns that its input declares. */
export class LocalLink implements Link {
  readonly keepsBatch = true;
  readonly rowsGone = 0;
  readonly #queue: LocalQueue;
  readonly #columns: readonly number[] | null;
  readonly #copy: ((batch: TupleBatch) => TupleBatch) | null;

  /**
   * @param columns the consumer's fields as columns of the stream, or null when they are the same
   * @param copy makes a private copy of a batch (the inline runtime, where nothing may be shared), or null
   */
  constructor(
    queue: LocalQueue,
    columns: readonly number[] | null,
    copy: ((batch: TupleBatch) => TupleBatch) | null,
  ) {
    this.#queue = queue;
    this.#columns = columns;
    this.#copy = copy;
  }

  trySend(batch: TupleBatch): boolean {
    if (!this.#queue.tryPush(batch, this)) return false;
    if (this.#copy !== null) batch.columns = this.#copy(batch).columns;
    else if (this.#columns !== null) batch.columns = this.#columns.map((column) => batch.columns[column]!);
    return true;
  }

  holdsBack(by: 1 | -1): void {
    this.#queue.holdsBack(by);
  }

  trySignal(signal: Signal): boolean {
    this.#queue.pushSignal(signal);
    return true;
  }

  pendingRows(): number {
    return this.#queue.rows;
  }
}
