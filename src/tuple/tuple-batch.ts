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
  /** One array per column. In an outbox: the stream's columns. In an inbox: the fields that the consumer declared, in its order. */
  columns: unknown[][];
  /**
   * Roots as flat (slot, generation) pairs, or null when no row is anchored.
   * Without `rootOffsets`: exactly one pair per row. With it: row r owns the pairs rootOffsets[r] .. rootOffsets[r + 1].
   */
  roots: number[] | null;
  rootOffsets: number[] | null;

  constructor(edgeIndex: number, sourceTask: number, epoch: number, columns: unknown[][]) {
    this.edgeIndex = edgeIndex;
    this.sourceTask = sourceTask;
    this.epoch = epoch;
    this.count = 0;
    this.columns = columns;
    this.roots = null;
    this.rootOffsets = null;
  }
}
