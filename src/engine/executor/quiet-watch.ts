export interface QuietParts {
  /** How often to look while something is pending. */
  readonly lookMs: number;
  readonly pending: () => number;
  /** A number that grows with all that the thread does for pending trees. */
  readonly moves: () => number;
  /** Nothing was done between two looks, and trees are pending. */
  readonly quiet: () => void;
}

/** Looks now and then whether a thread with pending trees still does anything. Asleep while nothing is pending. */
export class QuietWatch {
  readonly #parts: QuietParts;
  #dueMs = Number.POSITIVE_INFINITY;
  #moves = -1;

  constructor(parts: QuietParts) {
    this.#parts = parts;
  }

  get dueMs(): number {
    return this.#dueMs;
  }

  /** When the next look is due; asked by a thread that is about to sleep. */
  arm(nowMs: number): number {
    if (this.#parts.pending() === 0) this.#dueMs = Number.POSITIVE_INFINITY;
    else if (this.#dueMs === Number.POSITIVE_INFINITY) this.#dueMs = nowMs + this.#parts.lookMs;
    return this.#dueMs;
  }

  look(nowMs: number): void {
    this.#dueMs = Number.POSITIVE_INFINITY;
    if (this.arm(nowMs) === Number.POSITIVE_INFINITY) return;
    const moves = this.#parts.moves();
    if (moves === this.#moves) this.#parts.quiet();
    this.#moves = moves;
  }
}
