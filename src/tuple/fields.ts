import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import { columnTypes } from "./column-kind.ts";
import type { ColumnType, FieldSpec } from "./field-spec.ts";
import type { CheckedFields, Fields } from "./field-types.ts";

/** Names by which people know our column types from elsewhere. */
const foreignTypeNames: Readonly<Record<string, ColumnType>> = {
  array: "any",
  bigint: "int64",
  boolean: "bool",
  buffer: "bytes",
  double: "float64",
  float: "float64",
  int: "int32",
  integer: "int32",
  json: "any",
  long: "int64",
  number: "float64",
  object: "any",
  text: "string",
  uint8array: "bytes",
  unknown: "any",
  utf8: "string",
};

/**
 * Declares the fields of a stream or of an input: `fields("sku:string", "qty:int32", "note:string?", "extra")`.
 *
 * Each is a name, and after a colon its column type: string, int32, float64, int64, bool, bytes or any. A question
 * mark allows null. A bare name means any. Spaces around name and type do not count.
 *
 * @throws EngineError FIELDS_EMPTY_NAME, FIELDS_RESERVED_NAME, FIELDS_DUPLICATE_NAME, FIELDS_UNKNOWN_TYPE
 */
export function fields<const F extends readonly string[]>(...specs: F & CheckedFields<F>): Fields<F> {
  const names = new Set<string>();
  const columns = (specs as readonly string[]).map((spec) => parseField(spec, names));
  return Object.freeze({ specs: Object.freeze([...specs]) as unknown as F, columns: Object.freeze(columns) });
}

function parseField(spec: string, names: Set<string>): FieldSpec {
  const text = String(spec);
  const colon = text.indexOf(":");
  const name = trimSpaces(colon < 0 ? text : text.slice(0, colon));
  if (name === "") {
    throw new EngineError("FIELDS_EMPTY_NAME", {
      problem: `the field "${text}" has no name`,
      remedy: 'write a name, and its type after a colon: "word:string"',
    });
  }
  if (name.startsWith("$")) {
    throw new EngineError("FIELDS_RESERVED_NAME", {
      problem: `the field name "${name}" begins with "$", which is kept for what the engine adds to a tuple`,
      remedy: "choose a name that begins with something else",
    });
  }
  if (names.has(name)) {
    throw new EngineError("FIELDS_DUPLICATE_NAME", {
      problem: `the field "${name}" is declared twice`,
      facts: { fields: [...names] },
      remedy: "give each field of a stream its own name",
    });
  }
  names.add(name);
  return Object.freeze({ name, ...parseType(name, colon < 0 ? "any" : trimSpaces(text.slice(colon + 1))) });
}

function parseType(name: string, text: string): { type: ColumnType; nullable: boolean } {
  const nullable = text.endsWith("?");
  const type = nullable ? text.slice(0, -1) : text;
  const known = columnTypes.find((candidate) => candidate === type);
  if (known !== undefined) return { type: known, nullable };
  const meant = foreignTypeNames[type.trim().toLowerCase()] ?? nearestName(type, columnTypes);
  throw new EngineError("FIELDS_UNKNOWN_TYPE", {
    problem: `the field "${name}" has the type "${text}", which does not exist`,
    facts: { types: columnTypes },
    remedy: meant === null ? "use one of these types" : `write "${name}:${meant}${nullable ? "?" : ""}"`,
  });
}

/** Only spaces, as the types see it: any other white space is part of the name there too. */
function trimSpaces(text: string): string {
  return text.replace(/^ +| +$/g, "");
}
