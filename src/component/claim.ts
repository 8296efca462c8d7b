/** How a claim is asked for. */
export interface ClaimOptions {
  /**
   * How long to wait for an owner that is not over yet, in ms: 2,000 unless it says more; 0 asks once. An earlier
   * instance of the same task, or its thread, may need a moment to end.
   */
  readonly waitMs?: number;
  /**
   * Whose the name is: of this task, so that each task of the component may claim the same name ("task", the
   * default), or of the component, so that one task of it can have it ("component").
   */
  readonly scope?: "task" | "component";
}

/**
 * Something outside of the topology that one task owns. It stays this instance's until its last hook has ended, its
 * thread is gone, or `release` was called. docs/CLAIMS.md is the contract.
 */
export interface Claim {
  /** As it was asked for. */
  readonly name: string;
  /** The lock file. In a simulation there is none, and this only says what is claimed. */
  readonly path: string;
  /** Greater than that of any owner before: a store that remembers the greatest it saw can refuse late writes. */
  readonly epoch: number;
  /** Random, of this ownership alone. */
  readonly token: string;
  /**
   * Throws unless the claim still is this instance's: ask before each write. Costs the reading of a small file.
   *
   * @throws EngineError CLAIM_LOST
   */
  check(): void;
  /** Gives the claim up before the instance ends. What has no claim any more is left as it is. */
  release(): void;
}
