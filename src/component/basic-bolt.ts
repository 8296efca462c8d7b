import type { Inputs, Tuple } from "../tuple/tuple.ts";
import { adoptHooks, whenReady } from "./adopt-hooks.ts";
import { BOLT_HOOKS } from "./component-hooks.ts";
import {
  type BoltClass,
  type BoltSchema,
  type BoltStatics,
  checkInput,
  checkOutput,
  declaredOptions,
} from "./component-schema.ts";
import type { BasicCollector } from "./output-collector.ts";
import type { Outputs } from "./outputs.ts";
import type { TaskContext } from "./task-context.ts";

/** The hooks of a basic bolt. All but `execute` are optional, and each may return a promise. */
export interface BasicBoltHooks<I extends Inputs, O extends Outputs> {
  /** Before the first tuple; opens what the bolt needs. */
  prepare?(context: TaskContext): void | Promise<void>;
  /**
   * Emits are anchored to the tuple. It is acked when this returns or its promise resolves, and failed when it
   * throws.
   */
  execute(tuple: Tuple<I>, collector: BasicCollector<O>): void | Promise<void>;
  /** Every `tickMs`. */
  onTick?(collector: BasicCollector<O>): void | Promise<void>;
  /** The stream pauses or ends: let go of what you hold. */
  onFlush?(collector: BasicCollector<O>): void | Promise<void>;
  /** Every input has ended: last emits. */
  onEnd?(collector: BasicCollector<O>): void | Promise<void>;
  activate?(): void | Promise<void>;
  deactivate?(): void | Promise<void>;
  /** After the last hook; closes what `prepare` opened. */
  cleanup?(): void | Promise<void>;
}

/** What classes made from `BasicBolt({...})` inherit. */
export abstract class BasicBoltBase<I extends Inputs, O extends Outputs> implements BasicBoltHooks<I, O> {
  prepare?(context: TaskContext): void | Promise<void>;
  abstract execute(tuple: Tuple<I>, collector: BasicCollector<O>): void | Promise<void>;
  onTick?(collector: BasicCollector<O>): void | Promise<void>;
  onFlush?(collector: BasicCollector<O>): void | Promise<void>;
  onEnd?(collector: BasicCollector<O>): void | Promise<void>;
  activate?(): void | Promise<void>;
  deactivate?(): void | Promise<void>;
  cleanup?(): void | Promise<void>;
}

/**
 * The base of a bolt that acks by itself: `class Split extends BasicBolt({ input: Sentence, output: Word }) { ... }`.
 * Constructors only store configuration; what a task needs is opened in `prepare`.
 *
 * @throws EngineError COMPONENT_BAD_SCHEMA
 */
export function BasicBolt<I extends Inputs, O extends Outputs = undefined>(
  schema: BoltSchema<I, O>,
): BoltStatics<I, O> & (abstract new () => BasicBoltBase<I, O>) {
  checkInput(schema.input);
  checkOutput(schema.output);
  abstract class DeclaredBasicBolt extends BasicBoltBase<I, O> {
    static readonly style = "basic";
    static readonly input = schema.input;
    static readonly output = schema.output as O;
    static readonly config = declaredOptions(schema);
    static readonly onError = schema.onError;
  }
  return DeclaredBasicBolt;
}

/** A basic bolt without state of its own: the hooks themselves. */
export type BasicBoltSpec<I extends Inputs, O extends Outputs> = BoltSchema<I, O> & BasicBoltHooks<I, O>;

/** A basic bolt with state: `create` makes the hooks of one task, around whatever variables they need. */
export interface BasicBoltCreateSpec<I extends Inputs, O extends Outputs> extends BoltSchema<I, O> {
  create(context: TaskContext): BasicBoltHooks<I, O> | Promise<BasicBoltHooks<I, O>>;
}

/**
 * A basic bolt as a function: `basicBolt({ input, output, execute(tuple, collector) { ... } })`, or with `create`
 * where each task has state.
 *
 * @throws EngineError COMPONENT_BAD_SCHEMA, COMPONENT_MISSING_HOOK
 */
export function basicBolt<I extends Inputs, O extends Outputs = undefined>(
  spec: BasicBoltSpec<I, O> | BasicBoltCreateSpec<I, O>,
): BoltClass<I, O, [], BasicBoltBase<I, O>> {
  if (!("create" in spec)) adoptHooks({}, spec, BOLT_HOOKS, "execute");
  return class FunctionalBasicBolt extends BasicBolt<I, O>(spec) {
    constructor() {
      super();
      if ("create" in spec) this.prepare = (context) => this.#createHooks(spec, context);
      else adoptHooks(this, spec, BOLT_HOOKS, "execute");
    }

    #createHooks(createSpec: BasicBoltCreateSpec<I, O>, context: TaskContext): void | Promise<void> {
      return whenReady(createSpec.create(context), (hooks) => {
        adoptHooks(this, hooks, BOLT_HOOKS, "execute");
        return hooks.prepare?.(context);
      });
    }

    /** Replaced by the user's own before the first tuple. */
    override execute(): void {}
  };
}
