import type { TreeSlots } from "../../memory/tree-slots.ts";

export interface LedgerParts {
  readonly slots: TreeSlots;
  /** Whole ms of the run's tree clock. */
  readonly treeNowMs: () => number;
  /** False with `timeoutFrom: "emit"`: nothing but the emit and `resetTimeout` counts then. */
  readonly notesProgress: boolean;
  /** Called for each slot whose live count this thread brought to zero. */
  readonly completed: (slot: number) => void;
}

/**
 * What the tasks of one thread did to each pending tree and the shared counts do not tell yet: one net delta per
 * slot, so that a chain of bolts on one thread costs a tree one atomic step instead of one per tuple.
 *
 * Invariant: empty whenever a frame with roots is committed to a ring; see "Invariants" in docs/ACKING.md. Between
 *            tasks of this thread no such rule is needed, since they share this ledger.
 */
export class TreeLedger {
  readonly #parts: LedgerParts;
  /** By slot; means something for the slots in `touched` only. */
  readonly #deltas: Int32Array;
  readonly #isTouched: Uint8Array;
  /** With room for every slot. */
  readonly #touched: Int32Array;
  #touchedCount = 0;

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    this.#deltas = new Int32Array(parts.slots.slotCount);
    this.#isTouched = new Uint8Array(parts.slots.slotCount);
    this.#touched = new Int32Array(parts.slots.slotCount);
  }

  /** Tuples of the tree in `slot` that came to be (positive) or were done with (negative) on this thread. */
  add(slot: number, delta: number): void {
    if (this.#isTouched[slot] === 0) {
      this.#isTouched[slot] = 1;
      this.#touched[this.#touchedCount++] = slot;
    }
    this.#deltas[slot]! += delta;
  }

  get isEmpty(): boolean {
    return this.#touchedCount === 0;
  }

  /** Brings everything into the shared counts. */
  flush(): void {
    const count = this.#touchedCount;
    if (count === 0) return;
    const { slots, notesProgress, completed, treeNowMs } = this.#parts;
    const nowMs = treeNowMs();
    this.#touchedCount = 0;
    for (let i = 0; i < count; i++) {
      const slot = this.#touched[i]!;
      const delta = this.#deltas[slot]!;
      this.#deltas[slot] = 0;
      this.#isTouched[slot] = 0;
      if (slots.add(slot, delta, notesProgress ? nowMs : null)) completed(slot);
    }
  }
}
