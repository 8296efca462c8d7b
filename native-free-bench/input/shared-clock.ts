/**
 * Milliseconds on the monotonic clock that all threads of the machine share; `performance.now()` starts anew in each.
 */
export function sharedClockMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
