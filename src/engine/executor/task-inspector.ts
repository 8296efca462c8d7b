import type { Prng } from "../../base/prng.ts";
import { rootsEnd, rootsStart, STRUCK } from "../../tuple/batch-roots.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import type { InspectedEvent, InspectedTree, Inspection } from "../inspected.ts";
import { shownValue } from "./shown-value.ts";

export interface TaskInspectorParts {
  readonly taskId: number;
  readonly prng: Prng;
  /** By edge: the stream that comes over it, in the plan. */
  readonly streamOf: (edgeIndex: number) => number;
  /** When a tree was emitted: see TreeSlots.emittedOf. */
  readonly emittedOf: (slot: number) => number;
  /** Ms with a fraction, on the clock that all threads share. */
  readonly sharedMs: () => number;
  /** Told a few events at a time. */
  readonly tell: (events: readonly InspectedEvent[]) => void;
}

/** Events that a task tells between two publications of its counters: more are left out. */
const EVENTS_MAX = 64;

/**
 * Chooses some of a task's tuples and tells main of them. Tuples of trees are chosen by their tree, by a rule that is
 * the same for all tasks: so a chosen tree is seen at every hop. Others are chosen at random.
 */
export class TaskInspector {
  readonly #parts: TaskInspectorParts;
  readonly #share: number;
  /** Rows of the batch under way that are chosen, ascending, and which of them comes next. */
  #rows: number[] = [];
  #next = 0;
  #events: InspectedEvent[] = [];

  constructor(parts: TaskInspectorParts, { share }: Inspection) {
    this.#parts = parts;
    this.#share = share;
  }

  /** A bolt begins with a batch. */
  arrived(batch: TupleBatch): void {
    this.#rows = this.#chosenOf(batch);
    this.#next = 0;
  }

  /** The next chosen row from `row` on; infinity when there is none. */
  rowFrom(row: number): number {
    const rows = this.#rows;
    while (this.#next < rows.length && rows[this.#next]! < row) this.#next++;
    return rows[this.#next] ?? Number.POSITIVE_INFINITY;
  }

  executed(batch: TupleBatch, row: number, beganMs: number, tookMs: number): void {
    this.#note(batch, row, beganMs, tookMs);
  }

  /** A spout's batch leaves: nothing executes its tuples there. */
  sent(batch: TupleBatch): void {
    const atMs = this.#parts.sharedMs();
    for (const row of this.#chosenOf(batch)) this.#note(batch, row, atMs, null);
  }

  /** The time for `executed`. */
  get sharedMs(): number {
    return this.#parts.sharedMs();
  }

  /** Tells main what was seen since the last time. */
  flush(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#parts.tell(events);
  }

  #isByChance(): boolean {
    return this.#parts.prng.below(RESOLUTION) < this.#share * RESOLUTION;
  }

  #chosenOf(batch: TupleBatch): number[] {
    const rows: number[] = [];
    for (let row = 0; row < batch.count; row++) {
      const tree = this.#treeOf(batch, row);
      const isChosen = tree === null ? this.#isByChance() : isChosenTree(tree, this.#share);
      if (isChosen) rows.push(row);
    }
    return rows;
  }

  #treeOf(batch: TupleBatch, row: number): Omit<InspectedTree, "emittedMs"> | null {
    const { roots } = batch;
    if (roots === null || rootsStart(batch, row) === rootsEnd(batch, row)) return null;
    const at = rootsStart(batch, row);
    return roots[at] === STRUCK ? null : { slot: roots[at]!, generation: roots[at + 1]! };
  }

  #note(batch: TupleBatch, row: number, atMs: number, tookMs: number | null): void {
    if (this.#events.length >= EVENTS_MAX) return;
    const { taskId, streamOf, emittedOf } = this.#parts;
    const tree = this.#treeOf(batch, row);
    this.#events.push({
      taskId,
      streamIndex: streamOf(batch.edgeIndex),
      values: batch.columns.map((column) => shownValue(column[row])),
      atMs,
      tookMs,
      tree: tree === null ? null : { ...tree, emittedMs: emittedOf(tree.slot) },
    });
  }
}

const RESOLUTION = 0x1_0000;

/** The same on all threads: by the tree alone. */
function isChosenTree({ slot, generation }: Omit<InspectedTree, "emittedMs">, share: number): boolean {
  const mixed = Math.imul(Math.imul(slot + 1, 0x9e3779b1) ^ generation, 0x85ebca6b);
  return mixed >>> 16 < share * RESOLUTION;
}
