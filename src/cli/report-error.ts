import { EngineError } from "../base/engine-error.ts";
import { EXIT_BAD_INPUT, EXIT_FAILED } from "./exit-codes.ts";

/** Carries an error that ended a run which had started: whatever its code, it was not bad input. */
export class RunFailure extends Error {
  override readonly name = "RunFailure";

  constructor(error: unknown) {
    super("the run failed", { cause: error });
  }
}

/** Codes that begin so tell of user code or of the machine while a topology starts, not of its declaration. */
const FAILED_PREFIXES = ["TASK_", "WORKER_", "START_", "SHARED_MEMORY_", "CLI_REQUEST_"];

/** The exit code that an error stands for which came before a run had started. */
export function exitCodeOf(error: unknown): number {
  const isInput = error instanceof EngineError && !FAILED_PREFIXES.some((prefix) => error.code.startsWith(prefix));
  return isInput ? EXIT_BAD_INPUT : EXIT_FAILED;
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
