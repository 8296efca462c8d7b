import type { CustomGrouper, CustomGroupingContext } from "../grouping/grouping-spec.ts";
import type { Fields, FieldType, Names, Values } from "../tuple/field-types.ts";
import type { StreamHandle } from "./stream-handle.ts";

/** How a subscription is meant beside its grouping: into which input, and whether it closes a cycle. */
export type SubscribeOptions<I> = I extends Fields
  ? { readonly as?: undefined; readonly feedback?: boolean }
  : { readonly as: keyof I & string; readonly feedback?: boolean };

/** A bolt with several inputs has to say which one; a bolt with one may leave everything out. */
export type OptionsArgument<I, A> = I extends Fields ? [options?: A] : [options: A];

type InputFor<I, As> = I extends Fields ? I : As extends keyof I ? I[As] : never;

type MissingFields<I, P> = {
  [N in Names<I>]: N extends Names<P> ? ([FieldType<P, N>] extends [FieldType<I, N>] ? never : N) : N;
}[Names<I>];

/**
 * Adds nothing when the stream `P` carries all fields of the input `I`; else a property that names those it lacks.
 */
type Carries<I, P> = [MissingFields<I, P>] extends [never]
  ? unknown
  : { readonly "the stream does not carry": MissingFields<I, P> };

/** Where a subscription takes tuples from: a handle, or the id of a component, which is checked at submit. */
export type Source<I, A, P> = SourceOf<InputFor<I, AsOf<A>>, P, false>;

/** The same for a direct stream. */
export type DirectSource<I, A, P> = SourceOf<InputFor<I, AsOf<A>>, P, true>;

type SourceOf<I, P, Direct extends boolean> = string | (StreamHandle<P, Direct> & Carries<I, P>);
type AsOf<A> = A extends { readonly as: infer As } ? As : undefined;

/** Field names of the stream; any string where the source is an id. */
export type KeyNames<P> = unknown extends P ? readonly string[] : readonly Names<P>[];

/** A custom grouping's factory that knows its stream's values. */
export type TypedGroupingFactory<P> = (
  context: CustomGroupingContext,
) => CustomGrouper<unknown extends P ? readonly unknown[] : Readonly<Values<P>>>;
