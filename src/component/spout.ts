import { adoptHooks, whenReady } from "./adopt-hooks.ts";
import { SPOUT_HOOKS } from "./component-hooks.ts";
import {
  checkOutput,
  declaredOptions,
  type SpoutClass,
  type SpoutSchema,
  type SpoutStatics,
} from "./component-schema.ts";
import { CollectorHolder } from "./install-collector.ts";
import type { SpoutCollector } from "./output-collector.ts";
import type { Outputs } from "./outputs.ts";
import type { TaskContext } from "./task-context.ts";

/**
 * What `nextTuple` says: nothing when it emitted, "idle" when there is nothing now, "exhausted" when there never
 * will be.
 */
export type NextTuple = "idle" | "exhausted" | undefined;

/** What `open` learns beside its context. */
export interface SpoutStart {
  /**
   * The highest position that this task reported and below which everything was acked; undefined at the beginning.
   */
  readonly position: unknown;
  /**
   * What is done behind `position`, for a spout that wants to leave it out: pairs of numbers, first and last, that
   * count its emits with a position from there, beginning with 1. Empty at the beginning.
   */
  readonly doneAhead?: ArrayLike<number>;
}

/** What `ack` learns beside the id. */
export interface AckInfo {
  /** From the emit to the end of the tree. */
  readonly latencyMs: number;
  /** Which attempt of its source this was, from 1. */
  readonly attempt: number;
}

/**
 * Why a tree failed: a bolt failed a tuple of it, it made no progress in time, a worker was lost with a part of it,
 * or it was never taken in.
 */
export type FailReason = "bolt" | "timeout" | "worker-lost" | "rejected";

/** What `fail` learns beside the id. */
export interface FailInfo {
  readonly reason: FailReason;
  /** From the emit to the failure. */
  readonly latencyMs: number;
  /** Which attempt of its source this was, from 1. */
  readonly attempt: number;
  /** What the bolt threw or passed to `fail`; undefined for other reasons. */
  readonly error: unknown;
  /** The component that failed the tuple or held it when time was up; null when nobody knows. */
  readonly component: string | null;
  /** The task of that component. */
  readonly task: number | null;
  /**
   * True when the attempt goes on although its time was up, and `settled` will be called with the same id: for each
   * timeout of a spout that has that hook.
   */
  readonly willSettle: boolean;
}

/** What `settled` learns beside the id: how an attempt ended whose time was up. */
export interface SettledInfo {
  /** True when every tuple of the attempt was acked after all. */
  readonly completed: boolean;
  /** Why it was not: a bolt failed it, its second time (`settleTimeoutMs`) was up, or a worker was lost. */
  readonly reason: FailReason | null;
  /** From the emit to the end of the attempt. */
  readonly latencyMs: number;
  readonly attempt: number;
  /** As in FailInfo. */
  readonly error: unknown;
  readonly component: string | null;
  readonly task: number | null;
}

type Maybe = void | Promise<void>;
// biome-ignore lint/suspicious/noConfusingVoidType: a nextTuple that returns nothing has the type void.
type NextTupleResult = NextTuple | void | Promise<NextTuple | void>;

/** The hooks of a spout. All but `nextTuple` are optional, and each may return a promise. */
export interface SpoutHooks<O extends Outputs> {
  /** Before the first `nextTuple`; opens what the spout reads from. */
  open?(context: TaskContext, start: SpoutStart): Maybe;
  /** Called when there is room for more. Emits no, one or several tuples. */
  nextTuple(collector: SpoutCollector<O>): NextTupleResult;
  /** Every `tickMs`, between two calls of `nextTuple`; may emit. */
  onTick?(collector: SpoutCollector<O>): Maybe;
  /** The tree of a tuple that was emitted with this id is fully processed. */
  ack?(id: unknown, info: AckInfo): Maybe;
  /** The tree of a tuple that was emitted with this id failed: emit it again, or give it up. */
  fail?(id: unknown, info: FailInfo): Maybe;
  /**
   * An attempt that `fail` called a timeout has come to its end: completed after all, or not. A spout that has this
   * hook lets the attempts that are late go on, for `settleTimeoutMs` at most; those of others are cut off.
   */
  settled?(id: unknown, info: SettledInfo): Maybe;
  activate?(): Maybe;
  /**
   * No `nextTuple` follows until `activate`; also called when the topology drains. May come while a promise of
   * `nextTuple` is pending: one that waits for its source can settle then.
   */
  deactivate?(): Maybe;
  /** After the last hook; closes what `open` opened. */
  close?(): Maybe;
}

