import { setImmediate as nextTurn, setTimeout as waitMs } from "node:timers/promises";

/**
 * The result of `operation`, or what `late` makes of it after so many milliseconds, which is then thrown. What the
 * operation comes to later is nobody's: a late rejection does not take the thread down.
 *
 * A thread that was busy for so long looks at its timers before it looks at its sockets: what has come there is not
 * late, so it is looked at once more.
 */
export async function withinMs<R>(operation: Promise<R>, timeoutMs: number, late: () => Error): Promise<R> {
  const over = new AbortController();
  operation.catch(() => {});
  const timer = waitMs(timeoutMs, undefined, { signal: over.signal }).then(
    async () => {
      await nextTurn();
      if (!over.signal.aborted) throw late();
      return undefined as never;
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
