import { EngineError } from "../../base/engine-error.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import type { Outlet } from "./outlet.ts";
import { type NewTree, PendingTrees, type TreeOutcome } from "./pending-trees.ts";
import type { PositionMark } from "./position-marks.ts";
import type { Rooting, StreamRoute } from "./stream-route.ts";
import type { Tracking } from "./tracking.ts";

/** An emit that asks for tracking. */
export interface TrackedEmit {
  readonly values: readonly unknown[];
  readonly id: unknown;
  /** The task to send it to, on a direct stream; else null. */
  readonly target: number | null;
  /** From 1. */
  readonly attempt: number;
  /** Its place among the positions of its spout, or null. */
  readonly mark: PositionMark | null;
}

interface WaitingEmit {
  readonly route: StreamRoute;
  readonly emit: TrackedEmit;
  readonly targets: readonly Outlet[];
}

/**
 * What one spout or feeder task has tracked: opens a tree for each emit with an id, and lets those wait that come
 * while `maxSpoutPending` trees are open.
 */
export class TrackedEmits implements Rooting {
  readonly pairs: number[] = [0, 0];
  readonly pairCount = 1;
  /** True when the source wants to hear how trees end after their time was up. */
  waitsForEnd = false;
  readonly #taskId: number;
  readonly #component: string;
  #tracking: Tracking;
  readonly #trees: PendingTrees;
  readonly #waitingMax: number;
  #waiting: WaitingEmit[] = [];
  #waitingHead = 0;
  #emit: TrackedEmit | null = null;

  constructor(task: { taskId: number; component: string }, tracking: Tracking, waitingMax: number) {
    this.#taskId = task.taskId;
    this.#component = task.component;
    this.#tracking = tracking;
    this.#trees = new PendingTrees(tracking.slots, tracking.sourceOf(task.taskId));
    this.#waitingMax = waitingMax;
    tracking.addSource(task.taskId, this.#trees);
  }

  /** A new epoch: what is pending fails, what waits for a slot goes on waiting. */
  beginEpoch(tracking: Tracking): void {
    this.#tracking = tracking;
    this.#trees.beginEpoch(tracking.slots, WORKER_LOST, tracking.nowMs());
    tracking.addSource(this.#taskId, this.#trees);
  }

  /** What is pending is nobody's any more: it goes on, and its ends carry NOBODYS. What waits was never sent. */
  disown(): void {
    this.#trees.disown(NOBODYS);
    this.#waiting = [];
    this.#waitingHead = 0;
  }

  /** Trees without an outcome, and emits that wait for a slot. */
  get pending(): number {
    return this.#trees.unsettled + this.waiting;
  }

  get waiting(): number {
    return this.#waiting.length - this.#waitingHead;
  }

  /** True when the source should not be asked for more. */
  get isFull(): boolean {
    return this.waiting > 0 || !this.#trees.hasRoom;
  }

  get hasOutcome(): boolean {
    return this.#trees.hasOutcome;
  }

  takeOutcome(): TreeOutcome | null {
    return this.#trees.takeOutcome();
  }

  /**
   * Emits now, or as soon as there is a slot. Returns the outlets that take a copy; good until the next call.
   *
   * @throws EngineError EMIT_OVERFLOW, and what an emit throws for its values
   */
  emit(route: StreamRoute, emit: TrackedEmit): readonly Outlet[] {
    if (this.isFull) {
      const targets = route.chooseTargets(emit.values, emit.target);
      if (this.waiting >= this.#waitingMax) this.#throwOverflow();
      this.#waiting.push({ route, emit, targets });
      return targets;
    }
    this.#emit = emit;
    if (emit.target === null) return route.emitRooted(emit.values, this);
    route.emitDirectRooted(emit.target, emit.values, this);
    return NOWHERE;
  }

  /** Sends what waited, as far as there are slots. Returns how many. */
  sendWaiting(): number {
    let sent = 0;
    while (this.#waitingHead < this.#waiting.length && this.#trees.hasRoom) {
      const { route, emit, targets } = this.#waiting[this.#waitingHead++]!;
      this.#emit = emit;
      route.sendTo(targets, emit.values, this);
      sent++;
    }
    if (this.#waitingHead === this.#waiting.length && this.#waitingHead > 0) {
      this.#waiting = [];
      this.#waitingHead = 0;
    }
    return sent;
  }

  begin(copies: number): void {
    const { id, attempt, mark } = this.#emit!;
    const tree: NewTree = { id, copies, attempt, mark, waitsForEnd: this.waitsForEnd };
    if (copies === 0) {
      this.#trees.settleEmpty(tree);
      return;
    }
    this.#tracking.noteTracked();
    const slot = this.#trees.open(tree, this.#tracking.nowMs(), this.#tracking.treeNowMs());
    this.pairs[0] = slot;
    this.pairs[1] = this.#tracking.slots.generationOf(slot);
  }

  takeBack(copies: number): void {
    this.#tracking.ledger.add(this.pairs[0]!, -copies);
  }

  #throwOverflow(): never {
    throw new EngineError("EMIT_OVERFLOW", {
      problem: `task ${this.#taskId} of "${this.#component}" emitted more tracked tuples in one call than may wait`,
      facts: { waiting: this.waiting, emitOverflowMax: this.#waitingMax },
      remedy: "return from nextTuple after a few emits: it is called again when there is room",
    });
  }
}

/** Stands for the ids of trees that nobody wants to hear of. */
export const NOBODYS: unique symbol = Symbol("nobody's");
const NOWHERE: readonly Outlet[] = [];
const WORKER_LOST: TreeFailure = { reason: "worker-lost", component: null, taskId: null, error: null };
