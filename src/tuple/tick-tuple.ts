import type { AnyTuple, TupleInfo } from "./tuple.ts";

/** Storm's names for where ticks come from. */
const SYSTEM_COMPONENT = "__system";
const TICK_STREAM = "__tick";

/**
 * What a bolt that declares `tickMs` and has no `onTick` is given with each tick: it has no fields, belongs to no
 * tree, and may be acked like any other tuple, which changes nothing.
 */
class TickTuple implements AnyTuple {
  readonly $: TupleInfo = Object.freeze({
    input: "default",
    sourceComponent: SYSTEM_COMPONENT,
    sourceStream: TICK_STREAM,
    sourceTask: -1,
    attempt: 0,
    isExpired: false,
    values: Object.freeze([]),
    select: () => [],
  });
}

export type { TickTuple };

/** There is but one: a tick says nothing but that time has passed. */
export const TICK_TUPLE: TickTuple = Object.freeze(new TickTuple());

/** Storm's class of this name, as far as it has a meaning here. */
export const TupleUtils = {
  /** True for what a bolt without `onTick` is given every `tickMs`, in the place of a tuple. */
  isTick(tuple: unknown): boolean {
    return tuple === TICK_TUPLE;
  },
} as const;
