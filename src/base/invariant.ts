/** Thrown when the engine finds itself in a state that cannot be: a bug of ours, never the user's. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Stops loudly, also in production, when `condition` does not hold. Not for bad input: that is an EngineError. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(`internal error: ${message}`);
}