/** What classes made from `Spout({...})` inherit. They emit through `this.collector`. */
export abstract class SpoutBase<O extends Outputs>
  extends CollectorHolder<SpoutCollector<O>>
  implements SpoutHooks<O>
{
  open?(context: TaskContext, start: SpoutStart): Maybe;
  abstract nextTuple(collector: SpoutCollector<O>): NextTupleResult;
  onTick?(collector: SpoutCollector<O>): Maybe;
  ack?(id: unknown, info: AckInfo): Maybe;
  fail?(id: unknown, info: FailInfo): Maybe;
  settled?(id: unknown, info: SettledInfo): Maybe;
  activate?(): Maybe;
  deactivate?(): Maybe;
  close?(): Maybe;
}

/**
 * The base of a spout: `class Lines extends Spout({ output: Sentence }) { nextTuple() { ... } }`.
 * Constructors only store configuration; what a task reads from is opened in `open`.
 *
 * @throws EngineError COMPONENT_BAD_SCHEMA
 */
export function Spout<O extends Outputs = undefined>(
  schema: SpoutSchema<O>,
): SpoutStatics<O> & (abstract new () => SpoutBase<O>) {
  checkOutput(schema.output);
  abstract class DeclaredSpout extends SpoutBase<O> {
    static readonly style = "spout";
    static readonly output = schema.output as O;
    static readonly config = declaredOptions(schema);
    static readonly onError = schema.onError;
  }
  return DeclaredSpout;
}

/** A spout without state of its own: the hooks themselves. */
export type SpoutSpec<O extends Outputs> = SpoutSchema<O> & SpoutHooks<O>;

/**
 * A spout with state, as nearly all have: `create` makes the hooks of one task, around whatever variables they
 * need.
 */
export interface SpoutCreateSpec<O extends Outputs> extends SpoutSchema<O> {
  create(
    context: TaskContext,
    collector: SpoutCollector<O>,
    start: SpoutStart,
  ): SpoutHooks<O> | Promise<SpoutHooks<O>>;
}

/**
 * A spout as a function: `spout({ output, create: (context, collector) => ({ nextTuple() { ... } }) })`, or the hooks
 * themselves where a task has no state.
 *
 * @throws EngineError COMPONENT_BAD_SCHEMA, COMPONENT_MISSING_HOOK
 */
export function spout<O extends Outputs = undefined>(
  spec: SpoutSpec<O> | SpoutCreateSpec<O>,
): SpoutClass<O, [], SpoutBase<O>> {
  if (!("create" in spec)) adoptHooks({}, spec, SPOUT_HOOKS, "nextTuple");
  return class FunctionalSpout extends Spout<O>(spec) {
    constructor() {
      super();
      if ("create" in spec) this.open = (context, start) => this.#createHooks(spec, context, start);
      else adoptHooks(this, spec, SPOUT_HOOKS, "nextTuple");
    }

    #createHooks(createSpec: SpoutCreateSpec<O>, context: TaskContext, start: SpoutStart): Maybe {
      return whenReady(createSpec.create(context, this.collector, start), (hooks) => {
        adoptHooks(this, hooks, SPOUT_HOOKS, "nextTuple");
        return hooks.open?.(context, start);
      });
    }

    /** Replaced by the user's own before it is first called. */
    override nextTuple(): NextTuple {
      return "idle";
    }
  };
}
