import type { Death } from "./worker/worker-protocol.ts";

/** Of what a thread of a run can be made to die: "terminate" from outside, the rest of itself. */
export type KillKind = Death | "terminate";

/**
 * Name of the method of a run with which tests kill one of its threads. Only the entry for tests,
 * `stormcell/testing`, leads to it.
 */
export const killThread: unique symbol = Symbol("stormcell.killThread");

/** Name of the getter of a run by which this project's own tests look at the memory that its threads share now. */
export const runMemory: unique symbol = Symbol("stormcell.runMemory");
