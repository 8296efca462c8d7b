import type { ColumnType, FieldSpec } from "./field-spec.ts";

/** Every column type; a type's place here is its number in frames and in kinds. */
export const columnTypes = [
  "string",
  "int32",
  "float64",
  "int64",
  "bool",
  "bytes",
  "any",
] as const satisfies readonly ColumnType[];

/**
 * A column as one small number, for the loops that run per value: the type's number, plus 8 when the column is
 * nullable. Plain numbers, because a `switch` over them is a jump table and reads no property of an object.
 */
export const KIND_STRING = 0;
export const KIND_INT32 = 1;
export const KIND_FLOAT64 = 2;
export const KIND_INT64 = 3;
export const KIND_BOOL = 4;
export const KIND_BYTES = 5;
export const KIND_ANY = 6;
export const KIND_TYPE_MASK = 7;
export const KIND_NULLABLE = 8;

export function kindOf(spec: FieldSpec): number {
  return columnTypes.indexOf(spec.type) | (spec.nullable ? KIND_NULLABLE : 0);
}

export function kindsOf(columns: readonly FieldSpec[]): readonly number[] {
  return columns.map(kindOf);
}
