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
import { CollectorHolder } from "./install-collector.ts";
import type { OutputCollector } from "./output-collector.ts";
import type { Outputs } from "./outputs.ts";
import type { TaskContext } from "./task-context.ts";

/** The hooks of a rich bolt. All but `execute` are optional, and each may return a promise. */
export interface RichBoltHooks<I extends Inputs, O extends Outputs> {
  /** Before the first tuple; opens what the bolt needs. */
  prepare?(context: TaskContext): void | Promise<void>;
  /** One at a time, unless `concurrency` says more. Acks or fails the tuple, now or later. */
  execute(tuple: Tuple<I>, collector: OutputCollector<O>): void | Promise<void>;
  /** Every `tickMs`. */
  onTick?(collector: OutputCollector<O>): void | Promise<void>;
  /** The stream pauses or ends: emit and ack what you hold. */
  onFlush?(collector: OutputCollector<O>): void | Promise<void>;
  /** Every input has ended: last emits. */
  onEnd?(collector: OutputCollector<O>): void | Promise<void>;
  activate?(): void | Promise<void>;
  deactivate?(): void | Promise<void>;
  /** After the last hook; closes what `prepare` opened. */
  cleanup?(): void | Promise<void>;
}

/** What classes made from `RichBolt({...})` inherit. They emit and ack through `this.collector`. */
export abstract class RichBoltBase<I extends Inputs, O extends Outputs>
  extends CollectorHolder<OutputCollector<O>>
  implements RichBoltHooks<I, O>
{
  prepare?(context: TaskContext): void | Promise<void>;
  abstract execute(tuple: Tuple<I>, collector: OutputCollector<O>): void | Promise<void>;
  onTick?(collector: OutputCollector<O>): void | Promise<void>;
  onFlush?(collector: OutputCollector<O>): void | Promise<void>;
  onEnd?(collector: OutputCollector<O>): void | Promise<void>;
  activate?(): void | Promise<void>;
  deactivate?(): void | Promise<void>;
  cleanup?(): void | Promise<void>;
}

/**
 * The base of a bolt that anchors and acks by its own hand:
 * `class Enrich extends RichBolt({ input: Order, output: Priced, concurrency: 16 }) { ... }`.
 * Constructors only store configuration; what a task needs is opened in `prepare`.
 *
 * @throws EngineError COMPONENT_BAD_SCHEMA
 */
export function RichBolt<I extends Inputs, O extends Outputs = undefined>(
  schema: BoltSchema<I, O>,
): BoltStatics<I, O> & (abstract new () => RichBoltBase<I, O>) {
  checkInput(schema.input);
  checkOutput(schema.output);
  abstract class DeclaredRichBolt extends RichBoltBase<I, O> {
    static readonly style = "rich";
    static readonly input = schema.input;
    static readonly output = schema.output as O;
    static readonly config = declaredOptions(schema);
    static readonly onError = schema.onError;
  }
  return DeclaredRichBolt;
}

/** A rich bolt without state of its own: the hooks themselves. */
export type RichBoltSpec<I extends Inputs, O extends Outputs> = BoltSchema<I, O> & RichBoltHooks<I, O>;

/** A rich bolt with state: `create` makes the hooks of one task, around whatever variables they need. */
export interface RichBoltCreateSpec<I extends Inputs, O extends Outputs> extends BoltSchema<I, O> {
  create(context: TaskContext, collector: OutputCollector<O>): RichBoltHooks<I, O> | Promise<RichBoltHooks<I, O>>;
}

/**
 * A rich bolt as a function: `richBolt({ input, output, execute(tuple, collector) { ... } })`, or with `create` where
 * each task has state.
 *
 * @throws EngineError COMPONENT_BAD_SCHEMA, COMPONENT_MISSING_HOOK
 */
export function richBolt<I extends Inputs, O extends Outputs = undefined>(
  spec: RichBoltSpec<I, O> | RichBoltCreateSpec<I, O>,
): BoltClass<I, O, [], RichBoltBase<I, O>> {
  if (!("create" in spec)) adoptHooks({}, spec, BOLT_HOOKS, "execute");
  return class FunctionalRichBolt extends RichBolt<I, O>(spec) {
    constructor() {
      super();
      if ("create" in spec) this.prepare = (context) => this.#createHooks(spec, context);
      else adoptHooks(this, spec, BOLT_HOOKS, "execute");
    }

    #createHooks(createSpec: RichBoltCreateSpec<I, O>, context: TaskContext): void | Promise<void> {
      return whenReady(createSpec.create(context, this.collector), (hooks) => {
        adoptHooks(this, hooks, BOLT_HOOKS, "execute");
        return hooks.prepare?.(context);
      });
    }

    /** Replaced by the user's own before the first tuple. */
    override execute(): void {}
  };
}
