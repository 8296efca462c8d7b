/**
 * A batch: consecutive tuples of one stream from one task to one task, held as columns.
 *
 * The same class is used on all three sides: an outbox appends rows to it, a local edge hands it over by reference,
 * and the batch reader makes one from a frame. Columns are plain JS arrays on purpose: they hold nulls in place, need
 * no allocation outside the JS heap for a batch of one, and their element kinds (small integer, double, object) stay
 * few, so that the loops over them stay fast.
 *
 * Ownership:  one task at a time. Whoever hands a batch on does not touch it again.
 * Invariant:  every column holds `count` rows; longer arrays are spare room and mean nothing.
 */
export class TupleBatch {
  /** Index in the plan of the edge that it travels on, which names its stream and the consumer's input. */
  edgeIndex: number;
  /** Task id of the producer. */
  sourceTask: number;
  /** The time between two losses of a thread; frames of an older epoch are dropped. */
  epoch: number;
  /** Number of rows. */
  count: number;
  /**
   * One array per column. In an outbox: the stream's columns. In an inbox: the fields that the consumer declared, in
   * its order.
   */
  columns: unknown[][];
  /**
   * Roots as flat (slot, generation) pairs, or null when no row is anchored. Without `rootOffsets`: exactly one pair
   * per row. With it: row r owns the pairs rootOffsets[r] .. rootOffsets[r + 1].
   */
  roots: number[] | null;
  /** Number of pairs; what `roots` holds behind them is spare room. */
  rootPairs: number;
  /** In an outbox: an array for the roots that may come, from a batch that has left. */
  spareRoots: number[] | null;
  rootOffsets: number[] | null;
  /**
   * With the consumer: what became of each row, one of the ROW_ states, or null while nothing was noted. Tuples reach
   * it through their batch, so that a tuple stays two words.
   */
  rowStates: Uint8Array | null;
  /** With the consumer: the task that received the batch, and alone may ack its rows. */
  holder: object | null;

  constructor(edgeIndex: number, sourceTask: number, epoch: number, columns: unknown[][]) {
    this.edgeIndex = edgeIndex;
    this.sourceTask = sourceTask;
    this.epoch = epoch;
    this.count = 0;
    this.columns = columns;
    this.roots = null;
    this.rootPairs = 0;
    this.spareRoots = null;
    this.rootOffsets = null;
    this.rowStates = null;
    this.holder = null;
  }
}

/** Not executed yet, or being executed. */
export const ROW_FRESH = 0;
export const ROW_ACKED = 1;
export const ROW_FAILED = 2;
/** Every tree that the row belonged to has failed meanwhile: what becomes of the row is of no account. */
export const ROW_EXPIRED = 3;
/** Executed, and neither acked nor failed so far. */
export const ROW_OPEN = 4;
