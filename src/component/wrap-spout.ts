import { whenReady } from "./adopt-hooks.ts";
import type { SpoutClass } from "./component-schema.ts";
import { installCollector } from "./install-collector.ts";
import type { SpoutCollector } from "./output-collector.ts";
import type { Outputs } from "./outputs.ts";
import type { FailReason, SpoutHooks } from "./spout.ts";
import { spout } from "./spout.ts";
import { SPOUT_ENGINE, type SpoutEngine, spoutEngineOf } from "./spout-engine.ts";
import type { TaskContext } from "./task-context.ts";

type Values = readonly unknown[];

/** How one attempt of a wrapped spout ended. */
export interface AttemptEnd {
  /** Every tuple of it was acked. */
  readonly completed: boolean;
  /** Why it was not. */
  readonly reason: FailReason | null;
}

/** What stands around one task of a spout. */
export interface SpoutWrapper {
  /**
   * Called before each emit to the default stream: the values that are emitted in place of `values`.
   *
   * @param id as the spout gave it: undefined or null for an emit that is not tracked
   * @param attempt from 1
   */
  emitting(values: Values, id: unknown, attempt: number): Values;
  /** That emit was refused: its id has not been emitted. */
  refused?(id: unknown): void;
  /** The tree of an emit with this id has ended. Called once per attempt, before the spout itself is told. */
  ended?(id: unknown, end: AttemptEnd): void;
}

/** How a spout is wrapped. */
export interface WrapSpec<O extends Outputs> {
  /** The streams of the new spout: those of the old one, changed or with others beside them. */
  readonly output: O;
  /**
   * True: an attempt whose time is up goes on, as with the hook `settled`, also where the source does not have it. It
   * is then told when the attempt has ended: by `ack`, or by `fail`. Default: as the source does it.
   */
  readonly settles?: boolean;
  /** Makes what stands around one task, when it opens. */
  wrap(context: TaskContext, collector: SpoutCollector<O>): SpoutWrapper;
}

/**
 * Makes a spout around another one, which sees what that emits and how its trees end, and may emit more than it or
 * something else. Everything else is as the source does it: attempts, positions, replays, ticks.
 *
 * A spout without the hook `fail` stays one: the ends of its failed trees are not told.
 *
 * @example wrapSpout(orders, { output: Stamped, wrap: () => ({ emitting: (values) => [...values, Date.now()] }) })
 */
export function wrapSpout<O extends Outputs>(
  source: SpoutClass<Outputs, []>,
  { output, settles = false, wrap }: WrapSpec<O>,
): SpoutClass<O, []> {
  return spout<O>({
    output,
    config: source.config,
    ...(source.onError === undefined ? {} : { onError: source.onError }),
    create: (context, collector, start) => {
      const inner = new source() as SpoutHooks<Outputs>;
      const wrapper = wrap(context, collector);
      const around = collectorAround(collector as unknown as Emitter, wrapper);
      installCollector(inner, around);
      return whenReady(inner.open?.(context, start) as void | Promise<void>, () =>
        hooksAround(settles ? settling(inner) : inner, wrapper, around),
      );
    },
  });
}

/** The source has been opened: which hooks it has is known from now on. */
function hooksAround<O extends Outputs>(
  inner: SpoutHooks<Outputs>,
  wrapper: SpoutWrapper,
  collector: object,
): SpoutHooks<O> {
  const given = collector as SpoutCollector<Outputs>;
  const { fail, settled, onTick, activate, deactivate, close } = inner;
  return {
    nextTuple: () => inner.nextTuple(given),
    ack: (id, info) => {
      wrapper.ended?.(id, { completed: true, reason: null });
      return inner.ack?.(id, info);
    },
    ...(fail !== undefined && {
      fail: (id, info) => {
        if (!info.willSettle) wrapper.ended?.(id, { completed: false, reason: info.reason });
        return fail.call(inner, id, info);
      },
    }),
    ...(settled !== undefined && {
      settled: (id, info) => {
        wrapper.ended?.(id, { completed: info.completed, reason: info.reason });
        return settled.call(inner, id, info);
      },
    }),
    ...(onTick !== undefined && { onTick: () => onTick.call(inner, given) }),
    ...(activate !== undefined && { activate: () => activate.call(inner) }),
    ...(deactivate !== undefined && { deactivate: () => deactivate.call(inner) }),
    ...(close !== undefined && { close: () => close.call(inner) }),
  };
}

