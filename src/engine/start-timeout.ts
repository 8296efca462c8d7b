import { EngineError } from "../base/engine-error.ts";

/** The error for tasks that were not open in time, with what is known about what they wait for. */
export function startTimeout(startTimeoutMs: number, facts: Readonly<Record<string, unknown>>): EngineError {
  return new EngineError("START_TIMEOUT", {
    problem: `the topology had not started within ${startTimeoutMs} ms`,
    facts,
    remedy:
      "see what the module or a prepare or open hook waits for, move the topology into a module of its own, " +
      "or raise startTimeoutMs",
  });
}
