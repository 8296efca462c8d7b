import { EngineError } from "../../base/engine-error.ts";
import { anyFingerprint } from "../../tuple/any-value.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { RowSchema } from "./outlet.ts";

/** What was emitted in one row, and what it looked like then: only the columns that hold objects. */
interface GuardedRow {
  readonly values: readonly unknown[];
  readonly prints: readonly number[];
}

/**
 * Finds values that were changed after their emit, which is against the contract of tuples: on one thread the change
 * would be seen by the consumer, across threads it might not. For the inline runtime; it costs encodings per value.
 *
 * A batch may be of one row and gone as soon as it is emitted, so rows are looked at once more after they were sent:
 * with the next batch, and with the signals at the end.
 */
export class MutationGuard {
  readonly #schema: RowSchema;
  readonly #guarded: readonly number[];
  #open: GuardedRow[] = [];
  #sentBefore: readonly GuardedRow[] = [];
  /** Rows of batches that found no room: their values are copied only when they do. */
  readonly #waiting = new WeakMap<TupleBatch, readonly GuardedRow[]>();

  constructor(schema: RowSchema) {
    this.#schema = schema;
    this.#guarded = schema.columns.flatMap(({ type }, column) =>
      type === "any" || type === "bytes" ? [column] : [],
    );
  }

  /** Remembers the row that was just appended. */
  rowTaken(values: readonly unknown[]): void {
    if (this.#guarded.length === 0) return;
    const guarded = this.#guarded.map((column) => values[column]);
    this.#open.push({ values: guarded, prints: guarded.map(anyFingerprint) });
  }

  /** Before the open rows are sent. @throws EngineError TUPLE_MUTATED when a value is not what it was when emitted */
  batchClosed(): void {
    this.check();
    this.#sentBefore = this.#open;
    this.#open = [];
  }

  /** Looks at the open rows, and at those of the batch before. @throws EngineError TUPLE_MUTATED */
  check(): void {
    this.#checkRows(this.#sentBefore);
    this.#checkRows(this.#open);
  }

  /** The batch that was closed last found no room. */
  batchWaits(batch: TupleBatch): void {
    this.#waiting.set(batch, this.#sentBefore);
  }

  /** Before a batch that waited is offered again. @throws EngineError TUPLE_MUTATED */
  checkWaiting(batch: TupleBatch): void {
    this.#checkRows(this.#waiting.get(batch) ?? []);
  }

  #checkRows(rows: readonly GuardedRow[]): void {
    for (const { values, prints } of rows) {
      for (const [index, column] of this.#guarded.entries()) {
        if (anyFingerprint(values[index]) !== prints[index]) this.#throwMutated(column);
      }
    }
  }

  #throwMutated(column: number): never {
    const { component, stream, columns } = this.#schema;
    const field = columns[column]!.name;
    throw new EngineError("TUPLE_MUTATED", {
      problem: `component "${component}" changed a value of field "${field}" of stream "${stream}" after its emit`,
      facts: { component, stream, field },
      remedy: "emit a fresh object, or a copy, and leave it alone afterwards: consumers on this thread share it",
    });
  }
}
