import type { TopologySpec } from "../../topology/topology-spec.ts";

/**
 * The cycles of a topology: groups of components that can all reach each other, numbered from 0. Components outside of any
 * cycle are not in the map. One component that feeds itself is a cycle of its own.
 */
export function findCycles(spec: TopologySpec): Map<string, number> {
  const sourcesOf = new Map(spec.components.map((component) => [component.id, sourceIds(component.subscriptions)]));
  const reaches = new Map<string, Set<string>>();
  for (const { id } of spec.components) reaches.set(id, upstreamOf(id, sourcesOf));
  const cycles = new Map<string, number>();
  let next = 0;
  for (const { id } of spec.components) {
    if (cycles.has(id) || !reaches.get(id)!.has(id)) continue;
    for (const other of reaches.get(id)!) if (reaches.get(other)!.has(id)) cycles.set(other, next);
    next++;
  }
  return cycles;
}

function sourceIds(subscriptions: readonly { readonly source: string }[]): string[] {
  return [...new Set(subscriptions.map(({ source }) => source))];
}

/** Every component from which a path of at least one edge leads to `id`. */
function upstreamOf(id: string, sourcesOf: ReadonlyMap<string, readonly string[]>): Set<string> {
  const found = new Set<string>();
  const open = [...sourcesOf.get(id)!];
  for (let source = open.pop(); source !== undefined; source = open.pop()) {
    if (found.has(source)) continue;
    found.add(source);
    open.push(...sourcesOf.get(source)!);
  }
  return found;
}
