import { EngineError } from "../../base/engine-error.ts";
import type { InputWords, TaskBlock } from "../../metrics/task-block.ts";
import { rootsEnd, rootsStart, STRUCK, strikeRoot, strikeRow } from "../../tuple/batch-roots.ts";
import { ROW_ACKED, ROW_EXPIRED, ROW_FAILED, ROW_FRESH, ROW_OPEN, TupleBatch } from "../../tuple/tuple-batch.ts";
import type { AnchorSet } from "./anchor-set.ts";
import { isEnded, stateOf, statesOf } from "./row-states.ts";
import type { RowTiming } from "./row-timing.ts";
import type { Tracking } from "./tracking.ts";

export interface RowBookOwner {
  readonly taskId: number;
  readonly plan: { readonly component: string };
}

/** Where a book counts. */
export type RowCounts = Pick<TaskBlock, "words" | "inputs" | "add">;

/**
 * What became of the rows that one bolt's task received: which were acked, failed, are still open, or no longer
 * matter; and with it, what is given up of the trees they belong to.
 */
export class RowBook {
  /** Acks and fails of rows whose trees had failed meanwhile: late, and without effect. */
  late = 0;
  /** Told of rows that are closed, while it waits for one. */
  timing: RowTiming | null = null;
  readonly #owner: RowBookOwner;
  readonly #block: RowCounts;
  /** Of the edge that was counted last, most likely the next one's, too. */
  #edge = -1;
  #words: InputWords | null = null;
  #tracking: Tracking | null;
  /** Batches with open rows that belong to trees, and how many each has. */
  readonly #open = new Map<TupleBatch, number>();

  constructor(owner: RowBookOwner, tracking: Tracking | null, block: RowCounts) {
    this.#owner = owner;
    this.#block = block;
    this.#tracking = tracking;
  }

