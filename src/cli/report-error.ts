import { EngineError } from "../base/engine-error.ts";
import { EXIT_BAD_INPUT, EXIT_FAILED, isBadInputCode } from "./exit-codes.ts";

/** The exit code that an error stands for. */
export function exitCodeOf(error: unknown): number {
  return error instanceof EngineError && isBadInputCode(error.code) ? EXIT_BAD_INPUT : EXIT_FAILED;
}

/**
 * An error for people. A coded one says all there is to say; its stack would only show our own frames. What the
 * user's code threw is another matter: its stack shows where, whether it comes alone or as the cause of a coded one.
 */
export function describeError(error: unknown, debug: boolean): string {
  if (!(error instanceof EngineError)) return stackOf(error);
  const text = debug ? stackOf(error) : error.message;
  return error.cause === undefined || (error.cause instanceof EngineError && !debug)
    ? text
    : `${text}\nCaused by: ${describeError(error.cause, debug)}`;
}

/** An error for scripts: what `--json` prints in place of a summary. */
export function errorAsJson(error: unknown): object {
  if (error instanceof EngineError) {
    const { code, problem, facts, remedy } = error;
    return { outcome: "failed", error: { code, problem, facts, remedy } };
  }
  return { outcome: "failed", error: { problem: error instanceof Error ? error.message : String(error) } };
}

function stackOf(error: unknown): string {
  return error instanceof Error
    ? (error.stack ?? `${error.name}: ${error.message}`)
    : `thrown value: ${String(error)}`;
}
