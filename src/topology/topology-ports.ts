import type { Fields, Values } from "../tuple/field-types.ts";
import type { Tuple } from "../tuple/tuple.ts";

/** An output as declared with `builder.output(...)`: returned by the builder, it becomes `run.outputs.<name>`. */
export interface OutputPort<F> {
  readonly output: F;
}

/** A feeder as declared with `builder.setFeeder(...)`: returned by the builder, it becomes `run.feeders.<name>`. */
export interface FeederPort<F> {
  readonly feeder: F;
}

/** What a builder function may return. */
export type Ports = { readonly [name: string]: OutputPort<Fields> | FeederPort<Fields> };

/** What the embedding program reads a topology's results from; leaving the loop detaches the output. */
export interface Output<F> extends AsyncIterable<Tuple<F>> {}

/** What the embedding program feeds tuples into a topology with. */
export interface Feeder<F> {
  /** Resolves when there was room for the tuple. */
  emit(values: Readonly<Values<F>>): Promise<void>;
  /** False when there is no room: the tuple was not taken. */
  tryEmit(values: Readonly<Values<F>>): boolean;
  /** Resolves when the tuple's tree is fully processed, rejects with the reason of its failure. */
  process(
    values: Readonly<Values<F>>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<{ readonly latencyMs: number; readonly attempts: number }>;
  /** No more tuples will come: a finite topology can finish. */
  end(): void;
}

/** The outputs among the ports `P`. */
export type OutputsOf<P> = {
  readonly [K in keyof P as P[K] extends OutputPort<Fields> ? K : never]: P[K] extends OutputPort<infer F>
    ? Output<F>
    : never;
};

/** The feeders among the ports `P`. */
export type FeedersOf<P> = {
  readonly [K in keyof P as P[K] extends FeederPort<Fields> ? K : never]: P[K] extends FeederPort<infer F>
    ? Feeder<F>
    : never;
};

/** The `options` of a submit: may be left out when the builder function does not ask for any. */
export type OptionsSetting<Opt> = undefined extends Opt
  ? { readonly options?: NoInfer<Opt> }
  : { readonly options: NoInfer<Opt> };
