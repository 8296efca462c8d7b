import { toWireError } from "../../base/wire-error.ts";
import type { CompletionRing } from "../../memory/completion-ring.ts";
import type { Doorbell } from "../../memory/doorbell.ts";
import type { TreeSlots } from "../../memory/tree-slots.ts";
import { STRUCK } from "../../tuple/batch-roots.ts";
import type {
  FailedTree,
  FromAcker,
  HeldTuples,
  TaskHolding,
  ToAcker,
  TreeFailure,
  TreeId,
} from "../acker/acker-protocol.ts";
import type { TrackedSource } from "../plan/tracking-plan.ts";
import type { PendingTrees } from "./pending-trees.ts";
import { QuietWatch } from "./quiet-watch.ts";
import { TreeLedger } from "./tree-ledger.ts";

/** A task as tracking knows it: holds tuples of trees. */
export interface TupleHolder {
  readonly taskId: number;
  readonly plan: { readonly component: string };
  /** Lets go of the tuples of these trees, by slot. */
  expire(trees: ReadonlyMap<number, number>): void;
  /** How many tuples of the tree it holds, executed or being executed. */
  heldOf(slot: number, generation: number): number;
  /** Tuples of pending trees that it holds, executed or being executed. */
  readonly heldRows: number;
  /** Grows with every tuple that it executes. */
  readonly moves: number;
  readonly awaitsPromise: boolean;
}

export interface TrackingParts {
  readonly slots: TreeSlots;
  readonly sources: readonly TrackedSource[];
  readonly thread: number;
  /** By consuming thread; null for this one, and for threads without sources. */
  readonly outgoing: readonly ({ readonly ring: CompletionRing; readonly doorbell: Doorbell } | null)[];
  readonly incoming: readonly CompletionRing[];
  readonly notesProgress: boolean;
  readonly stallReportMs: number;
  readonly nowMs: () => number;
  /** Whole ms of the clock that all threads of the run share. */
  readonly treeNowMs: () => number;
  readonly post: (message: ToAcker) => void;
  /** Called once, when the first tuple is tracked: somebody must keep time from now on. */
  readonly startAcker: () => void;
}

/** Enough that a stall is seen, and seen again for long enough, within stallReportMs. */
const LOOKS_PER_REPORT = 5;

/**
 * One thread's part in tracking: its ledger, its ends of the completion rings, what its sources have pending, and its
 * side of the talk with the acker. docs/ACKING.md says how the parts play together.
 */
export class Tracking {
  readonly slots: TreeSlots;
  readonly ledger: TreeLedger;
  readonly #parts: TrackingParts;
  /** By slot: the thread that owns it. */
  readonly #threadOf: Uint16Array;
  /** By slot, for slots of this thread: the position of its source in `pending`. */
  readonly #sourceOf: Uint16Array;
  readonly #pending: (PendingTrees | null)[];
  #holders: readonly TupleHolder[] = [];
  /** Slots of this thread that it brought to zero itself, with room for all that it has. */
  readonly #completed: Int32Array;
  #completedCount = 0;
  #hasTracked = false;
  /** Times that the ledger was emptied. */
  #flushes = 0;
  readonly quiet: QuietWatch;
  /** Consuming threads whose rings have entries that are not shown yet. */
  #unpublished: number[] = [];
  /** The time of what `collect` takes in; 0 until there is something. */
  #collectedMs = 0;
  readonly #treeOffsetMs: number;
  readonly #take = (slots: Int32Array, from: number, to: number): void => {
    if (this.#collectedMs === 0) this.#collectedMs = this.#parts.nowMs();
    for (let begin = from; begin < to; ) {
      const source = this.#sourceOf[slots[begin]!]!;
      let end = begin + 1;
      while (end < to && this.#sourceOf[slots[end]!] === source) end++;
      this.#pending[source]!.completed(slots, begin, end, this.#collectedMs);
      begin = end;
    }
  };

  constructor(parts: TrackingParts) {
    this.#parts = parts;
    this.slots = parts.slots;
    this.#treeOffsetMs = parts.treeNowMs() - parts.nowMs();
    this.#threadOf = new Uint16Array(parts.slots.slotCount);
    this.#sourceOf = new Uint16Array(parts.slots.slotCount);
    this.#completed = new Int32Array(parts.slots.slotCount);
    this.#pending = parts.sources.map(() => null);
    for (const [index, { thread, firstSlot, slotCount }] of parts.sources.entries()) {
      this.#threadOf.fill(thread, firstSlot, firstSlot + slotCount);
      this.#sourceOf.fill(index, firstSlot, firstSlot + slotCount);
    }
    this.ledger = new TreeLedger({
      slots: parts.slots,
      treeNowMs: parts.treeNowMs,
      notesProgress: parts.notesProgress,
      completed: (slot) => this.#onZero(slot),
    });
    this.quiet = new QuietWatch({
      lookMs: parts.stallReportMs / LOOKS_PER_REPORT,
      pending: () => this.#pendingTrees,
      moves: () => this.#moves,
      quiet: () => parts.post({ type: "quiet" }),
    });
  }

  /** What this thread's tasks hold of pending trees. */
  holders(): TaskHolding[] {
    return this.#holders.flatMap(({ taskId, plan, heldRows, awaitsPromise }) =>
      heldRows === 0 ? [] : [{ component: plan.component, taskId, count: heldRows, isWaiting: awaitsPromise }],
    );
  }

