import type { SpoutCollector } from "./output-collector.ts";
import type { Outputs } from "./outputs.ts";

/** What is told of an emit that is one of several attempts. */
export interface AttemptEmit {
  readonly stream: string;
  readonly id: object;
  /** From 1. */
  readonly attempt: number;
  readonly position: unknown;
}

/** What the engine offers to spouts of this package beyond the public collector. */
export interface SpoutEngine {
  /** As `emitTo` with an id, and says which attempt it is. */
  emitAttempt(values: readonly unknown[], emit: AttemptEmit): void;
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
  const given = collector as Pick<SpoutCollector<Outputs>, "emit" | "emitTo">;
  return {
    emitAttempt: (values, { stream, id, position }) =>
      stream === "default"
        ? given.emit(values as never, id, position)
        : given.emitTo(stream as never, values as never, id, position),
    giveUp: () => {},
    skip: () => {},
  };
}
