import { inspect } from "node:util";
import { EngineError } from "../base/engine-error.ts";
import { anyFlaw } from "./codec/any-flaw.ts";
import type { FieldSpec } from "./field-spec.ts";

/** What is wrong with one row: which field (null when the row as a whole is), its value, and why. */
export interface RowFlaw {
  readonly spec: FieldSpec | null;
  readonly value: unknown;
  readonly problem: string;
}

/** Where a row was emitted. */
export interface RowOrigin {
  readonly component: string;
  readonly stream: string;
}

/**
 * What is wrong with `value` in a column of this declaration; null when nothing is. The words continue a sentence
 * that begins with the value: "is not an integer". `appendRow` accepts the same values; this one explains.
 */
export function checkValue(spec: FieldSpec, value: unknown): string | null {
  if (spec.type === "any") {
    const flaw = anyFlaw(value);
    return flaw === null ? null : `holds ${flaw}, which cannot be copied to another thread`;
  }
  if (value === null)
    return spec.nullable ? null : `is not allowed: declare "${spec.name}:${spec.type}?" to allow null`;
  if (value === undefined) return `is not a value of type ${spec.type}`;
  switch (spec.type) {
    case "string":
      return typeof value === "string" ? null : `is ${article(value)}, not a string`;
    case "int32":
      return int32Problem(value);
    case "float64":
      return typeof value === "number" ? null : `is ${article(value)}, not a number`;
    case "int64":
      if (typeof value !== "bigint") return `is ${article(value)}, not a bigint`;
      return BigInt.asIntN(64, value) === value ? null : "does not fit into 64 bits";
    case "bool":
      return typeof value === "boolean" ? null : `is ${article(value)}, not a boolean`;
    case "bytes":
      return value instanceof Uint8Array ? null : `is ${article(value)}, not a Uint8Array`;
  }
}

function int32Problem(value: unknown): string | null {
  if (typeof value !== "number") return `is ${article(value)}, not an integer`;
  if (!Number.isInteger(value)) return "is not an integer";
  return (value | 0) === value ? null : "does not fit into int32, which ends at -2147483648 and 2147483647";
}

function article(value: unknown): string {
  const type = typeof value;
  if (type !== "object") return type === "undefined" ? "undefined" : `a ${type}`;
  const name: unknown = (value as object).constructor?.name;
  return typeof name === "string" && name !== "" ? `an object (${name})` : "an object";
}

/** The first thing that is wrong with a row of these columns; null when nothing is. */
export function checkRow(columns: readonly FieldSpec[], values: unknown): RowFlaw | null {
  if (!Array.isArray(values)) return { spec: null, value: values, problem: "the values are not an array" };
  if (values.length !== columns.length) {
    const problem = `${countOf(values.length, "value")} for ${countOf(columns.length, "field")}`;
    return { spec: null, value: values, problem };
  }
  for (let k = 0; k < columns.length; k++) {
    const problem = checkValue(columns[k]!, values[k]);
    if (problem !== null) return { spec: columns[k]!, value: values[k], problem };
  }
  return null;
}

function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The error for one bad value. */
export function valueError(bad: RowOrigin & { spec: FieldSpec; value: unknown }): EngineError {
  const { component, stream, spec, value } = bad;
  const shown = preview(value);
  const problem = checkValue(spec, value) ?? `is not a value of type ${spec.type}`;
  const place = `field "${spec.name}" of stream "${stream}"`;
  return new EngineError("TUPLE_VALUE_INVALID", {
    problem: `component "${component}" emitted a bad value for ${place}: ${shown} ${problem}`,
    facts: { component, stream, field: spec.name, declared: `${spec.type}${spec.nullable ? "?" : ""}`, value: shown },
    remedy: "emit a value of the declared type, or change the declaration of the field",
  });
}

/** The error for a row that `appendRow` refused. */
export function rowError(bad: RowOrigin & { columns: readonly FieldSpec[]; values: unknown }): EngineError {
  const { component, stream, columns, values } = bad;
  const flaw = checkRow(columns, values);
  if (flaw !== null && flaw.spec !== null)
    return valueError({ component, stream, spec: flaw.spec, value: flaw.value });
  return new EngineError("TUPLE_VALUE_INVALID", {
    problem: `component "${component}" emitted a bad row on stream "${stream}": ${flaw?.problem ?? "it was refused"}`,
    facts: { component, stream, fields: columns.map((spec) => spec.name), values: preview(values) },
    remedy: "emit an array with one value for each field, in the order of their declaration",
  });
}

function preview(value: unknown): string {
  const text = inspect(value, {
    depth: 1,
    maxArrayLength: 8,
    maxStringLength: 80,
    breakLength: Number.POSITIVE_INFINITY,
  });
  return text.length <= 200 ? text : `${text.slice(0, 200)}…`;
}
