import { inspect } from "node:util";
import { EngineError } from "../../base/engine-error.ts";

/** For what `nextTuple` may not return. */
export function badSpoutResult(component: string, result: unknown): EngineError {
  const shown = inspect(result, { depth: 0, breakLength: Number.POSITIVE_INFINITY });
  return new EngineError("SPOUT_RESULT_INVALID", {
    problem: `nextTuple of "${component}" returned ${shown}`,
    facts: { allowed: ["undefined", "idle", "exhausted", "a promise of one of these"] },
    remedy:
      'return nothing after emitting, "idle" when there is nothing now, "exhausted" when nothing more will come',
  });
}
