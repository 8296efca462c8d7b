/**
 * Chooses one target for each tuple. One grouper per producing task and subscription; no two share state.
 *
 * `values` are the tuple's values in the order of its stream's fields. Choosing is pure but for the grouper's own
 * position, a seeded generator, and what `TargetLoad` tells.
 */
export abstract class SingleGrouping {
  /** Index into the consumer's tasks, which ascend by task id. */
  abstract choose(values: readonly unknown[]): number;
}

/** Chooses any number of targets for each tuple. See SingleGrouping. */
export abstract class MultiGrouping {
  /** Writes indices into the consumer's tasks to the front of `out`, and returns how many. */
  abstract choose(values: readonly unknown[], out: number[]): number;
}

/** How much waits at a target, as the producing task sees it: it may be late, and is never dear to read. */
export interface TargetLoad {
  /** Tuples on their way to the target and not yet executed, as far as this thread knows. */
  pendingTuples(targetIndex: number): number;
}
