import type { MessagePort } from "node:worker_threads";
import type { WireError } from "../../base/wire-error.ts";

/** Why a tree failed; `fail(id, info)` learns it. Data that can be cloned. */
export interface TreeFailure {
  readonly reason: "bolt" | "timeout" | "worker-lost" | "rejected";
  /** The component that failed a tuple of it, or held one when time was up; null when nobody knows. */
  readonly component: string | null;
  readonly taskId: number | null;
  readonly error: WireError | null;
}

/** A pending tree: its slot and the generation of its tenancy. */
export interface TreeId {
  readonly slot: number;
  readonly generation: number;
}

export interface FailedTree extends TreeId {
  readonly failure: TreeFailure;
}

/** What a thread's tasks hold of a tree: tuples that are open or being executed, and one who holds one. */
export interface HeldTuples extends TreeId {
  readonly count: number;
  readonly component: string | null;
  readonly taskId: number | null;
}

/** A task that holds tuples of pending trees. */
export interface TaskHolding {
  readonly component: string;
  readonly taskId: number;
  readonly count: number;
  /** It waits for a promise of user code. */
  readonly isWaiting: boolean;
}

/** How much a thread has done so far, as a number that only grows, and what its tasks hold. */
export interface Movement {
  readonly moves: number;
  readonly holders: readonly TaskHolding[];
}

export type ToAcker =
  /** Trees of this thread's sources are pending, and it has had nothing to do for a while. */
  | { readonly type: "quiet" }
  | { readonly type: "moved"; readonly round: number; readonly movement: Movement }
  | { readonly type: "failed"; readonly tree: FailedTree }
  | { readonly type: "held"; readonly round: number; readonly trees: readonly HeldTuples[] };

export type FromAcker =
  /** To every thread: the owner settles the id, the others let go of the tree's tuples. */
  | { readonly type: "treesFailed"; readonly trees: readonly FailedTree[] }
  /** To every thread: the owner tells its spout that time was up; the trees go on, for `settleTimeoutMs` at most. */
  | { readonly type: "treesOverdue"; readonly trees: readonly FailedTree[] }
  /** Answered by `moved` of the same round. */
  | { readonly type: "whatMoved"; readonly round: number }
  /** To the main thread: nothing moves although trees are pending. */
  | { readonly type: "stalled"; readonly holders: readonly TaskHolding[] }
  /** Answered by `held` of the same round. */
  | { readonly type: "whoHolds"; readonly round: number; readonly trees: readonly TreeId[] };

export interface AckerSettings {
  readonly messageTimeoutMs: number;
  readonly messageLifetimeMs: number;
  readonly timeoutFrom: "progress" | "emit";
  readonly stallReportMs: number;
  readonly settleTimeoutMs: number;
}

/** All that the acker's thread is started with. */
export interface AckerStart extends AckerSettings {
  readonly slots: Int32Array;
  /** By thread, main last. */
  readonly ports: readonly MessagePort[];
}
