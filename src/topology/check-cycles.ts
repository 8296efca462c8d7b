import { EngineError } from "../base/engine-error.ts";
import type { ComponentSpec } from "./topology-spec.ts";

/**
 * A full cycle of queues would wait for itself for ever, so each cycle needs one subscription that is marked: it
 * gets a queue of its own that spills. Subscriptions without the mark have to form no cycle; each with it has to
 * close one.
 *
 * @throws EngineError TOPOLOGY_UNDECLARED_CYCLE, TOPOLOGY_FEEDBACK_WITHOUT_CYCLE
 */
export function checkCycles(components: readonly ComponentSpec[]): void {
  const sourcesOf = new Map(
    components.map(({ id, subscriptions }) => [
      id,
      subscriptions.filter(({ feedback }) => !feedback).map(({ source }) => source),
    ]),
  );
  const cycle = findCycle(components, sourcesOf);
  if (cycle !== null) {
    const [consumer, source] = [cycle[0]!, cycle.at(-2)!];
    throw new EngineError("TOPOLOGY_UNDECLARED_CYCLE", {
      problem: `the topology has a cycle: ${cycle.join(" → ")}`,
      remedy: `mark the way back with { feedback: true }, such as the subscription of "${consumer}" to "${source}"`,
    });
  }
  for (const { id, subscriptions } of components) {
    for (const { source, feedback } of subscriptions) {
      if (feedback && !isUpstream(id, source, sourcesOf)) throw feedbackWithoutCycle(id, source);
    }
  }
}

type SourcesOf = ReadonlyMap<string, readonly string[]>;

/**
 * A cycle as a path in the direction of the tuples, beginning and ending with the component declared first; null if
 * there is none.
 */
function findCycle(components: readonly ComponentSpec[], sourcesOf: SourcesOf): string[] | null {
  const left = new Set(components.map(({ id }) => id));
  const isFree = (id: string) => !sourcesOf.get(id)!.some((source) => left.has(source));
  for (let removed = true; removed; ) {
    removed = false;
    for (const id of left) {
      if (!isFree(id)) continue;
      left.delete(id);
      removed = true;
    }
  }
  // Whatever is left has a source that is left: following sources must come back to where it has been.
  const [start] = left;
  if (start === undefined) return null;
  const path = [start];
  for (;;) {
    const source = sourcesOf.get(path.at(-1)!)!.find((id) => left.has(id))!;
    const seenAt = path.indexOf(source);
    if (seenAt >= 0) return rotateToFirst(path.slice(seenAt).reverse(), components);
    path.push(source);
  }
}

function rotateToFirst(cycle: readonly string[], components: readonly ComponentSpec[]): string[] {
  const first = components.find(({ id }) => cycle.includes(id))!.id;
  const at = cycle.indexOf(first);
  return [...cycle.slice(at), ...cycle.slice(0, at), first];
}

/** Whether tuples of `id` reach `target` without a feedback subscription; a component reaches itself. */
function isUpstream(id: string, target: string, sourcesOf: SourcesOf): boolean {
  const seen = new Set([target]);
  for (const component of seen) {
    if (component === id) return true;
    for (const source of sourcesOf.get(component)!) seen.add(source);
  }
  return false;
}

function feedbackWithoutCycle(consumer: string, source: string): EngineError {
  return new EngineError("TOPOLOGY_FEEDBACK_WITHOUT_CYCLE", {
    problem: `the subscription of "${consumer}" to "${source}" is marked as feedback, but closes no cycle`,
    facts: { reason: `no tuple of "${consumer}" leads to "${source}" by subscriptions without that mark` },
    remedy: "take { feedback: true } away from it: feedback subscriptions do not count for the end of a stream",
  });
}
