import type { Fields, Row } from "./field-types.ts";

/** What a tuple tells about itself, beside its fields: `tuple.$`. */
export interface TupleInfo<Input extends string = string> {
  /** Name of the input that received it; "default" for a bolt with one input. */
  readonly input: Input;
  readonly sourceComponent: string;
  readonly sourceStream: string;
  readonly sourceTask: number;
  /**
   * Which attempt of its source this is, from 1; 0 when the source did not ask for tracking. Of several trees the
   * highest. Known for as long as the tuple is neither acked nor failed.
   */
  readonly attempt: number;
  /**
   * True when the tuple belonged to trees and all of them have failed meanwhile: its source emits it again or has
   * given it up, so that an effect that must not come twice is better left out. A tree whose time was up, and whose
   * spout waits for how it ends, has not failed yet.
   */
  readonly isExpired: boolean;
  /** The values of the fields, in the order in which the input declares them. */
  readonly values: readonly unknown[];
  /**
   * The values of the named fields, in the order asked for.
   * @throws EngineError TUPLE_UNKNOWN_FIELD
   */
  select(...names: readonly string[]): unknown[];
}

/** Any tuple, whatever its fields. */
export interface AnyTuple {
  readonly $: TupleInfo;
}

/** The inputs of a bolt: one, or several by name. */
export type Inputs = Fields | { readonly [name: string]: Fields };

/** What a bolt with the inputs `I` receives; with several inputs a union, told apart by `$input`. */
export type Tuple<I> = I extends Fields
  ? Row<I> & { readonly $: TupleInfo<"default"> }
  : { [K in keyof I & string]: Row<I[K]> & { readonly $: TupleInfo<K>; readonly $input: K } }[keyof I & string];
