/**
 * Milliseconds on the monotonic clock that all threads of the machine share; `performance.now()` starts anew in each.
 */
export function sharedClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** The same clock for code that reads it once per tuple: half as dear, as it makes no big integer. */
export class ThreadClock {
  readonly #originMs = sharedClockMs() - performance.now();

  nowMs(): number {
    return this.#originMs + performance.now();
  }
}
