import { EngineError } from "../../base/engine-error.ts";

/** An optional client library, and who wants it. */
export interface Peer {
  /** What the user called, such as "kafkaSpout". */
  readonly connector: string;
  /** As in package.json. */
  readonly name: string;
  /** The versions that it may have, as in package.json: for the command that installs it. */
  readonly range: string;
}

/**
 * Imports an optional peer when a task opens: `importPeer({ connector, name: "ioredis", range: ">=5" },
 * () => import("ioredis"))`.
 *
 * @throws EngineError CONNECTOR_MISSING_PEER when it is not installed; whatever its own code throws otherwise
 */
export async function importPeer<M>({ connector, name, range }: Peer, load: () => Promise<M>): Promise<M> {
  try {
    return await load();
  } catch (cause) {
    if (!isMissing(cause, name)) throw cause;
    throw new EngineError("CONNECTOR_MISSING_PEER", {
      problem: `${connector} needs the package "${name}", which is not installed`,
      facts: { package: name, versions: range },
      remedy: `install it beside stormcell: npm install "${name}@${range}"`,
      cause,
    });
  }
}

/** Another package that this one lacks in its turn has another name in the message. */
function isMissing(thrown: unknown, name: string): boolean {
  const { code, message } = (thrown ?? {}) as { code?: unknown; message?: unknown };
  return code === "ERR_MODULE_NOT_FOUND" && String(message).includes(`'${name}'`);
}
