import type { FieldSpec } from "../tuple/field-spec.ts";
import type { Fields, Values } from "../tuple/field-types.ts";

/** The stream of a component that declares just one, and the one that `emit` writes to. */
export const DEFAULT_STREAM = "default";

/** A stream whose producer names the task that receives each tuple. */
export interface DirectStream<F extends Fields = Fields> {
  readonly kind: "direct";
  readonly fields: F;
}

/** Declares a direct stream: `output: { replies: direct(Reply) }`. Only direct groupings may subscribe to it. */
export function direct<F extends Fields>(fields: F): DirectStream<F> {
  return Object.freeze({ kind: "direct", fields });
}

/** What a component emits: nothing, one stream, or several by name. */
export type Outputs = Fields | DirectStream | { readonly [stream: string]: Fields | DirectStream } | undefined;

/** The streams of `O` by name; a single one is called "default". */
export type Streams<O> = O extends Fields | DirectStream
  ? { readonly default: O }
  : O extends { readonly [stream: string]: Fields | DirectStream }
    ? O
    : Record<never, never>;

/** The fields of a stream as declared, whether it is direct or not. */
export type FieldsOfStream<S> = S extends DirectStream<infer F> ? F : S extends Fields ? S : never;

/** Names of the streams that `emitDirect` writes to. */
export type DirectStreamName<O> = {
  [S in keyof Streams<O>]: Streams<O>[S] extends DirectStream ? S : never;
}[keyof Streams<O>] &
  string;

/** Names of the streams that `emitTo` writes to. */
export type PlainStreamName<O> = Exclude<keyof Streams<O> & string, DirectStreamName<O>>;

/** What an emit to the stream `S` of `O` takes. */
export type StreamValues<O, S> = S extends keyof Streams<O> ? Readonly<Values<FieldsOfStream<Streams<O>[S]>>> : never;

/** What `emit` takes; never when there is no default stream, or when it is direct. */
export type DefaultValues<O> = StreamValues<O, "default" & PlainStreamName<O>>;

/** A stream's declaration as plain data. */
export interface StreamDeclaration {
  readonly fields: readonly FieldSpec[];
  readonly direct: boolean;
}

/** Tells what `fields(...)` made from everything else, also when another copy of this package made it. */
export function isFields(value: unknown): value is Fields {
  if (typeof value !== "object" || value === null) return false;
  const { specs, columns } = value as Partial<Fields>;
  return Array.isArray(specs) && Array.isArray(columns) && specs.length === columns.length;
}

export function isDirectStream(value: unknown): value is DirectStream {
  if (typeof value !== "object" || value === null) return false;
  const { kind, fields } = value as Partial<DirectStream>;
  return kind === "direct" && isFields(fields);
}
