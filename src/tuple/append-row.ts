import { anyFlaw } from "./codec/any-flaw.ts";
import {
  KIND_ANY,
  KIND_BOOL,
  KIND_BYTES,
  KIND_FLOAT64,
  KIND_INT32,
  KIND_INT64,
  KIND_NULLABLE,
  KIND_STRING,
  KIND_TYPE_MASK,
} from "./column-kind.ts";
import type { TupleBatch } from "./tuple-batch.ts";

/**
 * Appends one row to an outgoing batch, if each value fits its column: the check and the copy are one pass, because this
 * runs for every emit. Accepts exactly what `checkRow` accepts. An int32 of -0 becomes 0, as a frame would make it.
 *
 * @param kinds the batch's columns, by `kindsOf`
 * @returns false when the row is refused; the batch then holds what it held. `rowError` says why.
 */
export function appendRow(kinds: readonly number[], batch: TupleBatch, values: readonly unknown[]): boolean {
  if (!Array.isArray(values) || values.length !== kinds.length) return false;
  const columns = batch.columns;
  const row = batch.count;
  for (let k = 0; k < kinds.length; k++) {
    const value: unknown = values[k];
    const kind = kinds[k]!;
    // One store per kind: each then sees few kinds of arrays, and stays fast whatever schemas share this code.
    switch (kind) {
      case KIND_STRING:
        if (typeof value !== "string") return false;
        columns[k]![row] = value;
        break;
      case KIND_INT32:
        if (typeof value !== "number" || (value | 0) !== value) return false;
        columns[k]![row] = value | 0;
        break;
      case KIND_FLOAT64:
        if (typeof value !== "number") return false;
        columns[k]![row] = value;
        break;
      case KIND_INT64:
        if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) return false;
        columns[k]![row] = value;
        break;
      case KIND_BOOL:
        if (typeof value !== "boolean") return false;
        columns[k]![row] = value;
        break;
      default:
        if (!acceptsOther(kind, value)) return false;
        columns[k]![row] = typeof value === "number" && (kind & KIND_TYPE_MASK) === KIND_INT32 ? value | 0 : value;
    }
  }
  batch.count = row + 1;
  return true;
}

/** Bytes, any, and all nullable columns. */
function acceptsOther(kind: number, value: unknown): boolean {
  const type = kind & KIND_TYPE_MASK;
  if (value === null) return (kind & KIND_NULLABLE) !== 0 || type === KIND_ANY;
  switch (type) {
    case KIND_STRING:
      return typeof value === "string";
    case KIND_INT32:
      return typeof value === "number" && (value | 0) === value;
    case KIND_FLOAT64:
      return typeof value === "number";
    case KIND_INT64:
      return typeof value === "bigint" && BigInt.asIntN(64, value) === value;
    case KIND_BOOL:
      return typeof value === "boolean";
    case KIND_BYTES:
      return value instanceof Uint8Array;
    default:
      return anyFlaw(value) === null;
  }
}

/** Appends a row that `checkRow` accepts: for the further copies of a tuple that goes to several tasks. */
export function appendCheckedRow(kinds: readonly number[], batch: TupleBatch, values: readonly unknown[]): void {
  const columns = batch.columns;
  const row = batch.count;
  for (let k = 0; k < kinds.length; k++) {
    switch (kinds[k]) {
      case KIND_STRING:
        columns[k]![row] = values[k] as string;
        break;
      case KIND_INT32:
        columns[k]![row] = (values[k] as number) | 0;
        break;
      case KIND_FLOAT64:
        columns[k]![row] = values[k] as number;
        break;
      default:
        columns[k]![row] = values[k];
    }
  }
  batch.count = row + 1;
}
