// Compiled, never run: what the types of fields and tuples allow, and what they must refuse.
import type { FieldType, Names, Row, Values } from "../../src/tuple/field-types.ts";
import { fields } from "../../src/tuple/fields.ts";
import type { AnyTuple, Tuple } from "../../src/tuple/tuple.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function expectTrue<_T extends true>(): void {}

const Word = fields("word: string");
const Order = fields("sku:string", "qty:int32", "note:string?", "extra");
const Payment = fields("sku:string", "cents:int64", "ok:bool", "raw:bytes", "rate : float64?");

expectTrue<Equal<Values<typeof Order>, [string, number, string | null, unknown]>>();
expectTrue<Equal<Values<typeof Payment>, [string, bigint, boolean, Uint8Array, number | null]>>();
expectTrue<Equal<Names<typeof Order>, "sku" | "qty" | "note" | "extra">>();
expectTrue<Equal<Row<typeof Word>, { readonly word: string }>>();
expectTrue<Equal<FieldType<typeof Payment, "rate">, number | null>>();
expectTrue<Equal<FieldType<typeof Payment, "none">, never>>();

// @ts-expect-error unknown column type
fields("x:integer");
// @ts-expect-error duplicate name
fields("x:string", "x:int32");
// @ts-expect-error "$" is ours
fields("$:string");
// @ts-expect-error no name
fields(":string");
// @ts-expect-error wrong type
export const wrongTypes: Values<typeof Order> = [1, "a", null, 0];
// @ts-expect-error null where none is allowed
export const wrongNull: Values<typeof Word> = [null];
// @ts-expect-error too few values
export const tooFew: Values<typeof Order> = ["a", 1, null];

// A list that is known only at run time is checked there.
const names: string[] = ["a", "b:int32"];
export const loose: readonly string[] = fields(...names).specs;

export function oneInput(tuple: Tuple<typeof Word>): string {
  // @ts-expect-error no such field
  tuple.count;
  // @ts-expect-error fields are read-only
  tuple.word = "x";
  const any: AnyTuple = tuple;
  const input: "default" = tuple.$.input;
  return tuple.word + any.$.sourceComponent + input;
}

const inputs = { orders: Order, payments: Payment };

export function severalInputs(tuple: Tuple<typeof inputs>): bigint | number {
  // @ts-expect-error only of one of the inputs
  tuple.cents;
  return tuple.$input === "orders" ? tuple.qty : tuple.cents;
}
