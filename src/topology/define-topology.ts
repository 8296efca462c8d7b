import { EngineError } from "../base/engine-error.ts";
import { checkId } from "../base/ids.ts";
import type { TopologyBuilder } from "./topology-builder.ts";
import type { Ports } from "./topology-ports.ts";

/** The same in every copy of this package: a project may well contain two. */
const REGISTRY = Symbol.for("stormcell.topologyRegistry");
const TOPOLOGY = Symbol.for("stormcell.topology");

/** A topology as `defineTopology` made it: where every thread finds it, and the function that declares it. */
export interface Topology<in Opt = never, out P = unknown> {
  /** Module url and name, or position among the module's topologies: the same in every thread. */
  readonly key: string;
  readonly moduleUrl: string;
  readonly build: (builder: TopologyBuilder, options: Opt) => P;
}

/** The topologies that modules of this thread have defined, by key. */
interface Registry {
  readonly byKey: Map<string, Topology>;
  /** How many topologies each module has defined so far. */
  readonly countByUrl: Map<string, number>;
  readonly waiting: Map<string, ((topology: Topology) => void)[]>;
}

/**
 * Defines a topology. Call it at module level: every worker thread imports the module, and finds the topology there
 * by the module's url and its position among the module's topologies, or its name.
 *
 * @param moduleUrl always `import.meta.url`
 * @param build declares the components; runs in every thread with a copy of the options, and must do the same in each
 * @param settings.name finds the topology independently of the order of definitions
 * @throws EngineError TOPOLOGY_BAD_MODULE_URL, TOPOLOGY_ILLEGAL_ID, TOPOLOGY_DUPLICATE_NAME
 */
// biome-ignore lint/suspicious/noConfusingVoidType: a builder function without ports returns nothing.
export function defineTopology<Opt = unknown, const P extends Ports | void = void>(
  moduleUrl: string,
  build: (builder: TopologyBuilder, options: Opt) => P,
  settings: { readonly name?: string } = {},
): Topology<Opt, P> {
  checkModuleUrl(moduleUrl);
  if (typeof build !== "function") throw notATopology("the second argument of defineTopology is no function");
  const registry = registryOfThread();
  const key = nextKey(registry, moduleUrl, settings.name);
  const topology = Object.freeze({ key, moduleUrl, build, [TOPOLOGY]: true });
  registry.byKey.set(key, topology as unknown as Topology);
  const waiting = registry.waiting.get(key) ?? [];
  registry.waiting.delete(key);
  for (const resolve of waiting) resolve(topology as unknown as Topology);
  return topology;
}

export function isTopology(value: unknown): value is Topology {
  return typeof value === "object" && value !== null && (value as { [TOPOLOGY]?: unknown })[TOPOLOGY] === true;
}

/** @throws EngineError TOPOLOGY_NOT_A_TOPOLOGY */
export function topologyKeyOf(topology: unknown): string {
  if (isTopology(topology)) return topology.key;
  throw notATopology("what is used as a topology was not made by defineTopology");
}

/** Resolves as soon as this thread has defined the topology: at once if it has. Never, if no module ever does. */
export function whenRegistered(key: string): Promise<Topology> {
  const registry = registryOfThread();
  const known = registry.byKey.get(key);
  if (known !== undefined) return Promise.resolve(known);
  return new Promise((resolve) => {
    registry.waiting.set(key, [...(registry.waiting.get(key) ?? []), resolve]);
  });
}

/** Keys of all topologies that a module has defined in this thread so far, in order. */
export function registeredKeys(moduleUrl: string): readonly string[] {
  return [...registryOfThread().byKey.values()].filter((it) => it.moduleUrl === moduleUrl).map((it) => it.key);
}

function registryOfThread(): Registry {
  const place = globalThis as { [REGISTRY]?: Registry };
  place[REGISTRY] ??= { byKey: new Map(), countByUrl: new Map(), waiting: new Map() };
  return place[REGISTRY];
}

function nextKey(registry: Registry, moduleUrl: string, name: string | undefined): string {
  const position = (registry.countByUrl.get(moduleUrl) ?? 0) + 1;
  if (name === undefined) {
    registry.countByUrl.set(moduleUrl, position);
    return `${moduleUrl}#${position}`;
  }
  const problem = checkId("topology", name);
  if (problem !== null) {
    throw new EngineError("TOPOLOGY_ILLEGAL_ID", {
      problem,
      facts: { module: moduleUrl },
      remedy: `choose a name of letters, digits, "_", "." and "-"`,
    });
  }
  const key = `${moduleUrl}#name=${name}`;
  if (registry.byKey.has(key)) {
    throw new EngineError("TOPOLOGY_DUPLICATE_NAME", {
      problem: `the module defines two topologies named "${name}"`,
      facts: { module: moduleUrl },
      remedy: "give each its own name, and call defineTopology at module level only",
    });
  }
  registry.countByUrl.set(moduleUrl, position);
  return key;
}

function checkModuleUrl(moduleUrl: unknown): void {
  if (typeof moduleUrl === "string" && URL.canParse(moduleUrl)) return;
  throw new EngineError("TOPOLOGY_BAD_MODULE_URL", {
    problem: "defineTopology is not given the url of its module",
    facts: { given: moduleUrl === "" ? '""' : String(moduleUrl) },
    remedy:
      "call defineTopology(import.meta.url, ...) in an ES module, which no bundler may rob of its import.meta.url",
  });
}

function notATopology(problem: string): EngineError {
  return new EngineError("TOPOLOGY_NOT_A_TOPOLOGY", {
    problem,
    remedy: "write: export const myTopology = defineTopology(import.meta.url, (builder, options) => { ... })",
  });
}
