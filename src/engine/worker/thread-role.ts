/** Kept on globalThis, so that two copies of the package on one thread agree. */
const MARK = Symbol.for("stormcell.workerThread");

/** True on a worker thread of a topology, where modules are imported for what they define, not to run anything. */
export function isWorkerThread(): boolean {
  return (globalThis as Record<symbol, unknown>)[MARK] === true;
}

/** Called by a worker's entry before it imports any module of the user's. */
export function markWorkerThread(): void {
  (globalThis as Record<symbol, unknown>)[MARK] = true;
}
