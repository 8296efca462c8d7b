import { EngineError } from "../base/engine-error.ts";
import type { Fields } from "../tuple/field-types.ts";
import type { Inputs } from "../tuple/tuple.ts";
import type { FailurePolicy } from "./failure-policy.ts";
import { isDirectStream, isFields, type Outputs } from "./outputs.ts";

/** Engine options as a component declares them for itself; checked when the topology is submitted. */
export type ComponentOptions = Readonly<Record<string, unknown>>;

/** What a bolt declares beside its code. */
export interface BoltSchema<I extends Inputs, O extends Outputs> {
  /** One input, or several by name. */
  readonly input: I;
  /** One stream, several by name, or none. */
  readonly output?: O;
  /**
   * Time between two calls of `onTick`, in ms. Without it there are none. A bolt without `onTick` has its `execute`
   * called instead, with a tuple that has no fields: `TupleUtils.isTick` tells it from others.
   */
  readonly tickMs?: number;
  /** How many calls of an async `execute` may be under way at once; 1 unless it says more. */
  readonly concurrency?: number;
  /** What happens when a hook throws; see docs/FAILURES.md. The topology's builder can override it. */
  readonly onError?: FailurePolicy;
  /** Any other option that may be set for a component. The topology's builder can override it. */
  readonly config?: ComponentOptions;
}

/** What a spout declares beside its code. */
export interface SpoutSchema<O extends Outputs> {
  readonly output?: O;
  /** Time between two calls of `onTick`, in ms. Without it there are none. */
  readonly tickMs?: number;
  /** What happens when a hook throws; see docs/FAILURES.md. The topology's builder can override it. */
  readonly onError?: FailurePolicy;
  /** Any option that may be set for a component. The topology's builder can override it. */
  readonly config?: ComponentOptions;
}

/** The static side of every bolt: what is known where no instance exists. */
export interface BoltStatics<I extends Inputs, O extends Outputs> {
  readonly style: "basic" | "rich";
  readonly input: I;
  readonly output: O;
  readonly config: ComponentOptions;
  readonly onError?: FailurePolicy | undefined;
}

/** The static side of every spout. */
export interface SpoutStatics<O extends Outputs> {
  readonly style: "spout";
  readonly output: O;
  readonly config: ComponentOptions;
  readonly onError?: FailurePolicy | undefined;
}

/** A bolt that a topology can use: `A` are its constructor's parameters, `T` its instances. */
export interface BoltClass<
  I extends Inputs,
  O extends Outputs,
  A extends readonly unknown[] = never[],
  T extends object = object,
> extends BoltStatics<I, O> {
  new (...args: A): T;
}

/** A spout that a topology can use. */
export interface SpoutClass<O extends Outputs, A extends readonly unknown[] = never[], T extends object = object>
  extends SpoutStatics<O> {
  new (...args: A): T;
}

/** The options that a component declares, in fields of their own or under `config`. */
export function declaredOptions({
  tickMs,
  concurrency,
  config,
}: {
  readonly tickMs?: number;
  readonly concurrency?: number;
  readonly config?: ComponentOptions;
}): ComponentOptions {
  return Object.freeze({
    ...config,
    ...(tickMs === undefined ? {} : { tickMs }),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
}

/** @throws EngineError COMPONENT_BAD_SCHEMA */
export function checkInput(input: unknown): void {
  if (isFields(input) || isRecordOf(input, isFields)) return;
  throw new EngineError("COMPONENT_BAD_SCHEMA", {
    problem: "a bolt declares an input that fields(...) did not make",
    facts: { input: describe(input) },
    remedy: 'declare input: fields("word:string"), or several: input: { orders: Order, payments: Payment }',
  });
}

/** @throws EngineError COMPONENT_BAD_SCHEMA */
export function checkOutput(output: unknown): void {
  if (output === undefined || isStream(output) || isRecordOf(output, isStream)) return;
  throw new EngineError("COMPONENT_BAD_SCHEMA", {
    problem: "a component declares an output that neither fields(...) nor direct(...) made",
    facts: { output: describe(output) },
    remedy: 'declare output: fields("word:string"), or several: output: { default: Word, replies: direct(Reply) }',
  });
}

function isStream(value: unknown): value is Fields {
  return isFields(value) || isDirectStream(value);
}

function isRecordOf(value: unknown, isMember: (member: unknown) => boolean): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const members = Object.values(value);
  return members.length > 0 && members.every(isMember);
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return `an object with the keys ${Object.keys(value).join(", ") || "(none)"}`;
}
