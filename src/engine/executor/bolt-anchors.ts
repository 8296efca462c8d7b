import { TupleUtils } from "../../tuple/tick-tuple.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import { AnchorSet } from "./anchor-set.ts";
import type { BasicTaskCollector, CurrentAnchor } from "./collectors.ts";
import type { RowBook } from "./row-book.ts";
import type { RowCursor } from "./row-loop.ts";
import type { Tracking } from "./tracking.ts";

export interface BoltAnchorsParts {
  readonly cursor: RowCursor;
  readonly book: RowBook;
  readonly anchorsMax: number;
  readonly tracking: Tracking | null;
}

/** Which trees what a bolt emits belongs to: those of the tuple that is being executed, or of those that it names. */
export class BoltAnchors implements CurrentAnchor {
  readonly #parts: BoltAnchorsParts;
  #set: AnchorSet | null;
  /** The batch whose row is being executed: what a basic bolt emits is anchored to it. */
  #executing: TupleBatch | null = null;

  constructor(parts: BoltAnchorsParts) {
    this.#parts = parts;
    this.#set = this.#newSet(parts.tracking);
  }

  beginEpoch(tracking: Tracking | null): void {
    this.#set = this.#newSet(tracking);
  }

  /** From now on, or no longer, a basic bolt's emits belong to the rows of a batch. */
  enter(batch: TupleBatch | null, collector: BasicTaskCollector): void {
    this.#executing = batch;
    collector.isAnchored = batch !== null;
  }

  /** See CurrentAnchor. */
  current(): AnchorSet | null {
    return this.#executing === null ? null : this.ofRow(this.#executing, this.#parts.cursor.nextRow - 1);
  }

  /** Null for a row that belongs to no tree, and where nothing is tracked. */
  ofRow(batch: TupleBatch, row: number): AnchorSet | null {
    const set = this.#set;
    set?.setRow(batch, row);
    return set?.hadRoots === true ? set : null;
  }

  /** For a tuple among several: its collector may be used when it is settled, and what it emits then goes nowhere. */
  ofOpenRow(batch: TupleBatch, row: number): AnchorSet | null {
    const { book } = this.#parts;
    if (!book.isTracked(batch, row) || !book.isSettled(batch, row)) return this.ofRow(batch, row);
    const set = this.#set!;
    set.clear();
    set.hadRoots = true;
    return set;
  }

  /**
   * The trees of the tuples that a rich bolt anchors to; null when they belong to none.
   *
   * @throws EngineError ANCHOR_NOT_A_TUPLE, ANCHOR_FINISHED, ANCHORS_TOO_MANY
   */
  of(anchors: unknown): AnchorSet | null {
    const set = this.#set;
    set?.clear();
    if (TupleUtils.isTick(anchors)) return null;
    const { book } = this.#parts;
    if (Array.isArray(anchors)) for (const anchor of anchors) book.anchor(anchor, set);
    else book.anchor(anchors, set);
    return set?.hadRoots === true ? set : null;
  }

  #newSet(tracking: Tracking | null): AnchorSet | null {
    return tracking === null ? null : new AnchorSet(tracking.ledger, this.#parts.anchorsMax);
  }
}
