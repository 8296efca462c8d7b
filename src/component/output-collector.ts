import type { AnyTuple } from "../tuple/tuple.ts";
import type { DefaultValues, DirectStreamName, PlainStreamName, StreamValues } from "./outputs.ts";

/** The tuple or tuples that a new one descends from. */
export type Anchors = AnyTuple | readonly AnyTuple[];

/**
 * What a basic bolt emits through. Every emit is anchored to the tuple that is being executed; outside of `execute`
 * (in onTick, onFlush, onEnd) it is anchored to nothing.
 *
 * No emit waits: what does not fit into a full queue stays with the task, which takes no new input until it has
 * drained.
 */
export interface BasicCollector<O> {
  emit(values: DefaultValues<O>): void;
  emitTo<S extends PlainStreamName<O>>(stream: S, values: StreamValues<O, S>): void;
  /**
   * To one task, on a stream declared with `direct(...)`. The task must belong to a component that subscribes to
   * it.
   */
  emitDirect<S extends DirectStreamName<O>>(stream: S, taskId: number, values: StreamValues<O, S>): void;
  /** Emits and tells which tasks receive the tuple; dearer than `emit`. */
  emitAndTell(values: DefaultValues<O>): readonly number[];
  emitToAndTell<S extends PlainStreamName<O>>(stream: S, values: StreamValues<O, S>): readonly number[];
  /** Logs and counts an error without failing anything. */
  reportError(error: unknown): void;
}

/** What a rich bolt emits and acks through. Anchors come first; an emit without them has its own name. */
export interface OutputCollector<O> {
  emit(anchors: Anchors, values: DefaultValues<O>): void;
  emitTo<S extends PlainStreamName<O>>(stream: S, anchors: Anchors, values: StreamValues<O, S>): void;
  /** A tuple that belongs to no tree: nobody replays it when it is lost. */
  emitUnanchored(values: DefaultValues<O>): void;
  emitUnanchoredTo<S extends PlainStreamName<O>>(stream: S, values: StreamValues<O, S>): void;
  /** To one task, on a stream declared with `direct(...)`; no anchors is an empty list. */
  emitDirect<S extends DirectStreamName<O>>(
    stream: S,
    taskId: number,
    anchors: Anchors,
    values: StreamValues<O, S>,
  ): void;
  /** Emits and tells which tasks receive the tuple; dearer than `emit`. */
  emitAndTell(anchors: Anchors, values: DefaultValues<O>): readonly number[];
  emitToAndTell<S extends PlainStreamName<O>>(
    stream: S,
    anchors: Anchors,
    values: StreamValues<O, S>,
  ): readonly number[];
  /** This bolt is done with the tuple. Every received tuple is acked or failed exactly once. */
  ack(tuple: AnyTuple): void;
  /** The trees that the tuple belongs to fail, with this error as their reason. */
  fail(tuple: AnyTuple, error?: unknown): void;
  /** Starts the timeout of the tuple's trees anew: for work that takes long on purpose. */
  resetTimeout(tuple: AnyTuple): void;
  /** Logs and counts an error without failing anything. */
  reportError(error: unknown): void;
}

/**
 * What a spout emits through. An emit with an id is tracked: `ack` or `fail` is called with that id, once. `position`
 * says where in its source the spout is after this tuple; a restarted task is opened with the last one that is safe.
 */
export interface SpoutCollector<O> {
  emit(values: DefaultValues<O>, id?: unknown, position?: unknown): void;
  emitTo<S extends PlainStreamName<O>>(stream: S, values: StreamValues<O, S>, id?: unknown, position?: unknown): void;
  /** To one task, on a stream declared with `direct(...)`. */
  emitDirect<S extends DirectStreamName<O>>(
    stream: S,
    taskId: number,
    values: StreamValues<O, S>,
    id?: unknown,
    position?: unknown,
  ): void;
  /** Emits and tells which tasks receive the tuple; dearer than `emit`. */
  emitAndTell(values: DefaultValues<O>, id?: unknown, position?: unknown): readonly number[];
  emitToAndTell<S extends PlainStreamName<O>>(
    stream: S,
    values: StreamValues<O, S>,
    id?: unknown,
    position?: unknown,
  ): readonly number[];
  /** Logs and counts an error without failing anything. */
  reportError(error: unknown): void;
}
