import { EngineError } from "../../base/engine-error.ts";
import type { Fields, Names, Row } from "../../tuple/field-types.ts";
import type { OptionReader } from "../shared/option-reader.ts";
import type { RedisArgument } from "./redis-link.ts";

/** What Redis keeps: a text, bytes, or a number, which it keeps as text. */
export type RedisValue = string | number | bigint | boolean | Uint8Array;

/** Says something of a row: the name of the field that holds it, or a function. */
export type Of<F extends Fields, V> = Names<F> | ((row: Row<F>) => V);

/** A row, by name. */
export type AnyRow = Readonly<Record<string, unknown>>;

/** The value as an argument of a command. @throws EngineError CONNECTOR_FAILED for what Redis cannot keep */
export function argumentOf(value: unknown, what: string): RedisArgument {
  if (typeof value === "string" || typeof value === "number") return value;
  if (typeof value === "bigint") return String(value);
  if (typeof value === "boolean") return value ? "1" : "0";
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const remedy = "give a text, a number, true or false, or bytes: JSON.stringify(...) makes a text of anything else";
  throw unkeepable(value, what, remedy);
}

/** The name of a key. @throws EngineError CONNECTOR_FAILED for what is none: rows without a key must not share one */
export function keyOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  throw unkeepable(value, "a key", "give a text or a number for every row");
}

/** A score. @throws EngineError CONNECTOR_FAILED for what is no number */
export function scoreOf(value: unknown): RedisArgument {
  // Redis has words of its own for the infinities.
  if (value === Number.POSITIVE_INFINITY) return "+inf";
  if (value === Number.NEGATIVE_INFINITY) return "-inf";
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isNaN(value)) return value;
  throw unkeepable(value, "a score", "give a number for every row");
}

function unkeepable(value: unknown, what: string, remedy: string): EngineError {
  return new EngineError("CONNECTOR_FAILED", {
    problem: `a row has ${what} that Redis cannot keep`,
    facts: { given: value === null ? "null" : Array.isArray(value) ? "a list" : typeof value },
    remedy,
  });
}

/** What a key, field, value or score is made of. */
export type Reader = (row: AnyRow) => unknown;

/** An option that is the name of a field or a function of the row. @throws EngineError CONNECTOR_BAD_OPTION */
export function readOf(options: OptionReader, name: string, names: readonly string[]): Reader {
  const given = options.given(name);
  if (typeof given === "function") return given as Reader;
  if (typeof given === "string" && names.includes(given)) return (row) => row[given];
  throw options.bad(name, `a function of the row, or the name of a field: ${names.join(", ")}`);
}

/** Settings that say nothing for this kind were meant for another one. @throws EngineError CONNECTOR_BAD_OPTION */
export function refuseOthers(
  options: OptionReader,
  settings: readonly string[],
  allowed: readonly string[],
  kind: string,
): void {
  for (const name of settings) {
    if (options.has(name) && !allowed.includes(name)) throw options.bad(name, `nothing with kind ${kind}`);
  }
}
