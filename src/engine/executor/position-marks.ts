import { invariant } from "../../base/invariant.ts";
import type { FirstsAtReport } from "../../metrics/first-attempts.ts";

/** Where a spout's task is to begin when it is made again. Data that can be cloned. */
export interface SpoutPosition {
  /** The highest position up to which everything is done; undefined before the first. */
  readonly position: unknown;
  /**
   * What is done behind it: pairs of ordinals, first and last, of the emits with a position that follow it, from 1. A
   * typed array, because copying it to main costs next to nothing.
   */
  readonly doneAhead: Float64Array;
}

/** What main is told of a spout's task from time to time, and keeps beyond its thread. */
export interface SpoutReport extends SpoutPosition, FirstsAtReport {}

/** An emit with a position that is not done. */
export interface PositionMark {
  readonly book: PositionMarks;
  readonly position: unknown;
  /** Its number among the emits with a position, from 1. */
  readonly ordinal: number;
  /** What follows it and is done, without a gap: the last position and ordinal. */
  after: unknown;
  afterOrdinal: number;
  previous: PositionMark | null;
  next: PositionMark | null;
}

const NOTHING_AHEAD = new Float64Array(0);
export const AT_BEGINNING: SpoutPosition = { position: undefined, doneAhead: NOTHING_AHEAD };

/**
 * The positions that one spout task has emitted and that are not done, in the order of emission. What is done between
 * two of them is known to the first by its end alone, so that memory goes with what is pending, however long one of
 * them takes.
 */
export class PositionMarks {
  /** True when something is done that the last `snapshot` did not tell. */
  hasNews = false;
  /** What was done ahead at the start: it counts for emits that have not come again. */
  readonly #inherited: Float64Array;
  #position: unknown;
  #positionOrdinal = 0;
  #ordinals = 0;
  #first: PositionMark | null = null;
  #last: PositionMark | null = null;
  #count = 0;

  constructor(start: SpoutPosition) {
    this.#position = start.position;
    this.#inherited = start.doneAhead;
  }

  /** Marks that are not done. */
  get count(): number {
    return this.#count;
  }

  begin(position: unknown): PositionMark {
    const ordinal = ++this.#ordinals;
    const mark: PositionMark = {
      book: this,
      position,
      ordinal,
      after: undefined,
      afterOrdinal: 0,
      previous: this.#last,
      next: null,
    };
    if (this.#last === null) this.#first = mark;
    else this.#last.next = mark;
    this.#last = mark;
    this.#count++;
    return mark;
  }

  /** Acked, or given up: it is not to be emitted again. */
  done(mark: PositionMark): void {
    const position = mark.afterOrdinal === 0 ? mark.position : mark.after;
    const ordinal = mark.afterOrdinal === 0 ? mark.ordinal : mark.afterOrdinal;
    const { previous } = mark;
    if (previous === null) {
      invariant(mark === this.#first, "a mark is done once");
      this.#position = position;
      this.#positionOrdinal = ordinal;
    } else {
      previous.after = position;
      previous.afterOrdinal = ordinal;
    }
    this.#unlink(mark);
    this.hasNews = true;
  }

  /** The emit was refused: it never was. Only of the mark that was begun last. */
  undo(mark: PositionMark): void {
    invariant(mark === this.#last, "the last mark is undone");
    this.#ordinals--;
    this.#unlink(mark);
  }

  /** Where to begin after a loss at this moment. */
  snapshot(): SpoutPosition {
    this.hasNews = false;
    const pairs: number[] = [];
    for (let mark = this.#first; mark !== null; mark = mark.next) {
      if (mark.afterOrdinal === 0) continue;
      pairs.push(mark.ordinal + 1 - this.#positionOrdinal, mark.afterOrdinal - this.#positionOrdinal);
    }
    for (let at = 0; at < this.#inherited.length; at += 2) {
      const last = this.#inherited[at + 1]!;
      if (last <= this.#ordinals) continue;
      const first = Math.max(this.#inherited[at]!, this.#ordinals + 1);
      pairs.push(first - this.#positionOrdinal, last - this.#positionOrdinal);
    }
    return { position: this.#position, doneAhead: pairs.length === 0 ? NOTHING_AHEAD : Float64Array.from(pairs) };
  }

  #unlink(mark: PositionMark): void {
    const { previous, next } = mark;
    if (previous === null) this.#first = next;
    else previous.next = next;
    if (next === null) this.#last = previous;
    else next.previous = previous;
    // Old marks that led to their followers would make the collector keep all that ever came after them.
    mark.previous = null;
    mark.next = null;
    this.#count--;
  }
}
