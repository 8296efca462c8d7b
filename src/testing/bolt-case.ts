import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import { type ComponentDeclaration, declarationOf } from "../component/component-code.ts";
import type { BoltClass } from "../component/component-schema.ts";
import type { Outputs, Streams, StreamValues } from "../component/outputs.ts";
import type { ComponentConfig } from "../config/option-values.ts";
import { checkRow, rowError } from "../tuple/check-value.ts";
import type { FieldSpec } from "../tuple/field-spec.ts";
import type { Fields, Values } from "../tuple/field-types.ts";
import type { Inputs } from "../tuple/tuple.ts";
import type { RowOrder, Rows } from "./row-diff.ts";

/** Rows for a bolt's input: a list, or lists by name for one that has several inputs. */
export type InputRows<I> = I extends Fields
  ? readonly Readonly<Values<I>>[]
  : { readonly [Name in keyof I]?: readonly Readonly<Values<I[Name]>>[] };

/** Rows of a bolt's streams: a list for the default one, or lists by name. Streams left out emit nothing. */
export type OutputRows<O> =
  | (Streams<O> extends { readonly default: unknown } ? readonly StreamValues<O, "default">[] : never)
  | { readonly [S in keyof Streams<O>]?: readonly StreamValues<O, S>[] };

/** What a bolt is given, and what it has to make of it. */
export interface BoltCase<I, O, T = object> {
  /** Inputs are fed one after the other, in the order in which they are named here. */
  readonly input: InputRows<I>;
  /** All that it emits, with what it emits at the end. Left out, it may emit whatever it likes. */
  readonly output?: OutputRows<O>;
  /** Whether the order of a stream's tuples matters: "exact" unless it says otherwise. */
  readonly order?: RowOrder;
  /** For a rich bolt: the rows that it has to fail. Left out, it may fail what it likes. */
  readonly failed?: InputRows<I>;
  /** For a rich bolt: emits in `execute` need no anchor. */
  readonly allowUnanchored?: boolean;
  /** Makes an instance, for a class whose constructor takes arguments: a fresh one each time. */
  readonly create?: () => T;
  /** What the bolt finds as `context.options`. */
  readonly options?: unknown;
  readonly config?: ComponentConfig;
  /** Id of the component that reads a stream, for a bolt that asks `context.tasksOf`: "reader-..." by default. */
  readonly readers?: { readonly [S in keyof Streams<O>]?: string };
}

/** A case with everything by name, checked. */
export interface PlainCase {
  readonly bolt: BoltClass<Inputs, Outputs>;
  readonly declaration: ComponentDeclaration;
  /** By input, in the order in which they are fed. */
  readonly input: ReadonlyMap<string, Rows>;
  /** By stream; null when nothing is expected in particular. */
  readonly output: ReadonlyMap<string, Rows> | null;
  readonly failed: ReadonlyMap<string, Rows> | null;
  readonly order: RowOrder;
  readonly given: BoltCase<unknown, unknown>;
}

/** @throws EngineError VERIFY_BAD_CASE, COMPONENT_NOT_A_COMPONENT, COMPONENT_MISSING_HOOK, COMPONENT_BAD_SCHEMA */
export function checkCase(bolt: unknown, given: BoltCase<unknown, unknown>): PlainCase {
  const declaration = declarationOf(bolt);
  if (declaration.style === "spout") {
    throw badCase("what is to be verified is a spout, not a bolt", {}, "use simulate to test a spout in a topology");
  }
  if (given.input === undefined)
    throw badCase("the case has no input", {}, "write { input: [[...]] }, or an empty list for a bolt without input");
  const inputs = new Map(Object.entries(declaration.inputs));
  const streams = new Map(Object.entries(declaration.outputs).map(([stream, { fields }]) => [stream, fields]));
  const byName = (what: string, rows: unknown, places: ReadonlyMap<string, readonly FieldSpec[]>) =>
    rows === undefined ? null : rowsByName(what, rows, places);
  const failed = byName("failed", given.failed, inputs);
  if (failed !== null && declaration.style === "basic")
    throw badCase("a basic bolt fails no tuples by itself", {}, "leave failed out, or verify a rich bolt");
  return {
    bolt: bolt as BoltClass<Inputs, Outputs>,
    declaration,
    input: rowsByName("input", given.input, inputs),
    output: byName("output", given.output, streams),
    failed,
    order: given.order ?? "exact",
    given,
  };
}

function rowsByName(
  what: string,
  given: unknown,
  places: ReadonlyMap<string, readonly FieldSpec[]>,
): ReadonlyMap<string, Rows> {
  const lists = Array.isArray(given) ? { default: given } : given;
  if (typeof lists !== "object" || lists === null)
    throw badCase(`${what} is no list of rows`, { given: String(given) }, `write ${what}: [[...], [...]]`);
  const found = new Map<string, Rows>();
  for (const [name, rows] of Object.entries(lists as Record<string, unknown>)) {
    const columns = places.get(name);
    if (columns === undefined) throw unknownPlace(what, name, [...places.keys()]);
    if (rows === undefined) continue;
    if (!Array.isArray(rows) || !rows.every(Array.isArray))
      throw badCase(`${what} "${name}" is no list of rows`, {}, "write a list of lists of values");
    for (const row of rows as Rows) checkGivenRow(what, name, columns, row);
    found.set(name, rows as Rows);
  }
  return found;
}

function checkGivenRow(what: string, name: string, columns: readonly FieldSpec[], row: readonly unknown[]): void {
  if (checkRow(columns, row) === null) return;
  const cause = rowError({ component: what, stream: name, columns, values: row });
  const remedy = "give values in the order of the declared fields, and of their types";
  throw badCase(`a row of ${what} "${name}" does not fit its fields`, { error: cause.problem }, remedy);
}

function unknownPlace(what: string, name: string, declared: readonly string[]): EngineError {
  const nearest = nearestName(name, declared);
  const remedy = nearest === null ? `write ${what}: { name: [[...]] } with a declared name` : `write "${nearest}"`;
  return badCase(`the case has rows of ${what} "${name}", which the bolt does not declare`, { declared }, remedy);
}

function badCase(problem: string, facts: Readonly<Record<string, unknown>>, remedy: string): EngineError {
  return new EngineError("VERIFY_BAD_CASE", { problem, facts, remedy });
}
