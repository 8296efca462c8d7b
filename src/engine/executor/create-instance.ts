import type { ComponentSpec } from "../../topology/topology-spec.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { CurrentAnchor } from "./collectors.ts";
import type { Task } from "./task.ts";

/** The hooks of a spout as the engine calls them; only `nextTuple` must be there. */
export interface SpoutHooks {
  open?(context: unknown, start: { position: unknown; doneAhead: ArrayLike<number> }): unknown;
  nextTuple(collector: unknown): unknown;
  activate?(): unknown;
  ack?(id: unknown, info: unknown): unknown;
  fail?(id: unknown, info: unknown): unknown;
  settled?(id: unknown, info: unknown): unknown;
  deactivate?(): unknown;
  close?(): unknown;
}

/** The hooks of a bolt as the engine calls them; only `execute` must be there. */
export interface BoltHooks {
  prepare?(context: unknown): unknown;
  execute(tuple: object, collector: unknown): unknown;
  onTick?(collector: unknown): unknown;
  onFlush?(collector: unknown): unknown;
  onEnd?(collector: unknown): unknown;
  activate?(): unknown;
  deactivate?(): unknown;
  cleanup?(): unknown;
}

/** Makes the tuple of a row. */
export type TupleClass = new (batch: TupleBatch, row: number) => object;

export interface CreatedSpout {
  readonly hooks: SpoutHooks;
  readonly context: unknown;
  readonly collector: { readonly emits: number };
}

export interface CreatedBolt {
  readonly hooks: BoltHooks;
  readonly context: unknown;
  readonly collector: unknown;
  /** Of a basic bolt: a collector for one tuple among several that are under way. */
  readonly collectorFor?: (anchor: CurrentAnchor) => unknown;
}

/** Makes the user's instance for a task, with its collector installed. The main thread has none to make. */
export interface InstanceFactory {
  create(spec: ComponentSpec, task: Task): CreatedSpout | CreatedBolt;
}
