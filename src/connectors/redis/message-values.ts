import type { FieldSpec } from "../../tuple/field-spec.ts";

/** A value that is not what its column wants; the message says why. */
export class UnreadableValue extends Error {
  override readonly name = "UnreadableValue";
}

/**
 * A column's value from what Redis keeps of it: texts of numbers and of JSON are read, bytes stay what they are.
 *
 * @throws UnreadableValue
 */
export function valueFromText({ name, type, nullable }: FieldSpec, bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined) {
    if (nullable) return null;
    throw new UnreadableValue(`it has no "${name}"`);
  }
  if (type === "bytes") return bytes;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  const value = READERS[type](text);
  if (value === undefined) throw new UnreadableValue(`its "${name}" is no ${type}: ${text.slice(0, 40)}`);
  return value;
}

type Reader = (text: string) => unknown;

/** Undefined for a text that is nothing of that type. */
const READERS: Readonly<Record<Exclude<FieldSpec["type"], "bytes">, Reader>> = {
  string: (text) => text,
  int32: (text) => (/^[+-]?\d+$/.test(text) && (Number(text) | 0) === Number(text) ? Number(text) : undefined),
  float64: (text) => (text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text)),
  int64: (text) => (/^-?\d+$/.test(text) ? BigInt(text) : undefined),
  bool: (text) => (["1", "true"].includes(text) ? true : ["0", "false"].includes(text) ? false : undefined),
  any: parsedOrUndefined,
};

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A row's values from the text of a JSON object. @throws UnreadableValue */
export function valuesOfJson(columns: readonly FieldSpec[], text: string): unknown[] {
  const row = parsedOrUndefined(text);
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    throw new UnreadableValue("it is no JSON object");
  }
  // A column may be called as something that every object inherits.
  const own = (name: string) => (Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined);
  return columns.map((column) => fromJson(column, own(column.name)));
}

function fromJson({ name, type, nullable }: FieldSpec, value: unknown): unknown {
  if (value === undefined || value === null) {
    if (nullable || (type === "any" && value === null)) return null;
    throw new UnreadableValue(`it has no "${name}"`);
  }
  if (type === "int64" && Number.isSafeInteger(value)) return BigInt(value as number);
  if (type === "bytes" && typeof value === "string") return Buffer.from(value, "base64");
  if (JSON_TYPES[type](value)) return value;
  throw new UnreadableValue(`its "${name}" is no ${type}`);
}

const JSON_TYPES: Readonly<Record<FieldSpec["type"], (value: unknown) => boolean>> = {
  string: (value) => typeof value === "string",
  int32: (value) => typeof value === "number" && (value | 0) === value,
  float64: (value) => typeof value === "number",
  int64: () => false,
  bool: (value) => typeof value === "boolean",
  bytes: () => false,
  any: () => true,
};
