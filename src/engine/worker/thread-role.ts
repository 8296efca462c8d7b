/** Kept on globalThis, so that two copies of the package on one thread agree. */
const MARK = Symbol.for("stormcell.workerThread");

const place = globalThis as { [MARK]?: () => void };

/** True on a worker thread of a topology, where modules are imported for what they define, not to run anything. */
export function isWorkerThread(): boolean {
  return place[MARK] !== undefined;
}

/**
 * Called by a worker's entry before it imports any module of the user's.
 *
 * @param onSubmit called when such a module submits a topology: what awaits that on this thread never goes on
 */
export function markWorkerThread(onSubmit: () => void): void {
  place[MARK] = onSubmit;
}

/** What a submit comes to on a worker thread: nothing, for ever. */
export function neverSubmitted(): Promise<never> {
  place[MARK]?.();
  return new Promise<never>(() => {});
}
