/**
 * The types that a column can have. `int64` is a bigint, `bytes` a Uint8Array, `any` whatever FlexBuffers can carry.
 */
export type ColumnType = "string" | "int32" | "float64" | "int64" | "bool" | "bytes" | "any";

/** One field of a stream, as plain data: what threads compare and what the codec is driven by. */
export interface FieldSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}
