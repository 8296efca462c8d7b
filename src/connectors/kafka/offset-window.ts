const FIRST_CAPACITY = 256;

/**
 * What of one partition is taken and not done, in the order of its offsets: says up to where the partition may be
 * committed, whatever the order in which its messages are done. Memory goes with what is ahead of the oldest message
 * that is not done.
 *
 * Offsets of a partition have gaps: what was compacted away, markers of transactions, messages of transactions that
 * were given up. So the window never counts; it keeps the offsets that it was given.
 */
export class OffsetWindow {
  /** By ordinal: offsets from the oldest that is not done to the last that was taken. */
  #offsets = new Float64Array(FIRST_CAPACITY);
  #isDone = new Uint8Array(FIRST_CAPACITY);
  #head = 0;
  #tail = 0;
  #seenTo: number;

  /** @param start the first offset that is of interest: everything below is done */
  constructor(start: number) {
    this.#seenTo = start;
  }

  /** The offset to commit: the first that may not be left out when the partition is read again. */
  get committable(): number {
    return this.#head === this.#tail ? this.#seenTo : this.#offsets[this.#head & this.#mask]!;
  }

  /** Everything below was taken, or need not be. */
  get seenTo(): number {
    return this.#seenTo;
  }

  /** How many messages lie between the oldest that is not done and the last that was taken. */
  get ahead(): number {
    return this.#tail - this.#head;
  }

  /** The message at `offset` is on its way. Offsets ascend. Returns what `done` is to be called with. */
  take(offset: number): number {
    if (this.ahead === this.#offsets.length) this.#grow();
    const ordinal = this.#tail++;
    const at = ordinal & this.#mask;
    this.#offsets[at] = offset;
    this.#isDone[at] = 0;
    this.#seenTo = offset + 1;
    return ordinal;
  }

  /** No message below `offset` is still to be taken. */
  passTo(offset: number): void {
    if (offset > this.#seenTo) this.#seenTo = offset;
  }

  /** The message is done, and is told so once or several times. */
  done(ordinal: number): void {
    if (ordinal < this.#head) return;
    this.#isDone[ordinal & this.#mask] = 1;
    while (this.#head < this.#tail && this.#isDone[this.#head & this.#mask] === 1) this.#head++;
  }

  get #mask(): number {
    return this.#offsets.length - 1;
  }

  #grow(): void {
    const offsets = new Float64Array(this.#offsets.length * 2);
    const isDone = new Uint8Array(offsets.length);
    for (let ordinal = this.#head; ordinal < this.#tail; ordinal++) {
      const from = ordinal & this.#mask;
      const to = ordinal & (offsets.length - 1);
      offsets[to] = this.#offsets[from]!;
      isDone[to] = this.#isDone[from]!;
    }
    this.#offsets = offsets;
    this.#isDone = isDone;
  }
}
