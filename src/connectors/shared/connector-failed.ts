import { EngineError } from "../../base/engine-error.ts";
import { maskSecrets, withoutSecrets } from "./mask-secrets.ts";

/** The remedy where TLS does not trust who answers. */
export const CHECK_CERTIFICATE =
  "check tls: its ca must have signed the server's certificate, for the host that is given";

/** What a connector was doing when it failed. */
export interface FailedOperation {
  /** What the user called, such as "redisStoreBolt". */
  readonly connector: string;
  /** Host and port; a path, where there is no server. */
  readonly server?: string;
  /** As the server or the system calls it: "XREADGROUP", "produce", "write". */
  readonly operation: string;
  /** What was read or written. */
  readonly key?: string;
  readonly topic?: string;
  readonly path?: string;
  /** What the library or the system threw. */
  readonly cause?: unknown;
  /** What went wrong, where there is no cause that says so. */
  readonly problem?: string;
  /** What to look at. */
  readonly remedy: string;
  /** Passwords and tokens of the configuration: whatever the cause says, they are not shown. */
  readonly secrets?: readonly string[];
}

/** The error of a server, or of the system, that fails what it was asked for. No secrets occur in it. */
export function connectorFailed(failed: FailedOperation): EngineError {
  const { connector, server, operation, key, topic, path, cause, remedy, secrets = [] } = failed;
  const shown = cause === undefined ? undefined : withoutSecrets(cause, secrets);
  const masked = (text: string | undefined) => (text === undefined ? undefined : maskSecrets(text, secrets));
  const problem = failed.problem ?? firstLineOf(shown) ?? "no reason is known";
  return new EngineError("CONNECTOR_FAILED", {
    problem: `${connector} failed at ${operation}: ${masked(problem)}`,
    facts: { connector, server: masked(server), operation, key: masked(key), topic, path: masked(path) },
    remedy,
    cause: shown,
  });
}

function firstLineOf(error: Error | undefined): string | undefined {
  const line = error?.message.split("\n", 1)[0];
  return line === "" ? error?.name : line;
}
