import { EngineError } from "../../base/engine-error.ts";
import { AT_BEGINNING, type PositionMark, PositionMarks, type SpoutPosition } from "./position-marks.ts";

/** Reports follow each other after this at the earliest, and later the more there is to tell. */
const REPORT_MS = 20;
const MARKS_PER_MS = 400;
/** Ids of failed emits that are remembered until they are emitted again or given up. */
const FAILED_MAX = 65_536;

/**
 * What of a spout task's source is done, for the day on which the task has to be made again. It is told to main from
 * time to time, which keeps it beyond the task's own thread.
 *
 * A failed emit is not done until one with the same id is acked, or the id is given up.
 */
export class SpoutProgress {
  readonly #report: (position: SpoutPosition) => void;
  #start: SpoutPosition;
  #marks: PositionMarks;
  readonly #failed = new Map<unknown, PositionMark>();
  #isUsed = false;
  /** Too much has failed that is not emitted again: what is known stays as it is. */
  #isFrozen = false;
  #nextReportMs = 0;

  constructor(start: SpoutPosition | undefined, report: (position: SpoutPosition) => void) {
    // Whoever told it may have more to say: none of the spout's business.
    this.#start = start === undefined ? AT_BEGINNING : { position: start.position, doneAhead: start.doneAhead };
    this.#marks = new PositionMarks(this.#start);
    this.#report = report;
  }

  /** Emits with a position that are not done. */
  get markCount(): number {
    return this.#marks.count;
  }

  /** True when something is done that main does not know. */
  get hasNews(): boolean {
    return this.#marks.hasNews && !this.#isFrozen;
  }

  /** When main is to hear of it; infinity when there is nothing to tell. */
  get reportDueMs(): number {
    return this.hasNews ? this.#nextReportMs : Number.POSITIVE_INFINITY;
  }

  /** What the task is opened with. */
  get start(): SpoutPosition {
    return this.#start;
  }

  /** True once the spout has said where in its source it is. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** The task's instance is made again on this thread: it is to be opened with what is known at this moment. */
  restart(): void {
    if (!this.#isUsed) return;
    if (!this.#isFrozen) {
      const isNews = this.#marks.hasNews;
      this.#start = copyOf(this.#marks.snapshot());
      // The new marks tell nothing until something new is done.
      if (isNews) this.#report(this.#start);
    }
    this.#marks = new PositionMarks(this.#start);
    this.#failed.clear();
    this.#isFrozen = false;
  }

  /** An emit begins. Null when it has no place of its own in what is kept. */
  begin(id: unknown, position: unknown): PositionMark | null {
    if (this.#failed.size > 0) {
      const mark = this.#failed.get(id);
      if (mark !== undefined) {
        this.#failed.delete(id);
        return mark;
      }
    }
    if (position === undefined || this.#isFrozen) return null;
    this.use();
    return this.#marks.begin(position);
  }

  /** The emit that `begin` was called for was refused. */
  undo(id: unknown, mark: PositionMark | null, isFirst: boolean): void {
    if (!this.#isOurs(mark)) return;
    if (isFirst) this.#marks.undo(mark);
    else this.#failed.set(id, mark);
  }

  /** A tuple without an id, or of a topology that tracks nothing: it counts as done. */
  noteUntracked(position: unknown): void {
    if (position === undefined || this.#isFrozen) return;
    this.use();
    this.#marks.done(this.#marks.begin(position));
  }

  /** The first position: main hears at once that there are any, so that it knows what is read again after a loss. */
  use(): void {
    if (this.#isUsed) return;
    this.#isUsed = true;
    this.#report(copyOf(this.#marks.snapshot()));
  }

  acked(mark: PositionMark | null): void {
    if (this.#isOurs(mark)) this.#marks.done(mark);
  }

  /** @param mayComeAgain false for a spout that does not want to hear of failures */
  failed(id: unknown, mark: PositionMark | null, mayComeAgain: boolean): void {
    if (!this.#isOurs(mark)) return;
    if (!mayComeAgain) {
      this.#marks.done(mark);
      return;
    }
    this.#failed.set(id, mark);
    if (this.#failed.size <= FAILED_MAX) return;
    this.#start = copyOf(this.#marks.snapshot());
    this.#report(this.#start);
    this.#isFrozen = true;
    this.#failed.clear();
    this.#marks = new PositionMarks(this.#start);
  }

  /** A failed id is not emitted again. */
  giveUp(id: unknown): void {
    const mark = this.#failed.get(id);
    if (mark === undefined) return;
    this.#failed.delete(id);
    this.#marks.done(mark);
  }

  /** An overdue tree was acked in the end: its id failed, and is done all the same. */
  completedLate(id: unknown): void {
    this.giveUp(id);
  }

  /** False for marks from before a restart. */
  #isOurs(mark: PositionMark | null): mark is PositionMark {
    return mark !== null && mark.book === this.#marks && !this.#isFrozen;
  }

  /** Tells main, when there is something new and it is time. @throws EngineError POSITION_NOT_CLONEABLE */
  publish(nowMs: number): void {
    if (!this.hasNews || nowMs < this.#nextReportMs) return;
    this.#nextReportMs = nowMs + REPORT_MS + this.#marks.count / MARKS_PER_MS;
    this.#report(copyOf(this.#marks.snapshot()));
  }
}

/** A copy of its own, on every runtime: main keeps it while the spout goes on. */
function copyOf(position: SpoutPosition): SpoutPosition {
  try {
    return structuredClone(position);
  } catch (cause) {
    throw new EngineError("POSITION_NOT_CLONEABLE", {
      problem: "a spout emits with a position that cannot be copied to another thread",
      facts: { error: cause instanceof Error ? cause.message : String(cause) },
      remedy: "let positions be plain data: numbers, strings, arrays and objects of these",
      cause,
    });
  }
}
