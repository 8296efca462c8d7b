/** A model's claim was wrong in this execution. */
export class ViolationError extends Error {
  override readonly name = "ViolationError";
}

/** What `Atomics.waitAsync` returns under the explorer: a wait that goes on when `Lockstep` settles it. */
export class VirtualWait {
  readonly waiter: number;
  isSettled = false;
  readonly #reactions: (() => void)[] = [];

  constructor(waiter: number) {
    this.waiter = waiter;
  }

  /** Not a promise: the explorer decides when it goes on, so nothing may await it. */
  // biome-ignore lint/suspicious/noThenProperty: the code under test chains on it, as it does on the real promise.
  then(reaction: () => void): this {
    this.#reactions.push(reaction);
    return this;
  }

  settle(): void {
    this.isSettled = true;
    for (const reaction of this.#reactions) reaction();
  }
}

const TICKET = 0;
const WORD = 1;
const IS_WOKEN = 2;
const ENTRY_WORDS = 3;
const WAITERS_MAX = 8;

/** Words that a wait list takes, one of them for the next ticket. */
export const WAIT_LIST_WORDS = 1 + WAITERS_MAX * ENTRY_WORDS;

/**
 * Who sleeps on which control word, in the order in which they went to sleep. Only the thread whose turn it is
 * touches it. A ticket of 0 means that the entry is unused.
 */
export class WaitList {
  readonly #entries: Int32Array;

  constructor(words: Int32Array) {
    this.#entries = words;
  }

  reset(): void {
    this.#entries.fill(0);
    this.#entries[0] = 1;
  }

  add(word: number): number {
    for (let waiter = 0; waiter < WAITERS_MAX; waiter++) {
      const at = placeOf(waiter);
      if (this.#entries[at + TICKET] !== 0) continue;
      this.#entries[at + TICKET] = this.#entries[0]!;
      this.#entries[0]! += 1;
      this.#entries[at + WORD] = word;
      this.#entries[at + IS_WOKEN] = 0;
      return waiter;
    }
    throw new ViolationError("waits pile up");
  }

  remove(waiter: number): void {
    this.#entries[placeOf(waiter) + TICKET] = 0;
  }

  isWoken(waiter: number): boolean {
    return this.#entries[placeOf(waiter) + IS_WOKEN] === 1;
  }

  wordOf(waiter: number): number {
    return this.#entries[placeOf(waiter) + WORD]!;
  }

  wakeOne(waiter: number): void {
    this.#entries[placeOf(waiter) + IS_WOKEN] = 1;
  }

  /** Wakes up to `count` of those who sleep on the word, the oldest first, as `Atomics.notify` does. */
  wake(word: number, count: number): number {
    let woken = 0;
    while (woken < count) {
      const oldest = this.#oldestSleeperOn(word);
      if (oldest < 0) break;
      this.wakeOne(oldest);
      woken++;
    }
    return woken;
  }

  #oldestSleeperOn(word: number): number {
    let oldest = -1;
    let oldestTicket = Number.POSITIVE_INFINITY;
    for (let waiter = 0; waiter < WAITERS_MAX; waiter++) {
      const at = placeOf(waiter);
      const ticket = this.#entries[at + TICKET]!;
      if (ticket === 0 || ticket >= oldestTicket) continue;
      if (this.#entries[at + WORD] !== word || this.#entries[at + IS_WOKEN] === 1) continue;
      oldest = waiter;
      oldestTicket = ticket;
    }
    return oldest;
  }
}

function placeOf(waiter: number): number {
  return 1 + waiter * ENTRY_WORDS;
}
