import { invariant } from "../../base/invariant.ts";
import { TREE_FREE, type TreeSlots } from "../../memory/tree-slots.ts";
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
  /** Number of the stream that it was emitted to: see StreamRoute. */
  readonly stream: number;
  /** Null when the tree was acked. */
  readonly failure: TreeFailure | null;
}

/** Who is told of trees that were acked in time. */
export interface AckListener {
  /** @returns false when the next one has to wait */
  treeAcked(id: unknown, mark: PositionMark | null, latencyMs: number, attempt: number, stream: number): boolean;
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
  /** True when its spout wants to hear how trees end after their time was up. */
  waitsForEnd = false;
  /** Generation of the tree that was opened last: with its slot, its root. */
  lastGeneration = 0;
  #slots: TreeSlots;
  readonly #firstSlot: number;
  readonly #slotCount: number;
  /**
   * A ring of places, with room for all of them. First those that are free, oldest first: a slot rests as long as it
   * can. Behind them, from `#ackedHead` on, those whose trees were acked in time, until the task is told: most
   * trees end so, and what is known of them stays where it is till then. To tell one is to make it free.
   */
  readonly #places: Int32Array;
  readonly #mask: number;
  #freeHead = 0;
  #ackedHead = 0;
  #ackedTail = 0;
  readonly #ids: unknown[];
  readonly #marks: (PositionMark | null)[];
  /** By place: how a tree failed that had been overdue, while its tuples are counted down. */
  readonly #lateFailures = new Map<number, TreeFailure>();
  /** By place: when it was emitted; from when it was acked until the task is told, how long that took. */
  readonly #emittedMs: Float64Array;
  /** By place: what was heard of a tree besides its zero in time; 0 for nearly all, and where a place is free. */
  readonly #heard: Uint8Array;
  readonly #streams: Uint16Array;
  #outcomes: TreeOutcome[] = [];
  #outcomeHead = 0;

