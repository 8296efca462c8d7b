import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { EngineError } from "../../base/engine-error.ts";
import { registeredKeys, type Topology, whenRegistered } from "../../topology/define-topology.ts";

/** Where a worker finds its topology. */
export interface TopologyPlace {
  readonly moduleUrl: string;
  readonly topologyKey: string;
}

/**
 * Imports the module that defines the topology, on a worker.
 *
 * Not awaited to its end: a script that also submits its topology never gets there on a worker, where submitting does not
 * settle. The definition is taken as soon as it is registered.
 *
 * @throws EngineError MODULE_FAILED, MODULE_NO_TOPOLOGY, MODULE_TYPESCRIPT
 */
export async function importTopology({ moduleUrl, topologyKey }: TopologyPlace): Promise<Topology> {
  await enableTypeScript(moduleUrl);
  const registered = whenRegistered(topologyKey);
  const imported = import(moduleUrl).then(
    () => {
      throw new EngineError("MODULE_NO_TOPOLOGY", {
        problem: "the module did not define the topology when a worker thread imported it",
        facts: { module: moduleUrl, topology: topologyKey, defined: registeredKeys(moduleUrl) },
        remedy: "call defineTopology at the top level of the module, unconditionally, above everything that runs it",
      });
    },
    (cause: unknown) => {
      throw moduleFailed(moduleUrl, cause);
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

/** Node 20 cannot load TypeScript in a worker unless a loader is registered there first; newer Node needs none. */
async function enableTypeScript(url: string): Promise<void> {
  if (!/\.[mc]?ts$/.test(new URL(url).pathname) || "typescript" in process.features) return;
  const resolver = createRequire(url);
  let loader: string;
  try {
    loader = resolver.resolve("tsx/esm/api");
  } catch (cause) {
    throw new EngineError("MODULE_TYPESCRIPT", {
      problem: "this version of Node cannot run a TypeScript module on a worker thread by itself",
      facts: { module: url, node: process.version },
      remedy: "install tsx beside the module (npm install tsx), or run Node 22.18 or newer, or compile the module",
      cause,
    });
  }
  const { register } = (await import(pathToFileURL(loader).href)) as { register: () => unknown };
  register();
}
