import { EngineError } from "../../base/engine-error.ts";
import { SIGNAL_END_OF_STREAM, SIGNAL_FLUSH, type Signal } from "../../tuple/signal.ts";

/** `value` of an end-of-stream signal: the source ran out, or it was stopped. */
export const END_EXHAUSTED = 0;
export const END_DRAINED = 1;

/** What stays inside the cycle that a bolt is part of. */
export interface InnerOfCycle {
  /** Edges from components of the cycle to components of it. */
  readonly edges: ReadonlySet<number>;
  /** Tasks of the cycle's components. */
  readonly tasks: ReadonlySet<number>;
}

export const NO_EDGES: ReadonlySet<number> = new Set();

export interface InputEndParts {
  readonly taskId: number;
  /** End-of-stream signals to wait for: one per forward edge and producing task. */
  readonly upstreamSignals: number;
  /** Those of them that come from outside the component's cycle. */
  readonly outsideSignals: number;
  /** The component's cycle, if it is part of one: main says when that has run empty. */
  readonly inner: InnerOfCycle | null;
}

/** What a bolt whose input has run dry does next. A source that waits for trees asks to "flush again". */
export type EndStep = "flush" | "flush again" | "end" | null;

/** Counts a bolt's flush and end-of-stream signals, and says when which of its ending hooks is due. */
export class InputEnd {
  /** True when some source stopped before it was exhausted: the input did not end, so `onEnd` is not called. */
  isDrained = false;
  readonly #parts: InputEndParts;
  #flushSignals = 0;
  #endSignals = 0;
  #outsideEndSignals = 0;
  #flushed = false;
  #flushAgain = false;
  /** In a cycle: how often main said that nothing moves in it any more. */
  #cycleRounds = 0;

  constructor(parts: InputEndParts) {
    this.#parts = parts;
  }

  take(signal: Signal): void {
    if (signal.kind === SIGNAL_FLUSH) {
      // Only a source's first flush is counted; later ones ask again, for what came after it.
      if (signal.value === 0) this.#flushSignals++;
      else this.#flushAgain = true;
    } else if (signal.kind === SIGNAL_END_OF_STREAM) {
      this.#endSignals++;
      if (this.#parts.inner?.tasks.has(signal.sourceTask) !== true) this.#outsideEndSignals++;
      if (signal.value === END_DRAINED) this.isDrained = true;
    } else {
      throw new EngineError("SIGNAL_UNKNOWN", {
        problem: `task ${this.#parts.taskId} received a signal of kind ${signal.kind}, which nobody here knows`,
        remedy: "run all threads with the same version of stormcell",
      });
    }
  }

  /** The step that is due, which the caller then takes. */
  nextStep(): EndStep {
    const { upstreamSignals, inner } = this.#parts;
    const rounds = inner === null ? 2 : this.#cycleRounds;
    if (!this.#flushed && this.#flushSignals >= upstreamSignals && rounds >= 1) {
      this.#flushed = true;
      return "flush";
    }
    if (this.#flushed && this.#endSignals >= upstreamSignals && rounds >= 2) return "end";
    if (!this.#flushAgain) return null;
    this.#flushAgain = false;
    return "flush again";
  }

  /** A new epoch: every source says again how far it is. What was done about it before is not done again. */
  beginEpoch(): void {
    this.#flushSignals = 0;
    this.#endSignals = 0;
    this.#outsideEndSignals = 0;
    this.#flushAgain = false;
    this.#cycleRounds = 0;
  }

  /** Main's word that nothing moves in this task's cycle any more: once for the flush, once for the end. */
  cycleIsQuiet(): void {
    this.#cycleRounds++;
  }

  /** True when nothing more comes from outside the cycle, and what the last round asked for is done. */
  get isOutsideQuiet(): boolean {
    const roundDone = this.#cycleRounds === 0 || this.#flushed;
    return this.#outsideEndSignals >= this.#parts.outsideSignals && roundDone;
  }
}
