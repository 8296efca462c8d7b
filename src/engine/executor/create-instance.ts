import type { ComponentSpec } from "../../topology/topology-spec.ts";
import type { BoltHooks } from "./bolt-task.ts";
import type { CurrentAnchor } from "./collectors.ts";
import type { SpoutHooks } from "./spout-task.ts";
import type { Task } from "./task.ts";

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
