import type { Signal } from "../../tuple/signal.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";

/**
 * The way from one task to one other task over one edge: by reference on the same thread, or through a ring.
 *
 * A link never waits. `false` means no room now: the caller keeps the item and offers the same one again later.
 */
export interface Link {
  /** True when a batch that was sent belongs to the receiver from then on; false when its bytes were copied. */
  readonly keepsBatch: boolean;
  trySend(batch: TupleBatch): boolean;
  trySignal(signal: Signal): boolean;
  /** Tells the receiver that more is held back here than it sees (1), or no longer (-1): for feedback edges. */
  holdsBack(by: 1 | -1): void;
  /** Rows that have gone of a batch for which there was not room enough yet: it goes in parts. */
  readonly rowsGone: number;
  /** Rows on their way, as far as this side can know: exact for a local link, estimated for a ring. */
  pendingRows(): number;
}
