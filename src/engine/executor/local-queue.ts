import type { Signal } from "../../tuple/signal.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { Link } from "./link.ts";
import { WaitingLine } from "./waiting-line.ts";

export type InboxItem = TupleBatch | Signal;

/** A queue that never runs empty would grow by the places of what it gave away; past so many the front is cut off. */
const COMPACT_AT = 1024;

/** What tasks of the same thread have sent to one task, by reference. Bounded in rows. */
export class LocalQueue {
  readonly #rowsMax: number;
  #items: (InboxItem | undefined)[] = [];
  #head = 0;
  #rows = 0;
  readonly #line = new WaitingLine();
  #holdingLinks = 0;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  /** Rows that wait. */
  get rows(): number {
    return this.#rows;
  }

  /** True while some sender holds what found no room. */
  get isAwaited(): boolean {
    return this.#holdingLinks > 0;
  }

  /** See Link. */
  holdsBack(by: 1 | -1): void {
    this.#holdingLinks += by;
  }

  /** Takes a batch unless too many rows wait, or another link waits longer; an empty queue takes any batch. */
  tryPush(batch: TupleBatch, link: Link): boolean {
    const hasRoom = this.#rows === 0 || this.#rows + batch.count <= this.#rowsMax;
    const isTaken = hasRoom && this.#line.isTurnOf(link);
    if (!isTaken || !this.#line.isEmpty) this.#line.note(link, isTaken);
    if (!isTaken) return false;
    this.#rows += batch.count;
    this.#items.push(batch);
    return true;
  }

  /** A new epoch: takes over the batches of the queue before, but for those that belong to trees, and no signals. */
  takeOver(before: LocalQueue): void {
    for (let item = before.next(); item !== null; item = before.next()) {
      if (!("count" in item) || item.roots !== null) continue;
      this.#rows += item.count;
      this.#items.push(item);
    }
  }

  /** Rows that wait and came over one of these edges. */
  rowsOf(edges: ReadonlySet<number>): number {
    let rows = 0;
    for (const item of this.#items) {
      if (item !== undefined && "count" in item && edges.has(item.edgeIndex)) rows += item.count;
    }
    return rows;
  }

  pushSignal(signal: Signal): void {
    this.#items.push(signal);
  }

  next(): InboxItem | null {
    if (this.#head === this.#items.length) return null;
    const item = this.#items[this.#head]!;
    // Let go of it: a queue that never runs empty would keep every batch that it gave away, and the collector would
    // copy them all again and again.
    this.#items[this.#head] = undefined;
    this.#head++;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head === COMPACT_AT) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    if ("count" in item) this.#rows -= item.count;
    return item;
  }
}
