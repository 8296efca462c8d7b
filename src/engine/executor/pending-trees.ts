import { invariant } from "../../base/invariant.ts";
import { TREE_ACKED, type TreeSlots } from "../../memory/tree-slots.ts";
import type { TreeFailure } from "../acker/acker-protocol.ts";
import type { TrackedSource } from "../plan/tracking-plan.ts";
import type { PositionMark } from "./position-marks.ts";

/** How an emit with an id ended; or, when it is `overdue`, that its time was up. */
export interface TreeOutcome {
  readonly id: unknown;
  /** An `overdue` tree goes on; how it ended is then said by an outcome that is `late`. */
  readonly stage: "ended" | "overdue" | "late";
  readonly mark: PositionMark | null;
  readonly latencyMs: number;
  readonly attempt: number;
  /** Null when the tree was acked. */
  readonly failure: TreeFailure | null;
}

/** A tree to be opened. */
export interface NewTree {
  readonly id: unknown;
  readonly copies: number;
  readonly attempt: number;
  readonly mark: PositionMark | null;
  /** True when its spout wants to hear how it ends after its time was up. */
  readonly waitsForEnd: boolean;
}

const FAILURE_HEARD = 1;
const ZERO_HEARD = 2;
/** The spout was told that its time was up. */
const OVERDUE_HEARD = 4;
const ENDED = FAILURE_HEARD | ZERO_HEARD;

/**
 * The trees that one spout or feeder task has pending: which slots are free, and the id behind each that is not.
 * Private to the task's thread.
 *
 * Each id comes out of `takeOutcome` once; that of a tree that was overdue twice, in two stages. A slot is opened
 * again only when its tree was acked, or when both the failure and the zero of its count were heard of: in between it
 * is a zombie, whose late acks hit nobody.
 */
export class PendingTrees {
  /** Trees whose outcome is not known yet. */
  unsettled = 0;
  #slots: TreeSlots;
  readonly #firstSlot: number;
  readonly #slotCount: number;
  /** A ring of free places, oldest first: a slot rests as long as it can before it is used again. */
  #free: Int32Array;
  #freeHead = 0;
  #freeCount: number;
  readonly #ids: unknown[] = [];
  readonly #marks: (PositionMark | null)[] = [];
  /** By place: how a tree failed that had been overdue, while its tuples are counted down. */
  readonly #lateFailures = new Map<number, TreeFailure>();
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
  open(tree: NewTree, nowMs: number, treeNowMs: number): number {
    invariant(this.#freeCount > 0, "a tree is opened while there is room");
    const place = this.#free[this.#freeHead]!;
    this.#freeHead = this.#freeHead + 1 === this.#slotCount ? 0 : this.#freeHead + 1;
    this.#freeCount--;
    this.#ids[place] = tree.id;
    this.#marks[place] = tree.mark;
    this.#emittedMs[place] = nowMs;
    this.#heard[place] = 0;
    this.unsettled++;
    const slot = this.#firstSlot + place;
    this.#slots.open(slot, tree.copies, treeNowMs, tree.attempt, tree.waitsForEnd);
    return slot;
  }

  /** A tree that never had a tuple: nobody subscribes to its stream. */
  settleEmpty({ id, attempt, mark }: Omit<NewTree, "copies">): void {
    this.#outcomes.push({ id, stage: "ended", mark, latencyMs: 0, attempt, failure: null });
  }

  /** The live count of `slot` has come to zero. */
  completed(slot: number, nowMs: number): void {
    const place = slot - this.#firstSlot;
    if (this.#slots.stateOf(slot) === TREE_ACKED) {
      this.#settle(place, nowMs, null);
      this.#release(place);
      return;
    }
    this.#hear(place, ZERO_HEARD, nowMs);
  }

  /** The time of that tree was up, and it goes on. Without effect when it has ended since. */
  overdue(slot: number, generation: number, failure: TreeFailure, nowMs: number): void {
    const place = slot - this.#firstSlot;
    if (this.#slots.generationOf(slot) !== generation || this.#ids[place] === undefined) return;
    if (this.#heard[place] !== 0) return;
    this.#heard[place] = OVERDUE_HEARD;
    this.#outcomes.push(this.#outcomeOf(place, nowMs, failure, "overdue"));
  }

  /** The tree of that generation failed. What is heard of twice, or too late, changes nothing. */
  failed(slot: number, generation: number, failure: TreeFailure, nowMs: number): void {
    const place = slot - this.#firstSlot;
    if (this.#slots.generationOf(slot) !== generation || (this.#heard[place]! & FAILURE_HEARD) !== 0) return;
    // Who waits for the end of an overdue tree wants to know that nobody works on it any more.
    if ((this.#heard[place]! & OVERDUE_HEARD) !== 0) this.#lateFailures.set(place, failure);
    else this.#settle(place, nowMs, failure);
    this.#hear(place, FAILURE_HEARD, nowMs);
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
      if (this.#ids[place] === undefined) continue;
      // A tree that was acked is done, whether or not the word of it got here: nothing takes that back.
      const isAcked = this.#slots.stateOf(this.#firstSlot + place) === TREE_ACKED;
      this.#settle(place, nowMs, isAcked ? null : failure);
    }
  }

  /** From now on all that is pending goes by that id. */
  disown(id: unknown): void {
    for (let place = 0; place < this.#slotCount; place++) if (this.#ids[place] !== undefined) this.#ids[place] = id;
  }

  /** A new epoch: everything pending fails, and all slots are new and free. Outcomes that wait are kept. */
  beginEpoch(slots: TreeSlots, failure: TreeFailure, nowMs: number): void {
    this.failAll(failure, nowMs);
    this.#slots = slots;
    this.#free = Int32Array.from({ length: this.#slotCount }, (_, place) => place);
    this.#freeHead = 0;
    this.#freeCount = this.#slotCount;
    this.#heard.fill(0);
  }

  #settle(place: number, nowMs: number, failure: TreeFailure | null): void {
    const stage = (this.#heard[place]! & OVERDUE_HEARD) === 0 ? "ended" : "late";
    this.#outcomes.push(this.#outcomeOf(place, nowMs, failure, stage));
    this.#ids[place] = undefined;
    this.#marks[place] = null;
    this.#lateFailures.delete(place);
    this.unsettled--;
  }

  #outcomeOf(place: number, nowMs: number, failure: TreeFailure | null, stage: TreeOutcome["stage"]): TreeOutcome {
    return {
      id: this.#ids[place],
      stage,
      mark: this.#marks[place]!,
      latencyMs: Math.max(0, nowMs - this.#emittedMs[place]!),
      attempt: this.#slots.attemptOf(this.#firstSlot + place),
      failure,
    };
  }

  #hear(place: number, what: number, nowMs: number): void {
    this.#heard[place]! |= what;
    if ((this.#heard[place]! & ENDED) !== ENDED) return;
    const failure = this.#lateFailures.get(place);
    if (failure !== undefined) this.#settle(place, nowMs, failure);
    this.#release(place);
  }

  #release(place: number): void {
    this.#slots.free(this.#firstSlot + place);
    const at = this.#freeHead + this.#freeCount;
    this.#free[at >= this.#slotCount ? at - this.#slotCount : at] = place;
    this.#freeCount++;
  }
}
