import { setTimeout as waitMs } from "node:timers/promises";

/**
 * The result of `operation`, or what `late` makes of it after so many milliseconds, which is then thrown. What the
 * operation comes to later is nobody's: a late rejection does not take the thread down.
 */
export async function withinMs<R>(operation: Promise<R>, timeoutMs: number, late: () => Error): Promise<R> {
  const over = new AbortController();
  operation.catch(() => {});
  const timer = waitMs(timeoutMs, undefined, { signal: over.signal }).then(
    () => {
      throw late();
    },
    () => undefined as never,
  );
  try {
    return await Promise.race([operation, timer]);
  } finally {
    over.abort();
  }
}

/** Waits, at most until `signal` is aborted: false when it was. */
export async function pauseMs(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await waitMs(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