  /** Rows that belong to trees and wait for their ack. */
  get openRows(): number {
    let rows = 0;
    for (const count of this.#open.values()) rows += count;
    return rows;
  }

  /**
   * Lets go of rows from `from` on whose trees have all failed, before they are executed. True when there are any:
   * their state is ROW_EXPIRED.
   */
  strikeDead(batch: TupleBatch, from: number): boolean {
    const tracking = this.#tracking;
    const roots = batch.roots;
    if (roots === null || tracking === null) return false;
    if (batch.rootOffsets === null && tracking.slots.areLive(roots, from, batch.count)) return false;
    const { slots } = tracking;
    let found = false;
    let lastSlot = STRUCK;
    let lastIsLive = true;
    for (let row = from; row < batch.count; row++) {
      const end = rootsEnd(batch, row);
      let live = 0;
      let dead = 0;
      for (let at = rootsStart(batch, row); at < end; at += 2) {
        const slot = roots[at]!;
        if (slot === STRUCK) {
          dead++;
          continue;
        }
        if (slot !== lastSlot) {
          lastSlot = slot;
          lastIsLive = slots.isLive(slot, roots[at + 1]!);
        }
        if (lastIsLive) {
          live++;
          continue;
        }
        strikeRoot(roots, at, slots.attemptOf(slot));
        tracking.ledger.add(slot, -1);
        dead++;
      }
      if (live > 0 || dead === 0) continue;
      const states = statesOf(batch);
      if (states[row] !== ROW_EXPIRED) this.#block.add("expired", 1);
      states[row] = ROW_EXPIRED;
      found = true;
    }
    return found;
  }

  /** Acks executed rows without looking: for a basic bolt, whose tuples nobody else can settle. */
  ackRows(batch: TupleBatch, from: number, to: number): void {
    this.#count(this.#wordsOf(batch).acked, to - from);
    const roots = batch.roots;
    if (roots === null || from === to) return;
    const { ledger } = this.#tracking!;
    const end = rootsEnd(batch, to - 1);
    let given = STRUCK;
    let count = 0;
    // Tuples of one tree often come together, as words of one line do.
    for (let at = rootsStart(batch, from); at < end; at += 2) {
      const slot = roots[at]!;
      if (slot !== given) {
        if (given !== STRUCK) ledger.add(given, -count);
        given = slot;
        count = 0;
      }
      count++;
    }
    if (given !== STRUCK) ledger.add(given, -count);
  }

  /** Fails one executed row, with what its bolt threw. */
  failRow(batch: TupleBatch, row: number, error: unknown): void {
    if (isEnded(statesOf(batch)[row]!)) {
      // Its bolt threw after it had settled the tuple: the share is given up already, the tree still is to fail.
      this.failTreesOf(batch, row, error);
      return;
    }
    if (!this.#close(batch, row, ROW_FAILED)) return;
    this.#count(this.#wordsOf(batch).failed, 1);
    this.#giveUp(batch, row, { error });
  }

  /** Gives up one executed row without failing its trees: an error took it out, and that is meant. */
  dropRow(batch: TupleBatch, row: number): void {
    if (isEnded(statesOf(batch)[row]!) || !this.#close(batch, row, ROW_ACKED)) return;
    this.#giveUp(batch, row, null);
  }

  /**
   * The instance that received them is given up: the trees of all open rows fail. What it still says of them is late,
   * not wrong.
   */
  giveBack(error: unknown): void {
    for (const batch of [...this.#open.keys()]) {
      const states = statesOf(batch);
      for (let row = 0; row < batch.count; row++) {
        if (states[row] !== ROW_OPEN) continue;
        this.#close(batch, row, ROW_EXPIRED);
        this.#count(this.#wordsOf(batch).failed, 1);
        this.#giveUp(batch, row, { error });
        // What that instance still emits for it must not go to trees in which it has no share any more.
        strikeRow(batch, row, this.#tracking!.slots);
      }
    }
  }

  /** Acks one row whose promise has resolved. */
  ackRow(batch: TupleBatch, row: number): void {
    if (!this.#close(batch, row, ROW_ACKED)) return;
    this.#count(this.#wordsOf(batch).acked, 1);
    this.#giveUp(batch, row, null);
  }

  /** Notes rows that were executed and not settled. */
  noteOpen(batch: TupleBatch, from: number, to: number): void {
    if (batch.roots === null) return;
    const states = statesOf(batch);
    let rows = 0;
    for (let row = from; row < to; row++) {
      if (states[row] !== ROW_FRESH || rootsStart(batch, row) === rootsEnd(batch, row)) continue;
      states[row] = ROW_OPEN;
      rows++;
    }
    if (rows > 0) this.#open.set(batch, (this.#open.get(batch) ?? 0) + rows);
  }

  /** @throws EngineError ACK_NOT_YOURS, ACK_TWICE */
  ack(tuple: unknown): void {
    const { batch, row } = this.#own(tuple, "ack");
    if (!this.#closeOnce(batch, row, ROW_ACKED)) return;
    this.#count(this.#wordsOf(batch).acked, 1);
    this.#giveUp(batch, row, null);
  }

  /** @throws EngineError ACK_NOT_YOURS, ACK_TWICE */
  fail(tuple: unknown, error: unknown): void {
    const { batch, row } = this.#own(tuple, "fail");
    if (!this.#closeOnce(batch, row, ROW_FAILED)) return;
    this.#count(this.#wordsOf(batch).failed, 1);
    this.#giveUp(batch, row, { error });
  }

  /** True when nothing can be anchored to a row any more: its share in its trees is given up. */
  isSettled(batch: TupleBatch, row: number): boolean {
    const state = stateOf(batch, row);
    return isEnded(state) || state === ROW_EXPIRED;
  }

  /** True for a row that belongs, or belonged, to a tree: somebody is told when it fails. */
  isTracked(batch: TupleBatch, row: number): boolean {
    return batch.roots !== null && this.#tracking !== null && rootsStart(batch, row) < rootsEnd(batch, row);
  }

  /**
   * Adds the trees of a tuple that something is anchored to.
   *
   * @throws EngineError ANCHOR_NOT_A_TUPLE, ANCHOR_FINISHED, ANCHORS_TOO_MANY
   */
  anchor(anchor: unknown, set: AnchorSet | null): void {
    const { $batch: batch, $row: row } = (anchor ?? {}) as { $batch?: unknown; $row?: number };
    if (!(batch instanceof TupleBatch)) {
      throw new EngineError("ANCHOR_NOT_A_TUPLE", {
        problem: `${this.#name} anchors to what is no tuple`,
        facts: { anchor: typeof anchor },
        remedy: "pass the received tuple or an array of them, or use emitUnanchored",
      });
    }
    const state = stateOf(batch, row!);
    if (isEnded(state)) {
      const error = new EngineError("ANCHOR_FINISHED", {
        problem: `${this.#name} anchors to a tuple that it has ${WORDS[state]} before`,
        remedy: "emit first, then ack; or use emitUnanchored",
      });
      this.failTreesOf(batch, row!, error);
      throw error;
    }
    set?.addRow(batch, row!);
  }

  /** @throws EngineError ACK_NOT_YOURS */
  resetTimeout(tuple: unknown): void {
    const { batch, row } = this.#own(tuple, "resetTimeout");
    const tracking = this.#tracking;
    if (batch.roots === null || tracking === null) return;
    const end = rootsEnd(batch, row);
    for (let at = rootsStart(batch, row); at < end; at += 2) {
      const slot = batch.roots[at]!;
      if (slot !== STRUCK && tracking.slots.isLive(slot, batch.roots[at + 1]!)) {
        tracking.slots.touch(slot, tracking.treeNowMs());
      }
    }
  }

  /** Lets go of the open rows of trees that have failed. */
  expire(trees: ReadonlyMap<number, number>): void {
    for (const batch of [...this.#open.keys()]) {
      const states = batch.rowStates!;
      for (let row = 0; row < batch.count; row++) {
        if (states[row] === ROW_OPEN) this.#expireRow(batch, row, trees);
      }
    }
  }

  /**
   * A new epoch: whatever belongs to a tree is given up, since that has failed. Tuples that user code still holds are
   * expired. Nothing is counted down: the slots of their trees are no more.
   *
   * @returns true when rows of `current` from `from` on are not to be executed
   */
  beginEpoch(tracking: Tracking | null, current: TupleBatch | null, from: number): boolean {
    this.#tracking = tracking;
    for (const batch of this.#open.keys()) {
      const states = statesOf(batch);
      for (let row = 0; row < batch.count; row++) if (states[row] === ROW_OPEN) states[row] = ROW_EXPIRED;
      batch.roots!.fill(STRUCK);
    }
    this.#open.clear();
    if (current === null || current.roots === null) return false;
    const states = statesOf(current);
    for (let row = from; row < current.count; row++) {
      if (rootsStart(current, row) === rootsEnd(current, row)) continue;
      if (states[row] !== ROW_EXPIRED) this.#block.add("expired", 1);
      states[row] = ROW_EXPIRED;
    }
    current.roots.fill(STRUCK);
    return true;
  }

  heldOf(slot: number, generation: number): number {
    let held = 0;
    for (const batch of this.#open.keys()) {
      const roots = batch.roots!;
      for (let row = 0; row < batch.count; row++) {
        if (batch.rowStates![row] !== ROW_OPEN) continue;
        const end = rootsEnd(batch, row);
        for (let at = rootsStart(batch, row); at < end; at += 2) {
          if (roots[at] === slot && roots[at + 1] === generation) held++;
        }
      }
    }
    return held;
  }

  /** The trees of a row fail, for a mistake in how it was handled: better than to end them too early. */
  failTreesOf(batch: TupleBatch, row: number, error: unknown): void {
    const tracking = this.#tracking;
    if (batch.roots === null || tracking === null) return;
    const end = rootsEnd(batch, row);
    for (let at = rootsStart(batch, row); at < end; at += 2) {
      tracking.fail(batch.roots[at]!, batch.roots[at + 1]!, this.#by(error));
    }
  }

  #expireRow(batch: TupleBatch, row: number, trees: ReadonlyMap<number, number>): void {
    const roots = batch.roots!;
    const end = rootsEnd(batch, row);
    let live = 0;
    for (let at = rootsStart(batch, row); at < end; at += 2) {
      const slot = roots[at]!;
      if (slot === STRUCK) continue;
      if (trees.get(slot) !== roots[at + 1]) {
        live++;
        continue;
      }
      strikeRoot(roots, at, this.#tracking!.slots.attemptOf(slot));
      this.#tracking!.ledger.add(slot, -1);
    }
    if (live === 0) this.#close(batch, row, ROW_EXPIRED);
  }

  /** Gives up a row's share of its trees; fails them first, if there is a failure. */
  #giveUp(batch: TupleBatch, row: number, failure: { error: unknown } | null): void {
    const roots = batch.roots;
    const tracking = this.#tracking;
    if (roots === null || tracking === null) return;
    if (failure !== null) this.failTreesOf(batch, row, failure.error);
    const end = rootsEnd(batch, row);
    for (let at = rootsStart(batch, row); at < end; at += 2) {
      if (roots[at] !== STRUCK) tracking.ledger.add(roots[at]!, -1);
    }
  }

  /** As `#close`, for what user code says: a row that is closed already is a mistake, an expired one is just late. */
  #closeOnce(batch: TupleBatch, row: number, state: number): boolean {
    const before = statesOf(batch)[row]!;
    if (isEnded(before)) {
      const error = new EngineError("ACK_TWICE", {
        problem: `${this.#name} has ${WORDS[state]} a tuple that it had ${WORDS[before]} before`,
        remedy: "ack or fail each received tuple exactly once",
      });
      this.failTreesOf(batch, row, error);
      throw error;
    }
    return this.#close(batch, row, state);
  }

  /** False when the row was closed before. */
  #close(batch: TupleBatch, row: number, state: number): boolean {
    const states = statesOf(batch);
    const before = states[row]!;
    if (before === ROW_EXPIRED) {
      this.late++;
      return false;
    }
    states[row] = state;
    if (this.timing?.isWaiting === true) this.timing.closed(batch, row, state !== ROW_EXPIRED);
    if (before === ROW_OPEN) {
      const left = this.#open.get(batch)! - 1;
      if (left === 0) this.#open.delete(batch);
      else this.#open.set(batch, left);
    }
    return true;
  }

  #own(tuple: unknown, verb: string): { batch: TupleBatch; row: number } {
    const { $batch: batch, $row: row } = (tuple ?? {}) as { $batch?: unknown; $row?: number };
    if (batch instanceof TupleBatch && batch.holder === this.#owner) return { batch, row: row! };
    throw new EngineError("ACK_NOT_YOURS", {
      problem: `${this.#name} calls ${verb} with what is no tuple that it received`,
      remedy: "pass the tuple that execute was called with, in the task that received it",
    });
  }

  #wordsOf({ edgeIndex }: TupleBatch): InputWords {
    if (edgeIndex === this.#edge) return this.#words!;
    this.#edge = edgeIndex;
    this.#words = this.#block.inputs.get(edgeIndex)!;
    return this.#words;
  }

  #count(word: number, rows: number): void {
    const { words } = this.#block;
    words[word] = (words[word]! + rows) | 0;
  }

  get #name(): string {
    return `task ${this.#owner.taskId} of "${this.#owner.plan.component}"`;
  }

  #by(error: unknown): { component: string; taskId: number; error: unknown } {
    return { component: this.#owner.plan.component, taskId: this.#owner.taskId, error };
  }
}

const WORDS: Readonly<Record<number, string>> = { [ROW_ACKED]: "acked", [ROW_FAILED]: "failed" };
