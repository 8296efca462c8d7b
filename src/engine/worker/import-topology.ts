import { fileURLToPath } from "node:url";
import { EngineError } from "../../base/engine-error.ts";
import { registeredKeys, type Topology, whenRegistered } from "../../topology/define-topology.ts";
import { enableTypeScript } from "./enable-typescript.ts";

/** Where a worker finds its topology. */
export interface TopologyPlace {
  readonly moduleUrl: string;
  readonly topologyKey: string;
}

/**
 * Imports the module that defines the topology, on a worker.
 *
 * Not awaited to its end: a script that also submits its topology never gets there on a worker, where submitting does
 * not settle. The definition is taken as soon as it is registered.
 *
 * @param failedLater told when the module fails below the definition
 * @throws EngineError MODULE_FAILED, MODULE_NO_TOPOLOGY, MODULE_TYPESCRIPT
 */
export async function importTopology(
  { moduleUrl, topologyKey }: TopologyPlace,
  failedLater: (error: EngineError) => void,
): Promise<Topology> {
  if (moduleUrl.startsWith("file:")) await enableTypeScript(fileURLToPath(moduleUrl));
  let isRegistered = false;
  const registered = whenRegistered(topologyKey).then((topology) => {
    isRegistered = true;
    return topology;
  });
  const imported: Promise<Topology> = import(moduleUrl).then(
    () => {
      if (isRegistered) return registered;
      throw new EngineError("MODULE_NO_TOPOLOGY", {
        problem: "the module did not define the topology when a worker thread imported it",
        facts: { module: moduleUrl, topology: topologyKey, defined: registeredKeys(moduleUrl) },
        remedy: "call defineTopology at the top level of the module, unconditionally, above everything that runs it",
      });
    },
    (cause: unknown) => {
      if (!isRegistered) throw moduleFailed(moduleUrl, cause);
      failedLater(moduleFailed(moduleUrl, cause));
      return registered;
    },
  );
  return Promise.race([registered, imported]);
}

function moduleFailed(url: string, cause: unknown): EngineError {
  return new EngineError("MODULE_FAILED", {
    problem: "the topology's module failed while a worker thread imported it",
    facts: { module: url, error: cause instanceof Error ? cause.message : String(cause) },
    remedy:
      "move the topology into a module of its own, which only defines it: every worker thread imports that module",
    cause,
  });
}