  get #pendingTrees(): number {
    return this.#pending.reduce((sum, trees) => sum + (trees?.unsettled ?? 0), 0);
  }

  get #moves(): number {
    return this.#holders.reduce((sum, { moves }) => sum + moves, this.#flushes);
  }

  nowMs(): number {
    return this.#parts.nowMs();
  }

  treeNowMs(): number {
    return this.#parts.treeNowMs();
  }

  /** A time of `nowMs` on the clock of the trees: saves a caller that knows the time a look at the clock. */
  treeMsAt(nowMs: number): number {
    return (nowMs + this.#treeOffsetMs) | 0;
  }

  /** A tree is about to be opened. */
  noteTracked(): void {
    if (this.#hasTracked) return;
    this.#hasTracked = true;
    this.#parts.startAcker();
  }

  /** Before the first hook. */
  wire(holders: readonly TupleHolder[]): void {
    this.#holders = holders;
  }

  addSource(taskId: number, pending: PendingTrees): void {
    this.#pending[this.#parts.sources.findIndex((source) => source.taskId === taskId)] = pending;
  }

  sourceOf(taskId: number): TrackedSource {
    return this.#parts.sources.find((source) => source.taskId === taskId)!;
  }

  /** Brings what this thread's tasks did into the shared counts, and tells other threads which trees are done. */
  flush(): void {
    if (this.ledger.isEmpty) return;
    this.#flushes++;
    this.ledger.flush();
    if (this.#unpublished.length === 0) return;
    for (const thread of this.#unpublished) {
      const { ring, doorbell } = this.#parts.outgoing[thread]!;
      ring.publish();
      doorbell.ring();
    }
    this.#unpublished = [];
  }

  /** Takes in which trees of this thread's sources have come to their end. Returns how many. */
  collect(): number {
    let taken = 0;
    this.#collectedMs = 0;
    for (const ring of this.#parts.incoming) taken += ring.drain(this.#take);
    const count = this.#completedCount;
    this.#completedCount = 0;
    if (count > 0) this.#take(this.#completed, 0, count);
    return taken + count;
  }

  /** True when an ended tree waits for `collect`. */
  get hasCompleted(): boolean {
    return this.#completedCount > 0;
  }

  /** Fails a tree for what a tuple of it met. The caller gives up its count after this, never before. */
  fail(slot: number, generation: number, by: { component: string; taskId: number; error: unknown }): void {
    if (slot === STRUCK || !this.slots.fail(slot, generation)) return;
    const failure: TreeFailure = {
      reason: "bolt",
      component: by.component,
      taskId: by.taskId,
      error: by.error === undefined ? null : toWireError(by.error),
    };
    this.#parts.post({ type: "failed", tree: { slot, generation, failure } });
  }

  /** What the acker says. */
  receive(message: FromAcker): void {
    if (message.type === "treesFailed") this.#treesFailed(message.trees);
    else if (message.type === "treesOverdue") this.#treesOverdue(message.trees);
    else if (message.type === "whatMoved") {
      const movement = { moves: this.#moves, holders: this.holders() };
      this.#parts.post({ type: "moved", round: message.round, movement });
    } else if (message.type === "whoHolds") {
      this.#parts.post({
        type: "held",
        round: message.round,
        trees: message.trees.map((tree) => this.#heldOf(tree)),
      });
    }
  }

  #treesFailed(trees: readonly FailedTree[]): void {
    const nowMs = this.#parts.nowMs();
    const bySlot = new Map<number, number>();
    for (const { slot, generation, failure } of trees) {
      bySlot.set(slot, generation);
      if (this.#threadOf[slot] === this.#parts.thread) {
        this.#pending[this.#sourceOf[slot]!]!.failed(slot, generation, failure, nowMs);
      }
    }
    for (const holder of this.#holders) holder.expire(bySlot);
  }

  #treesOverdue(trees: readonly FailedTree[]): void {
    const nowMs = this.#parts.nowMs();
    for (const { slot, generation, failure } of trees) {
      if (this.#threadOf[slot] !== this.#parts.thread) continue;
      this.#pending[this.#sourceOf[slot]!]!.overdue(slot, generation, failure, nowMs);
    }
  }

  #heldOf({ slot, generation }: TreeId): HeldTuples {
    let count = 0;
    let first: TupleHolder | null = null;
    for (const holder of this.#holders) {
      const held = holder.heldOf(slot, generation);
      if (held > 0) first ??= holder;
      count += held;
    }
    return { slot, generation, count, component: first?.plan.component ?? null, taskId: first?.taskId ?? null };
  }

  #onZero(slot: number): void {
    const thread = this.#threadOf[slot]!;
    if (thread === this.#parts.thread) {
      this.#completed[this.#completedCount++] = slot;
      return;
    }
    this.#parts.outgoing[thread]!.ring.push(slot);
    const { length } = this.#unpublished;
    if (length > 0 && this.#unpublished[length - 1] === thread) return;
    if (!this.#unpublished.includes(thread)) this.#unpublished.push(thread);
  }
}
