/** Where a source is after a row. */
export interface RowPosition {
  /** Rows that it has emitted since its beginning. */
  readonly rows: number;
  /** The position that it gave itself, if it did: then it can begin there. */
  readonly source: unknown;
}

/** Which rows of a source were done before its task was made again. Asked in ascending order. */
export class DoneRows {
  readonly #below: number;
  readonly #ahead: ArrayLike<number>;
  /** Position in `#ahead` of the first stretch that may still come. */
  #at = 0;

  constructor(position: RowPosition | undefined, doneAhead: ArrayLike<number> = []) {
    this.#below = position?.rows ?? 0;
    this.#ahead = doneAhead;
  }

  /** True for rows up to the position: everything there is done. */
  isBelow(row: number): boolean {
    return row <= this.#below;
  }

  /** True for a row behind the position that is done all the same. */
  has(row: number): boolean {
    const ordinal = row - this.#below;
    while (this.#at < this.#ahead.length && this.#ahead[this.#at + 1]! < ordinal) this.#at += 2;
    return this.#at < this.#ahead.length && this.#ahead[this.#at]! <= ordinal;
  }
}
