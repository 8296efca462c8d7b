import { invariant } from "../../base/invariant.ts";
import { TREE_ACKED, type TreeSlots } from "../../memory/tree-slots.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import type { TrackedSource } from "../plan/tracking-plan.ts";

/** How an emit with an id ended. */
export interface TreeOutcome {
  readonly id: unknown;
  readonly latencyMs: number;
  readonly attempt: number;
  /** Null when the tree was acked. */
  readonly failure: TreeFailure | null;
}

const FAILURE_HEARD = 1;
const ZERO_HEARD = 2;

/**
 * The trees that one spout or feeder task has pending: which slots are free, and the id behind each that is not.
 * Private to the task's thread.
 *
 * Each id comes out of `takeOutcome` once. A slot is opened again only when its tree was acked, or when both the
 * failure and the zero of its count were heard of: in between it is a zombie, whose late acks hit nobody.
 */
export class PendingTrees {
  /** Trees whose outcome is not known yet. */
  unsettled = 0;
  readonly #slots: TreeSlots;
  readonly #firstSlot: number;
  readonly #slotCount: number;
  /** A ring of free places, oldest first: a slot rests as long as it can before it is used again. */
  readonly #free: Int32Array;
  #freeHead = 0;
  #freeCount: number;
  readonly #ids: unknown[] = [];
  readonly #emittedMs: Float64Array;
  readonly #heard: Uint8Array;
  #outcomes: TreeOutcome[] = [];
  #outcomeHead = 0;

  constructor(slots: TreeSlots, source: Pick<TrackedSource, "firstSlot" | "slotCount">) {
    this.#slots = slots;
    this.#firstSlot = source.firstSlot;
    this.#slotCount = source.slotCount;
    this.#free = Int32Array.from({ length: source.slotCount }, (_, place) => place);
    this.#freeCount = source.slotCount;
    this.#emittedMs = new Float64Array(source.slotCount);
    this.#heard = new Uint8Array(source.slotCount);
  }

  /** False at `maxSpoutPending` trees, zombies included. */
  get hasRoom(): boolean {
    return this.#freeCount > 0;
  }

  /** Slots in use: trees without an outcome, and zombies. */
  get occupied(): number {
    return this.#slotCount - this.#freeCount;
  }

  get hasOutcome(): boolean {
    return this.#outcomeHead < this.#outcomes.length;
  }

  /** Begins a tree of `copies` tuples and returns its slot; `TreeSlots.generationOf` tells the rest of its root. */
  open(tree: { id: unknown; copies: number; attempt: number }, nowMs: number, treeNowMs: number): number {
    invariant(this.#freeCount > 0, "a tree is opened while there is room");
    const place = this.#free[this.#freeHead]!;
    this.#freeHead = this.#freeHead + 1 === this.#slotCount ? 0 : this.#freeHead + 1;
    this.#freeCount--;
    this.#ids[place] = tree.id;
    this.#emittedMs[place] = nowMs;
    this.#heard[place] = 0;
    this.unsettled++;
    const slot = this.#firstSlot + place;
    this.#slots.open(slot, tree.copies, treeNowMs, tree.attempt);
    return slot;
  }

  /** A tree that never had a tuple: nobody subscribes to its stream. */
  settleEmpty(id: unknown, attempt: number): void {
    this.#outcomes.push({ id, latencyMs: 0, attempt, failure: null });
  }

  /** The live count of `slot` has come to zero. */
  completed(slot: number, nowMs: number): void {
    const place = slot - this.#firstSlot;
    if (this.#slots.stateOf(slot) === TREE_ACKED) {
      this.#settle(place, nowMs, null);
      this.#release(place);
      return;
    }
    this.#hear(place, ZERO_HEARD);
  }

  /** The tree of that generation failed. What is heard of twice, or too late, changes nothing. */
  failed(slot: number, generation: number, failure: TreeFailure, nowMs: number): void {
    const place = slot - this.#firstSlot;
    if (this.#slots.generationOf(slot) !== generation || (this.#heard[place]! & FAILURE_HEARD) !== 0) return;
    this.#settle(place, nowMs, failure);
    this.#hear(place, FAILURE_HEARD);
  }

  /** The next outcome that the task has not told to its user yet, or null. */
  takeOutcome(): TreeOutcome | null {
    if (this.#outcomeHead === this.#outcomes.length) return null;
    const outcome = this.#outcomes[this.#outcomeHead++]!;
    if (this.#outcomeHead === this.#outcomes.length) {
      this.#outcomes = [];
      this.#outcomeHead = 0;
    }
    return outcome;
  }

  /** Fails whatever is pending, without regard to the slots: their memory is given up. */
  failAll(failure: TreeFailure, nowMs: number): void {
    for (let place = 0; place < this.#slotCount; place++) {
      if (this.#ids[place] !== undefined) this.#settle(place, nowMs, failure);
    }
  }

  #settle(place: number, nowMs: number, failure: TreeFailure | null): void {
    const id = this.#ids[place];
    this.#ids[place] = undefined;
    this.unsettled--;
    const attempt = this.#slots.attemptOf(this.#firstSlot + place);
    this.#outcomes.push({ id, latencyMs: Math.max(0, nowMs - this.#emittedMs[place]!), attempt, failure });
  }

  #hear(place: number, what: number): void {
    this.#heard[place]! |= what;
    if (this.#heard[place] === (FAILURE_HEARD | ZERO_HEARD)) this.#release(place);
  }

  #release(place: number): void {
    this.#slots.free(this.#firstSlot + place);
    const at = this.#freeHead + this.#freeCount;
    this.#free[at >= this.#slotCount ? at - this.#slotCount : at] = place;
    this.#freeCount++;
  }
}