/** The same spout, which is told of an attempt that was late when it has ended. One without `fail` stays as it is. */
function settling(inner: SpoutHooks<Outputs>): SpoutHooks<Outputs> {
  const { ack, fail, settled, onTick, activate, deactivate, close } = inner;
  if (fail === undefined || settled !== undefined) return inner;
  return {
    nextTuple: (collector) => inner.nextTuple(collector),
    ...(ack !== undefined && { ack: (id, info) => ack.call(inner, id, info) }),
    fail: (id, info) => (info.willSettle ? undefined : fail.call(inner, id, info)),
    settled: (id, info) => {
      const { completed, reason, latencyMs, attempt } = info;
      if (completed) return ack?.call(inner, id, { latencyMs, attempt });
      return fail.call(inner, id, { ...info, reason: reason ?? "timeout", willSettle: false });
    },
    ...(onTick !== undefined && { onTick: (collector) => onTick.call(inner, collector) }),
    ...(activate !== undefined && { activate: () => activate.call(inner) }),
    ...(deactivate !== undefined && { deactivate: () => deactivate.call(inner) }),
    ...(close !== undefined && { close: () => close.call(inner) }),
  };
}

/** The engine's collector by the names that are used here: what a stream takes is checked where it is emitted. */
interface Emitter {
  emit(values: Values, id?: unknown, position?: unknown): void;
  emitTo(stream: string, values: Values, id?: unknown, position?: unknown): void;
  emitDirect(stream: string, taskId: number, values: Values, id?: unknown, position?: unknown): void;
  emitToAndTell(stream: string, values: Values, id?: unknown, position?: unknown): readonly number[];
  reportError(error: unknown): void;
}

function collectorAround(collector: Emitter, wrapper: SpoutWrapper): object {
  const engine = spoutEngineOf(collector);
  function through<R>(values: Values, id: unknown, attempt: number, emit: (values: Values) => R): R {
    const changed = wrapper.emitting(values, id, attempt);
    try {
      return emit(changed);
    } catch (error) {
      wrapper.refused?.(id);
      throw error;
    }
  }
  const emit: Emitter["emit"] = (values, id, position) =>
    through(values, id, 1, (changed) => collector.emit(changed, id, position));
  const emitToAndTell: Emitter["emitToAndTell"] = (stream, values, id, position) => {
    if (stream !== "default") return collector.emitToAndTell(stream, values, id, position);
    return through(values, id, 1, (changed) => collector.emitToAndTell(stream, changed, id, position));
  };
  const engineAround: SpoutEngine = {
    emitAttempt: (values, tracked) =>
      tracked.stream === "default"
        ? through(values, tracked.id, tracked.attempt, (changed) => engine.emitAttempt(changed, tracked))
        : engine.emitAttempt(values, tracked),
    giveUp: (id) => engine.giveUp(id),
    skip: (position) => engine.skip(position),
  };
  const around: Emitter & Record<string | symbol, unknown> = {
    emit,
    emitTo: (stream, values, id, position) =>
      stream === "default" ? emit(values, id, position) : collector.emitTo(stream, values, id, position),
    emitDirect: (stream, taskId, values, id, position) =>
      stream === "default"
        ? through(values, id, 1, (changed) => collector.emitDirect(stream, taskId, changed, id, position))
        : collector.emitDirect(stream, taskId, values, id, position),
    emitAndTell: (values: Values, id?: unknown, position?: unknown) => emitToAndTell("default", values, id, position),
    emitToAndTell,
    reportError: (error) => collector.reportError(error),
    [SPOUT_ENGINE]: engineAround,
  };
  return around;
}
