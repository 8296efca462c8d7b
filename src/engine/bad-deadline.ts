import { EngineError } from "../base/engine-error.ts";

/** What `drain` says to a deadline that is none. */
export function badDeadline(deadlineMs: unknown): EngineError {
  return new EngineError("RUN_BAD_DEADLINE", {
    problem: `drain is given a deadline of ${String(deadlineMs)}`,
    facts: { allowed: "a number of milliseconds from 0, or Infinity" },
    remedy: "say drain({ deadlineMs: 5_000 }), or leave it out for the option drainTimeoutMs",
  });
}
