import { EngineError } from "../../base/engine-error.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import type { Outlet } from "./outlet.ts";
import { type AckListener, PendingTrees, type TreeOutcome } from "./pending-trees.ts";
import type { PositionMark } from "./position-marks.ts";
import type { Rooting } from "./rooting.ts";
import type { StreamRoute } from "./stream-route.ts";
import type { Tracking } from "./tracking.ts";

/** What is tracked of an emit. */
export interface TreeRequest {
  readonly id: unknown;
  /** Its place among the positions of its spout, or null. */
  readonly mark: PositionMark | null;
  /** From 1. */
  readonly attempt: number;
  /** It is no first attempt, whatever number it has: see docs/METRICS.md. */
  readonly isReplay: boolean;
}

interface WaitingEmit extends TreeRequest {
  readonly route: StreamRoute;
  readonly values: readonly unknown[];
  readonly targets: readonly Outlet[];
}

/**
 * What one spout or feeder task has tracked: opens a tree for each emit with an id, and lets those wait that come
 * while `maxSpoutPending` trees are open.
 */
export class TrackedEmits implements Rooting {
  readonly pairs: number[] = [0, 0];
  readonly pairCount = 1;
  #areQuick = false;
  #isTimeKnown = false;
  #nowMs = 0;
  #treeNowMs = 0;
  readonly #taskId: number;
  readonly #component: string;
  #tracking: Tracking;
  readonly #trees: PendingTrees;
  readonly #waitingMax: number;
  #waiting: WaitingEmit[] = [];
  #waitingHead = 0;
  readonly #only: Outlet[] = [];
  // Of the emit under way.
  #id: unknown = null;
  #mark: PositionMark | null = null;
  #attempt = 1;
  #isReplay = false;
  #route: StreamRoute | null = null;

  constructor(task: { taskId: number; component: string }, tracking: Tracking, waitingMax: number) {
    this.#taskId = task.taskId;
    this.#component = task.component;
    this.#tracking = tracking;
    this.#trees = new PendingTrees(tracking.slots, tracking.sourceOf(task.taskId));
    this.#waitingMax = waitingMax;
    tracking.addSource(task.taskId, this.#trees);
  }

  /** True when the source wants to hear how trees end after their time was up. */
  set waitsForEnd(waits: boolean) {
    this.#trees.waitsForEnd = waits;
  }

  /**
   * The next emit looks at the clock.
   *
   * @param areQuick true when calls follow that take no time to speak of: emits after that one need not look, until
   *   the next call of this
   */
  beginCalls(areQuick: boolean): void {
    this.#areQuick = areQuick;
    this.#isTimeKnown = false;
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

  /** Emits with a place among the positions that wait, and of which nothing was counted yet. */
  get uncountedMarks(): number {
    let marks = 0;
    for (let at = this.#waitingHead; at < this.#waiting.length; at++) {
      const { mark, isReplay } = this.#waiting[at]!;
      if (mark !== null && !isReplay) marks++;
    }
    return marks;
  }

  /** True when the source should not be asked for more. */
  get isFull(): boolean {
    return this.waiting > 0 || !this.#trees.hasRoom;
  }

  get hasOutcome(): boolean {
    return this.#trees.hasOutcome;
  }

  /** See PendingTrees. */
  get hasOther(): boolean {
    return this.#trees.hasOther;
  }

  /** See PendingTrees. */
  tellAcked(max: number, listener: AckListener): number {
    return this.#trees.tellAcked(max, listener);
  }

  takeOutcome(): TreeOutcome | null {
    return this.#trees.takeOutcome();
  }

  /**
   * Emits now, or as soon as there is a slot. Returns the outlets that take a copy; good until the next call.
   *
   * @param mark the emit's place among the positions of its spout, or null
   * @param target the task to send it to, on a direct stream; else null
   * @param attempt from 1
   * @param isReplay it is no first attempt, whatever its number
   * @throws EngineError EMIT_OVERFLOW, and what an emit throws for its values
   */
  emit(
    route: StreamRoute,
    values: readonly unknown[],
    id: unknown,
    mark: PositionMark | null,
    target: number | null,
    attempt: number,
    isReplay: boolean,
  ): readonly Outlet[] {
    if (this.isFull) {
      const targets = route.chooseTargets(values, target);
      if (this.waiting >= this.#waitingMax) this.#throwOverflow();
      this.#waiting.push({ route, values, id, mark, attempt, isReplay, targets });
      return targets;
    }
    const only = target === null ? route.onlyTarget(values) : null;
    if (only !== null) return this.#emitTo(only, route, values, id, mark, attempt, isReplay);
    this.#id = id;
    this.#mark = mark;
    this.#attempt = attempt;
    this.#isReplay = isReplay;
    this.#route = route;
    if (target === null) return route.emitRooted(values, this);
    route.emitDirectRooted(target, values, this);
    return NOWHERE;
  }

  /** The way of nearly all emits: one copy, and the tree is opened between the look at the row and its leaving. */
  #emitTo(
    only: Outlet,
    route: StreamRoute,
    values: readonly unknown[],
    id: unknown,
    mark: PositionMark | null,
    attempt: number,
    isReplay: boolean,
  ): readonly Outlet[] {
    // Before the row is taken: from then on nothing may throw until it has its root.
    if (!this.#isTimeKnown) this.#lookAtClock();
    only.takeRow(values);
    const trees = this.#trees;
    const slot = trees.open(id, mark, 1, attempt, this.#nowMs, this.#treeNowMs, route.index);
    if (isReplay) route.countReplay();
    route.count(1);
    only.rootRow(slot, trees.lastGeneration);
    const targets = this.#only;
    if (targets[0] !== only) targets[0] = only;
    return targets;
  }

  /** Sends what waited, as far as there are slots. Returns how many. */
  sendWaiting(): number {
    let sent = 0;
    while (this.#waitingHead < this.#waiting.length && this.#trees.hasRoom) {
      const { route, values, targets, id, mark, attempt, isReplay } = this.#waiting[this.#waitingHead++]!;
      this.#id = id;
      this.#mark = mark;
      this.#attempt = attempt;
      this.#isReplay = isReplay;
      this.#route = route;
      route.sendTo(targets, values, this);
      sent++;
    }
    if (this.#waitingHead === this.#waiting.length && this.#waitingHead > 0) {
      this.#waiting = [];
      this.#waitingHead = 0;
    }
    return sent;
  }

  begin(copies: number): void {
    const trees = this.#trees;
    const route = this.#route!;
    if (this.#isReplay) route.countReplay();
    if (copies === 0) {
      trees.settleEmpty(this.#id, this.#mark, this.#attempt, route.index);
      return;
    }
    if (!this.#isTimeKnown) this.#lookAtClock();
    const { index } = route;
    this.pairs[0] = trees.open(this.#id, this.#mark, copies, this.#attempt, this.#nowMs, this.#treeNowMs, index);
    this.pairs[1] = trees.lastGeneration;
  }

  #lookAtClock(): void {
    this.#tracking.noteTracked();
    this.#nowMs = this.#tracking.nowMs();
    this.#treeNowMs = this.#tracking.treeMsAt(this.#nowMs);
    this.#isTimeKnown = this.#areQuick;
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
