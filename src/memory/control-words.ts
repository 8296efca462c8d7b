/**
 * Shared state words outside of rings and doorbells: stop flags, heartbeats, states of threads. These functions exist
 * so that no other room needs `Atomics`; `ControlLayout` says where the words are.
 *
 * All of them are sequentially consistent: what a thread did before its store is seen by a thread that loads that
 * value.
 */
export function loadWord(control: Int32Array, word: number): number {
  return Atomics.load(control, word);
}

export function storeWord(control: Int32Array, word: number, value: number): void {
  Atomics.store(control, word, value);
}

/** Adds in one step, for words with several writers. Returns the value before. */
export function addToWord(control: Int32Array, word: number, amount: number): number {
  return Atomics.add(control, word, amount);
}

/** Stores `next` if the word holds `expected`, in one step. True when it did: of several callers one wins. */
export function trySwapWord(control: Int32Array, word: number, swap: { expected: number; next: number }): boolean {
  return Atomics.compareExchange(control, word, swap.expected, swap.next) === swap.expected;
}

/**
 * Stores a time as a heartbeat. Every thread's monotonic clock starts when the thread does, so a watcher must not
 * compare the value with its own clock: it notes, on its own clock, when it last saw the value change.
 */
export function storeMs(control: Int32Array, word: number, nowMs: number): void {
  Atomics.store(control, word, nowMs); // Kept modulo 2^32: a wrap every 49 days, which `msBetween` bears.
}

/** Milliseconds from one stored time to another, if they are less than 24 days apart. */
export function msBetween(earlierWord: number, laterWord: number): number {
  return (laterWord - earlierWord) | 0;
}
