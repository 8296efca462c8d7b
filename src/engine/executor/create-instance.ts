import type { ComponentSpec } from "../../topology/topology-spec.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { CurrentAnchor } from "./collectors.ts";
import type { Task } from "./task.ts";

/** What every instance has beside its hooks. */
export interface CreatedInstance {
  readonly hooks: {
    onTick?(collector: unknown): unknown;
    execute?(tuple: object, collector: unknown): unknown;
  };
  readonly collector: unknown;
  readonly context: unknown;
  /** The instance is given up: what it still emits goes nowhere, and its context's signal is aborted. */
  retire(): void;
  /** Its first hook has succeeded. */
  readonly opened?: () => void;
  /** Its last hook has ended, however, or it is owed none: what it held is free for others. */
  readonly ended?: () => void;
}

/** The hooks of a spout as the engine calls them; only `nextTuple` must be there. */
export interface SpoutHooks {
  open?(context: unknown, start: { position: unknown; doneAhead: ArrayLike<number> }): unknown;
  nextTuple(collector: unknown): unknown;
  onTick?(collector: unknown): unknown;
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

export interface CreatedSpout extends CreatedInstance {
  readonly hooks: SpoutHooks;
  readonly collector: { readonly emits: number };
}

export interface CreatedBolt extends CreatedInstance {
  readonly hooks: BoltHooks;
  readonly collector: unknown;
  /** Of a basic bolt: a collector for one tuple among several that are under way. */
  readonly collectorFor?: (anchor: CurrentAnchor) => unknown;
}

/** Makes the user's instance for a task, with its collector installed. The main thread has none to make. */
export interface InstanceFactory {
  create(spec: ComponentSpec, task: Task): CreatedSpout | CreatedBolt;
}
