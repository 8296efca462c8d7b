// Not the global of that name, which is a getter: it would cost a fifth of the time of an acked tuple.
import { performance } from "node:perf_hooks";

/** Time as the engine reads it: milliseconds with a fraction, monotonic, from an arbitrary start. */
export interface Clock {
  nowMs(): number;
}

/** The most milliseconds that Node's timers take, some 24 days: one that is set to more fires at once. */
export const TIMER_MS_MAX = 2_147_483_647;

/** The machine's monotonic clock. A read costs about 45 ns: read it per batch, not per tuple. */
export const realClock: Clock = { nowMs: () => performance.now() };

/** The time of day: whole ms since 1970. It can be set, forwards and back. */
export const wallClock: Clock = { nowMs: () => Date.now() };

/**
 * A clock's time in ms, with the same beginning on every thread: `performance.now()` begins with its thread,
 * `process.hrtime()` with the machine.
 */
export function sharedClockOf(clock: Clock): () => number {
  if (clock !== realClock) return () => clock.nowMs();
  const offsetMs = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  return () => performance.now() + offsetMs;
}

/** The same in whole ms as an int32, which wraps every 49 days. */
export function treeClockOf(clock: Clock): () => number {
  const sharedMs = sharedClockOf(clock);
  return () => sharedMs() | 0;
}

/** Time that moves only when told to: for the inline runtime and for tests. */
export class VirtualClock implements Clock {
  #nowMs: number;

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  /** Moves to `toMs`; a time in the past changes nothing. */
  advanceTo(toMs: number): void {
    if (toMs > this.#nowMs) this.#nowMs = toMs;
  }
}
