/** What the engine offers to spouts of this package beyond the public collector. */
export interface SpoutEngine {
  /** As `emit` with an id, and says which attempt it is. */
  emitAttempt(values: readonly unknown[], emit: { id: object; attempt: number; position: unknown }): void;
  /** An id that failed is not emitted again: its position counts as done. */
  giveUp(id: object): void;
  /** A position that needs no emit any more: what it stands for was done before the task was made again. */
  skip(position: unknown): void;
}

/** The same in every copy of this package. */
export const SPOUT_ENGINE = Symbol.for("stormcell.spoutEngine");

/** The engine behind a spout's collector; a stand-in that knows emits alone behind one that is not the engine's. */
export function spoutEngineOf(collector: object): SpoutEngine {
  const engine = (collector as { [SPOUT_ENGINE]?: SpoutEngine })[SPOUT_ENGINE];
  if (engine !== undefined) return engine;
  const { emit } = collector as { emit(values: readonly unknown[], id: unknown, position: unknown): void };
  return {
    emitAttempt: (values, { id, position }) => emit.call(collector, values, id, position),
    giveUp: () => {},
    skip: () => {},
  };
}
