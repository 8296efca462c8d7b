import type { FieldSpec } from "../../tuple/field-spec.ts";
import type { Fields } from "../../tuple/field-types.ts";
import type { AnyTuple } from "../../tuple/tuple.ts";
import { connectorFailed } from "../shared/connector-failed.ts";
import type { CsvSigns } from "./csv-records.ts";

/** Makes the record of a row, with its line end. */
export type RecordWriter = (row: AnyTuple) => string;

type Columns = Readonly<Record<string, unknown>>;

/** An object of JSON in one line. `int64` beyond 2^53 is a text, `bytes` are base64: `fileSpout` reads both. */
export function jsonWriter({ columns }: Fields): RecordWriter {
  const names = columns.map(({ name }) => name);
  return (row) => {
    const object: Record<string, unknown> = {};
    for (const name of names) {
      const value = (row as unknown as Columns)[name];
      // An assignment to this name would set a prototype.
      if (name === "__proto__") Object.defineProperty(object, name, { value, enumerable: true });
      else object[name] = value;
    }
    return `${JSON.stringify(object, replaceForJson)}\n`;
  };
}

function replaceForJson(this: unknown, _key: string, value: unknown): unknown {
  if (typeof value === "bigint") {
    const isSafe = value <= Number.MAX_SAFE_INTEGER && value >= Number.MIN_SAFE_INTEGER;
    return isSafe ? Number(value) : String(value);
  }
  // A Buffer has been made an object by its own toJSON when it comes here.
  const original = (this as Columns)[_key];
  return original instanceof Uint8Array ? base64Of(original) : value;
}

/** The user's own line. It may not hold a line end: the record would be two. */
export function lineWriter(makeLine: (row: AnyTuple) => string): RecordWriter {
  return (row) => {
    const line: unknown = makeLine(row);
    if (typeof line === "string" && !line.includes("\n")) return `${line}\n`;
    throw connectorFailed({
      connector: "fileBolt",
      operation: "format",
      problem: typeof line === "string" ? "a line holds a line end" : `the format made ${typeof line} of a row`,
      remedy: "let the function give one line of text, without its end",
    });
  };
}

/** A record of RFC 4180, with line feeds alone. Null is empty, an empty text stands in quotes. */
export function csvWriter({ columns }: Fields, signs: CsvSigns): RecordWriter {
  return (row) => {
    const texts = columns.map((column) => csvField((row as unknown as Columns)[column.name], column, signs));
    return `${texts.join(signs.separator)}\n`;
  };
}

/** The record that names the columns. */
export function csvHeader({ columns }: Fields, signs: CsvSigns): string {
  return `${columns.map(({ name }) => inQuotes(name, signs)).join(signs.separator)}\n`;
}

function csvField(value: unknown, { type }: FieldSpec, signs: CsvSigns): string {
  if (value === null || value === undefined) return "";
  if (type === "any")
    return inQuotes(typeof value === "string" ? value : JSON.stringify(value, replaceForJson), signs);
  return inQuotes(value instanceof Uint8Array ? base64Of(value) : String(value), signs);
}

function inQuotes(text: string, { separator, quote }: CsvSigns): string {
  const needsQuotes =
    text === "" || text.includes(separator) || text.includes(quote) || text.includes("\n") || text.includes("\r");
  return needsQuotes ? quote + text.replaceAll(quote, quote + quote) + quote : text;
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
