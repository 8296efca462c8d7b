import type { ColumnType, FieldSpec } from "../../src/tuple/field-spec.ts";
import { TupleBatch } from "../../src/tuple/tuple-batch.ts";
import { STRINGS_REPEATED, stringSource } from "../input/string-source.ts";

/** Rows of a batch in all micro benchmarks: the default of `batchRowsMax`. */
export const BATCH_ROWS = 256;

/** One column of a type, not nullable. */
export function columnOf(type: ColumnType): FieldSpec {
  return { name: "value", type, nullable: false };
}

/** `count` values that a column of the type accepts, spread over more than small integers. */
export function valuesOf(type: ColumnType, count: number): unknown[] {
  const strings = stringSource(STRINGS_REPEATED);
  const make: Readonly<Record<ColumnType, (index: number) => unknown>> = {
    string: () => strings.next(),
    int32: (index) => Math.imul(index, 0x9e37_79b1),
    float64: (index) => index + 0.25,
    int64: (index) => BigInt(index) * 0x1_0000_0001n,
    bool: (index) => index % 3 === 0,
    bytes: (index) => new Uint8Array(10).fill(index & 0xff),
    any: (index) => ({ index, label: "row" }),
  };
  return Array.from({ length: count }, (_, index) => make[type](index));
}

/** A batch of one column. */
export function batchOf(values: unknown[]): TupleBatch {
  const batch = new TupleBatch(0, 1, 0, [values]);
  batch.count = values.length;
  return batch;
}
