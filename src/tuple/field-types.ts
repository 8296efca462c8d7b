import type { FieldSpec } from "./field-spec.ts";

/** What TypeScript sees behind each column type. */
export type ColumnTypes = {
  string: string;
  int32: number;
  float64: number;
  int64: bigint;
  bool: boolean;
  bytes: Uint8Array;
  any: unknown;
};

type TrimSpaces<S extends string> = S extends ` ${infer R}`
  ? TrimSpaces<R>
  : S extends `${infer L} `
    ? TrimSpaces<L>
    : S;

/** The name in a field as written: "word" of "word: string". */
export type NameOf<S> = S extends `${infer N}:${string}` ? TrimSpaces<N> : S extends string ? TrimSpaces<S> : S;

/** The column type in a field as written: "string?" of "note:string?"; a bare name means any. */
export type ColumnOf<S> = S extends `${string}:${infer T}` ? TrimSpaces<T> : "any";

/** The value of a column type as written, never when there is no such type. */
export type ValueOf<T> = T extends `${infer K extends keyof ColumnTypes}?`
  ? ColumnTypes[K] | null
  : T extends keyof ColumnTypes
    ? ColumnTypes[T]
    : never;

type NamesOf<F extends readonly unknown[]> = { [I in keyof F]: NameOf<F[I]> };

type CheckedSpec<S, Before extends readonly unknown[]> =
  NameOf<S> extends "" | `$${string}`
    ? `a field name may not be empty or begin with "$"`
    : NameOf<S> extends NamesOf<Before>[number]
      ? `duplicate field "${NameOf<S> & string}"`
      : [ValueOf<ColumnOf<S>>] extends [never]
        ? `unknown column type "${ColumnOf<S> & string}"`
        : S;

type CheckedList<F extends readonly string[], Before extends readonly string[]> = F extends readonly [
  infer H extends string,
  ...infer R extends readonly string[],
]
  ? [CheckedSpec<H, Before>, ...CheckedList<R, [...Before, H]>]
  : [];

/**
 * The fields as written when they are good; else a tuple with a sentence where the bad one stands, so that the
 * compiler's error is that sentence. A list that is not literal (`string[]`) is left to the check at run time.
 */
export type CheckedFields<F extends readonly string[]> = number extends F["length"] ? F : CheckedList<F, []>;

/** The fields of a stream or an input, as `fields(...)` makes them. */
export interface Fields<F extends readonly string[] = readonly string[]> {
  /** As written. */
  readonly specs: F;
  readonly columns: readonly FieldSpec[];
}

export type SpecsOf<X> = X extends Fields<infer F> ? F : never;

/** What `emit` takes: the values in the order of the fields. */
export type Values<X> = ValuesOf<SpecsOf<X>>;

/** Its own type, because only a mapping over a type parameter makes a tuple of a tuple. */
export type ValuesOf<F extends readonly unknown[]> = { -readonly [I in keyof F]: ValueOf<ColumnOf<F[I]>> };

/** The names of the fields, as a union. */
export type Names<X> = NameOf<SpecsOf<X>[number]> & string;

/** The fields as properties. */
export type Row<X> = { readonly [S in SpecsOf<X>[number] as NameOf<S> & string]: ValueOf<ColumnOf<S>> };

/** The type of the field `N` of `X`, never when there is no such field. */
export type FieldType<X, N> = Row<X> extends infer R ? (N extends keyof R ? R[N] : never) : never;
