import { tryCompile } from "../base/compile-code.ts";
import { appendRow } from "./append-row.ts";
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
  kindsOf,
} from "./column-kind.ts";
import type { FieldSpec } from "./field-spec.ts";
import type { TupleBatch } from "./tuple-batch.ts";

/** `appendRow` for one schema: appends a row, or returns false and leaves the batch as it was. */
export type RowAppender = (batch: TupleBatch, values: readonly unknown[]) => boolean;

/** Conditions under which a value `v` is refused, by type; `null` is dealt with before. */
const refusalOfType: Readonly<Record<number, string>> = {
  [KIND_STRING]: 'typeof v !== "string"',
  [KIND_INT32]: 'typeof v !== "number" || (v | 0) !== v',
  [KIND_FLOAT64]: 'typeof v !== "number"',
  [KIND_INT64]: 'typeof v !== "bigint" || BigInt.asIntN(64, v) !== v',
  [KIND_BOOL]: 'typeof v !== "boolean"',
  [KIND_BYTES]: "!(v instanceof Uint8Array)",
  [KIND_ANY]: 'v !== undefined && typeof v !== "string" && typeof v !== "number" && anyFlaw(v) !== null',
};

/** The fastest way to append rows of these columns: make it once per outgoing stream and keep it. */
export function rowAppenderFor(columns: readonly FieldSpec[]): RowAppender {
  const kinds = kindsOf(columns);
  const make = tryCompile<(check: typeof anyFlaw) => RowAppender>(["anyFlaw"], appenderSource(kinds));
  return make === null ? (batch, values) => appendRow(kinds, batch, values) : make(anyFlaw);
}

/** All checks come before all stores, so that a refused row leaves no trace. */
function appenderSource(kinds: readonly number[]): string {
  const lines = [
    "return function appendRow(batch, values) {",
    `if (!Array.isArray(values) || values.length !== ${kinds.length}) return false;`,
  ];
  kinds.forEach((kind, k) => {
    const refusal = refusalOfType[kind & KIND_TYPE_MASK]!.replaceAll(/\bv\b/g, `v${k}`);
    const isNullAllowed = (kind & KIND_NULLABLE) !== 0 && (kind & KIND_TYPE_MASK) !== KIND_ANY;
    lines.push(`const v${k} = values[${k}];`);
    lines.push(`if (${isNullAllowed ? `v${k} !== null && (${refusal})` : refusal}) return false;`);
  });
  lines.push("const columns = batch.columns;", "const row = batch.count;");
  kinds.forEach((kind, k) => {
    lines.push(`columns[${k}][row] = ${storedValue(kind, `v${k}`)};`);
  });
  lines.push("batch.count = row + 1;", "return true;", "};");
  return lines.join("\n");
}

/** An int32 of -0 becomes 0, as a frame would make it. */
function storedValue(kind: number, name: string): string {
  if ((kind & KIND_TYPE_MASK) !== KIND_INT32) return name;
  return (kind & KIND_NULLABLE) === 0 ? `${name} | 0` : `${name} === null ? null : ${name} | 0`;
}