  constructor(slots: TreeSlots, source: Pick<TrackedSource, "firstSlot" | "slotCount">) {
    this.#slots = slots;
    this.#firstSlot = source.firstSlot;
    this.#slotCount = source.slotCount;
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(source.slotCount)));
    this.#mask = this.#places.length - 1;
    this.#ids = new Array<unknown>(source.slotCount).fill(undefined);
    this.#marks = new Array<PositionMark | null>(source.slotCount).fill(null);
    this.#emittedMs = new Float64Array(source.slotCount);
    this.#heard = new Uint8Array(source.slotCount);
    this.#streams = new Uint16Array(source.slotCount);
    this.#freeAll();
  }

  /** False at `maxSpoutPending` trees, zombies included. */
  get hasRoom(): boolean {
    return this.#freeHead !== this.#ackedHead;
  }

  /** Slots in use: trees without an outcome, and zombies. */
  get occupied(): number {
    return this.#slotCount - ((this.#ackedHead - this.#freeHead) | 0);
  }

  get hasOutcome(): boolean {
    return this.#ackedHead !== this.#ackedTail || this.hasOther;
  }

  /**
   * Begins a tree of `copies` tuples and returns its slot. Arguments, not an object: this runs for every tuple.
   *
   * @param treeNowMs `nowMs` on the clock of the trees
   */
  open(
    id: unknown,
    mark: PositionMark | null,
    copies: number,
    attempt: number,
    nowMs: number,
    treeNowMs: number,
    stream: number,
  ): number {
    invariant(this.hasRoom, "a tree is opened while there is room");
    const place = this.#places[this.#freeHead & this.#mask]!;
    this.#freeHead = (this.#freeHead + 1) | 0;
    this.#ids[place] = id;
    if (mark !== null) this.#marks[place] = mark;
    this.#emittedMs[place] = nowMs;
    this.#streams[place] = stream;
    this.unsettled++;
    const slot = this.#firstSlot + place;
    this.lastGeneration = this.#slots.open(slot, copies, treeNowMs, attempt, this.waitsForEnd);
    return slot;
  }

  /** A tree that never had a tuple: nobody subscribes to its stream. */
  settleEmpty(id: unknown, mark: PositionMark | null, attempt: number, stream: number): void {
    this.#outcomes.push({ id, stage: "ended", mark, latencyMs: 0, attempt, stream, failure: null });
  }

  /**
   * The live counts of these slots have come to zero: their trees are acked, unless somebody had failed them.
   *
   * @param entries what holds the slots' numbers, from index `from` up to that before `to`
   */
  completed(entries: Int32Array, from: number, to: number, nowMs: number): void {
    // Held in variables, as V8 would load them anew for each of the many.
    const slots = this.#slots;
    const heard = this.#heard;
    const emittedMs = this.#emittedMs;
    const places = this.#places;
    const firstSlot = this.#firstSlot;
    const mask = this.#mask;
    for (let i = from; i < to; i++) {
      const slot = entries[i]!;
      const place = slot - firstSlot;
      if (heard[place] !== 0 || !slots.freeIfAcked(slot)) {
        this.#completedLate(place, nowMs);
        continue;
      }
      // The place is not free with the slot, but when the task was told.
      emittedMs[place] = Math.max(0, nowMs - emittedMs[place]!);
      places[this.#ackedTail & mask] = place;
      this.#ackedTail = (this.#ackedTail + 1) | 0;
    }
  }

  /** As `completed`, for a tree that has failed or was overdue. */
  #completedLate(place: number, nowMs: number): void {
    if (!this.#slots.freeIfAcked(this.#firstSlot + place)) {
      this.#hear(place, ZERO_HEARD, nowMs);
      return;
    }
    this.#settle(place, nowMs, null);
    this.#giveBack(place);
  }

  /** The time of that tree was up, and it goes on. Without effect when it has ended since. */
  overdue(slot: number, generation: number, failure: TreeFailure, nowMs: number): void {
    const place = slot - this.#firstSlot;
    if (!this.#isPending(place, generation) || this.#heard[place] !== 0) return;
    this.#heard[place] = OVERDUE_HEARD;
    this.#outcomes.push(this.#outcomeOf(place, nowMs, failure, "overdue"));
  }

  /** The tree of that generation failed. What is heard of twice, or too late, changes nothing. */
  failed(slot: number, generation: number, failure: TreeFailure, nowMs: number): void {
    const place = slot - this.#firstSlot;
    if (!this.#isPending(place, generation) || (this.#heard[place]! & FAILURE_HEARD) !== 0) return;
    // Who waits for the end of an overdue tree wants to know that nobody works on it any more.
    if ((this.#heard[place]! & OVERDUE_HEARD) !== 0) this.#lateFailures.set(place, failure);
    else this.#settle(place, nowMs, failure);
    this.#hear(place, FAILURE_HEARD, nowMs);
  }

  /** True when there are outcomes besides those that `tellAcked` tells. */
  get hasOther(): boolean {
    return this.#outcomeHead < this.#outcomes.length;
  }

  /** The next outcome that the task has not told to its user yet, or null: those of acked trees come last. */
  takeOutcome(): TreeOutcome | null {
    if (!this.hasOther) return this.#ackedHead === this.#ackedTail ? null : this.#takeAcked();
    const outcome = this.#outcomes[this.#outcomeHead++]!;
    if (this.#outcomeHead === this.#outcomes.length) {
      this.#outcomes = [];
      this.#outcomeHead = 0;
    }
    return outcome;
  }

  /**
   * Tells of trees that were acked in time, as nearly all are: without an object for each.
   *
   * @returns how many were told: `max` at most, and none after one for which the listener returned false
   */
  tellAcked(max: number, listener: AckListener): number {
    let told = 0;
    while (told < max && this.#ackedHead !== this.#ackedTail) {
      const place = this.#places[this.#ackedHead & this.#mask]!;
      const id = this.#ids[place];
      const mark = this.#marks[place]!;
      const attempt = this.#slots.attemptOf(this.#firstSlot + place);
      this.#freeAcked(place);
      told++;
      if (!listener.treeAcked(id, mark, this.#emittedMs[place]!, attempt, this.#streams[place]!)) break;
    }
    return told;
  }

  #takeAcked(): TreeOutcome {
    const place = this.#places[this.#ackedHead & this.#mask]!;
    const outcome: TreeOutcome = {
      id: this.#ids[place],
      stage: "ended",
      mark: this.#marks[place]!,
      latencyMs: this.#emittedMs[place]!,
      attempt: this.#slots.attemptOf(this.#firstSlot + place),
      stream: this.#streams[place]!,
      failure: null,
    };
    this.#freeAcked(place);
    return outcome;
  }

  #freeAcked(place: number): void {
    this.#ackedHead = (this.#ackedHead + 1) | 0;
    this.unsettled--;
    this.#ids[place] = undefined;
    if (this.#marks[place] !== null) this.#marks[place] = null;
  }

  /** True while the tree of that generation has its slot, and its id has not settled. */
  #isPending(place: number, generation: number): boolean {
    const slot = this.#firstSlot + place;
    const isTenant = this.#slots.generationOf(slot) === generation && this.#slots.stateOf(slot) !== TREE_FREE;
    return isTenant && this.#ids[place] !== undefined;
  }

  /** Fails whatever is pending, without regard to the slots: their memory is given up. */
  failAll(failure: TreeFailure, nowMs: number): void {
    while (this.#ackedHead !== this.#ackedTail) this.#outcomes.push(this.#takeAcked());
    for (let place = 0; place < this.#slotCount; place++) {
      if (this.#ids[place] === undefined) continue;
      // A tree that was acked is done, whether or not the word of it got here: nothing takes that back.
      const isAcked = this.#slots.isDone(this.#firstSlot + place);
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
    this.#heard.fill(0);
    this.#freeAll();
  }

  #freeAll(): void {
    for (let place = 0; place < this.#slotCount; place++) this.#places[place] = place;
    this.#freeHead = 0;
    this.#ackedHead = this.#slotCount;
    this.#ackedTail = this.#slotCount;
  }

  #settle(place: number, nowMs: number, failure: TreeFailure | null): void {
    const stage = (this.#heard[place]! & OVERDUE_HEARD) === 0 ? "ended" : "late";
    this.#outcomes.push(this.#outcomeOf(place, nowMs, failure, stage));
    this.#ids[place] = undefined;
    this.#marks[place] = null;
    if (this.#lateFailures.size > 0) this.#lateFailures.delete(place);
    this.unsettled--;
  }

  #outcomeOf(place: number, nowMs: number, failure: TreeFailure | null, stage: TreeOutcome["stage"]): TreeOutcome {
    return {
      id: this.#ids[place],
      stage,
      mark: this.#marks[place]!,
      latencyMs: Math.max(0, nowMs - this.#emittedMs[place]!),
      attempt: this.#slots.attemptOf(this.#firstSlot + place),
      stream: this.#streams[place]!,
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
    this.#giveBack(place);
  }

  #giveBack(place: number): void {
    const places = this.#places;
    this.#heard[place] = 0;
    // It goes before the acked ones: the first of them makes room at their end.
    places[this.#ackedTail & this.#mask] = places[this.#ackedHead & this.#mask]!;
    places[this.#ackedHead & this.#mask] = place;
    this.#ackedTail = (this.#ackedTail + 1) | 0;
    this.#ackedHead = (this.#ackedHead + 1) | 0;
  }
}
