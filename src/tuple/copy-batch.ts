import { cloneAny } from "./any-value.ts";
import type { FieldSpec } from "./field-spec.ts";
import { TupleBatch } from "./tuple-batch.ts";

/**
 * A copy of `batch` as a consumer on another thread would receive it, by the rules of the codec but without a frame:
 * only the wanted columns, in the order wanted, and no object shared with the original.
 */
export function copyBatch(batch: TupleBatch, columns: readonly FieldSpec[], wanted: readonly number[]): TupleBatch {
  const count = batch.count;
  const copied = wanted.map((column) => copyColumn(columns[column]!, batch.columns[column]!, count));
  const copy = new TupleBatch(batch.edgeIndex, batch.sourceTask, batch.epoch, copied);
  copy.count = count;
  copy.roots = batch.roots === null ? null : batch.roots.slice(0, batch.rootPairs * 2);
  copy.rootPairs = batch.rootPairs;
  copy.rootOffsets = batch.rootOffsets === null ? null : batch.rootOffsets.slice(0, count + 1);
  return copy;
}

function copyColumn(spec: FieldSpec, column: readonly unknown[], count: number): unknown[] {
  const values = column.slice(0, count);
  switch (spec.type) {
    case "any":
      return values.map(cloneAny);
    case "bytes":
      return values.map((value) => (value === null ? null : new Uint8Array(value as Uint8Array)));
    default:
      return values;
  }
}
