import { EngineError } from "../../base/engine-error.ts";
import { anyFingerprint } from "../../tuple/any-value.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { RowSchema } from "./outlet.ts";

/**
 * Finds values that were changed between their emit and their delivery, which is against the contract of tuples: on one
 * thread the change would be seen by the consumer, across threads it might not. For the inline runtime; it costs an
 * encoding per value.
 */
export class MutationGuard {
  readonly #schema: RowSchema;
  readonly #guarded: readonly number[];
  /** By row of the open batch, then by guarded column. */
  #prints: number[][] = [];

  constructor(schema: RowSchema) {
    this.#schema = schema;
    this.#guarded = schema.columns.flatMap(({ type }, column) =>
      type === "any" || type === "bytes" ? [column] : [],
    );
  }

  /** Remembers the row that was just appended. */
  rowTaken(values: readonly unknown[]): void {
    if (this.#guarded.length > 0) this.#prints.push(this.#guarded.map((column) => anyFingerprint(values[column])));
  }

  /** @throws EngineError TUPLE_MUTATED when a value of the batch is not what it was when it was emitted */
  check(batch: TupleBatch): void {
    const prints = this.#prints;
    this.#prints = [];
    for (const [row, rowPrints] of prints.entries()) {
      for (const [index, column] of this.#guarded.entries()) {
        if (anyFingerprint(batch.columns[column]![row]) !== rowPrints[index]) this.#throwMutated(column);
      }
    }
  }

  #throwMutated(column: number): never {
    const { component, stream, columns } = this.#schema;
    const field = columns[column]!.name;
    throw new EngineError("TUPLE_MUTATED", {
      problem: `component "${component}" changed a value of field "${field}" of stream "${stream}" after it had emitted it`,
      facts: { component, stream, field },
      remedy: "emit a fresh object, or a copy, and leave it alone afterwards: consumers on this thread share it",
    });
  }
}
