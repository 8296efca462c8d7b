import type { FieldSpec } from "../../tuple/field-spec.ts";

/** What is wrong with a value; anything else is the value itself. */
export class Unfit {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Makes a column's value of a text; `isQuoted` tells an empty text from nothing. */
export type TextReader = (text: string, isQuoted: boolean) => unknown;
/** Makes a column's value of what JSON holds there; undefined when it holds nothing. */
export type JsonReader = (value: unknown) => unknown;

const WHOLE = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const WORDS_FOR_BOOLS: Readonly<Record<string, boolean>> = { true: true, false: false, "1": true, "0": false };

/**
 * How a field of CSV becomes a column: an empty one without quotes is null where the column allows it; `bytes` are
 * base64.
 */
export function textReaderOf({ name, type, nullable }: FieldSpec): TextReader {
  const unfit = (text: string) => new Unfit(`field "${name}": ${quoted(text)} is no ${type}`);
  const read = textReaders[type];
  return (text, isQuoted) => {
    if (text === "" && !isQuoted && nullable) return null;
    const value = read(text);
    return value === undefined ? unfit(text) : value;
  };
}

/** Undefined when the text stands for no such value. */
const textReaders: Readonly<Record<FieldSpec["type"], (text: string) => unknown>> = {
  string: (text) => text,
  any: (text) => text,
  bytes: (text) => (isBase64(text) ? bytesOf(text) : undefined),
  bool: (text) => (Object.hasOwn(WORDS_FOR_BOOLS, text) ? WORDS_FOR_BOOLS[text] : undefined),
  int32(text) {
    const number = Number(text);
    return WHOLE.test(text) && (number | 0) === number ? number | 0 : undefined;
  },
  float64: (text) => (DECIMAL.test(text) ? Number(text) : undefined),
  int64: (text) => (WHOLE.test(text) ? int64Of(BigInt(text.replace(/^\+/, ""))) : undefined),
};

/**
 * How a property of JSON becomes a column. A property that is missing or null is null where the column allows it;
 * `int64` may be a text, since JSON's numbers are exact up to 2^53 only; `bytes` are base64.
 */
export function jsonReaderOf({ name, type, nullable }: FieldSpec): JsonReader {
  const read = jsonReaders[type];
  return (value) => {
    if (value === undefined || value === null) {
      if (nullable || (type === "any" && value === null)) return null;
      return new Unfit(`field "${name}" is ${value === null ? "null" : "missing"}`);
    }
    const fit = read(value);
    return fit === undefined ? new Unfit(`field "${name}": ${kindOf(value)} is no ${type}`) : fit;
  };
}

const jsonReaders: Readonly<Record<FieldSpec["type"], (value: unknown) => unknown>> = {
  string: (value) => (typeof value === "string" ? value : undefined),
  any: (value) => value,
  bytes: (value) => (typeof value === "string" && isBase64(value) ? bytesOf(value) : undefined),
  bool: (value) => (typeof value === "boolean" ? value : undefined),
  int32: (value) => (typeof value === "number" && (value | 0) === value ? value : undefined),
  float64: (value) => (typeof value === "number" ? value : undefined),
  int64(value) {
    if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : undefined;
    return typeof value === "string" && WHOLE.test(value) ? int64Of(BigInt(value.replace(/^\+/, ""))) : undefined;
  },
};

function int64Of(value: bigint): bigint | undefined {
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

/** A copy: small buffers are parts of one that all share. */
function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(Buffer.from(base64, "base64"));
}

function quoted(text: string): string {
  return text.length <= 60 ? `"${text}"` : `"${text.slice(0, 60)}…"`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "string") return quoted(value);
  return typeof value === "object" ? "an object" : String(value);
}
