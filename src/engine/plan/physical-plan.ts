import type { GroupingSpec } from "../../topology/topology-spec.ts";
import type { FieldSpec } from "../../tuple/field-spec.ts";

/**
 * Where everything runs and what connects it: a pure function of the topology, the number of workers and the resolved
 * options. Plain data, the same in every thread and after every restart.
 *
 * Threads are numbered: 0 .. workerCount - 1 are workers, workerCount is the main thread.
 */
export interface PhysicalPlan {
  readonly workerCount: number;
  /** By task id. Ids start at 1; components in order of declaration; index 0 is unused (null). */
  readonly tasks: readonly (TaskPlan | null)[];
  readonly components: readonly ComponentPlan[];
  /** By stream index. */
  readonly streams: readonly StreamPlan[];
  readonly edges: readonly EdgePlan[];
  /** By ring index. */
  readonly rings: readonly RingPlan[];
}

export interface TaskPlan {
  readonly taskId: number;
  readonly component: string;
  /** Position among the component's tasks, from 0. */
  readonly taskIndex: number;
  readonly thread: number;
}

export interface ComponentPlan {
  readonly id: string;
  readonly kind: "spout" | "bolt" | "feeder" | "output";
  /** Ascending. */
  readonly taskIds: readonly number[];
  /** Tasks upstream, over all inputs but feedback ones: whose end-of-stream this component waits for. */
  readonly upstreamTasks: readonly number[];
  /** Longest path from a source; feedback edges do not count. Tasks of a worker run in this order. */
  readonly depth: number;
  /** Number of the cycle that the component is part of; null for most. */
  readonly cycle: number | null;
}

export interface StreamPlan {
  readonly component: string;
  readonly stream: string;
  readonly fields: readonly FieldSpec[];
  readonly direct: boolean;
  /** Indices into `edges` of its subscriptions. */
  readonly edges: readonly number[];
}

export type EdgeKind = "chained" | "local" | "ring";

/** One subscription: a stream into one input of one consumer. */
export interface EdgePlan {
  readonly streamIndex: number;
  readonly consumer: string;
  readonly input: string;
  readonly grouping: GroupingSpec;
  readonly feedback: boolean;
  /** Ascending task ids of the consumer. */
  readonly targetTasks: readonly number[];
  /** consumer field k is column `columns[k]` of the stream. */
  readonly columns: readonly number[];
  /** For fields and partialKey: the stream columns of the key, in the order given. Else empty. */
  readonly keyColumns: readonly number[];
  /** For fields grouping: index into `targetTasks` by key group; KEY_GROUP_COUNT entries. Else null. */
  readonly groupOwners: readonly number[] | null;
  /**
   * `chained`: every producing task can only choose one task, on its own worker; `local`: only tasks of its own
   * worker.
   */
  readonly kind: EdgeKind;
}

/** A one-producer, one-consumer ring: from a thread to a task of another thread. */
export interface RingPlan {
  readonly ringIndex: number;
  readonly producerThread: number;
  readonly consumerThread: number;
  readonly consumerTask: number;
  /** Forward edges share one ring of a pair; feedback edges have their own. */
  readonly feedback: boolean;
  /** Capacity in bytes: a power of two. */
  readonly bytes: number;
  /** Its bit in the dirty words of (producer thread, consumer thread): position among that pair's rings. */
  readonly dirtyBit: number;
}
