import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import type { InspectedEvent, InspectedTree, Inspection } from "./inspected.ts";
import type { PhysicalPlan } from "./plan/physical-plan.ts";

/** A tuple as the inspector shows it. */
export interface InspectedTuple {
  /** ms since 1970. */
  readonly timeMs: number;
  /** Who executed it, or emitted it. */
  readonly component: string;
  readonly task: number;
  /** Where it came from. */
  readonly source: string;
  readonly stream: string;
  readonly values: readonly unknown[];
  /** How long its execution took; null where it was emitted. */
  readonly executeMs: number | null;
}

/** One stop of a tree's way. */
export interface InspectedHop {
  readonly component: string;
  readonly task: number;
  readonly source: string;
  readonly stream: string;
  readonly values: readonly unknown[];
  /** From the emit of the tree. */
  readonly beganMs: number;
  /** From the end of the execution that it came out of, or from the emit, until its own began. */
  readonly queuedMs: number;
  readonly executeMs: number;
}

/** A tree that was chosen, with what was seen of it. */
export interface InspectedPath {
  /** ms since 1970. */
  readonly timeMs: number;
  /** In the order in which they began. */
  readonly hops: readonly InspectedHop[];
}

const TUPLES_KEPT = 100;
const TREES_KEPT = 50;
const HOPS_MAX = 200;

interface SeenTree {
  readonly tree: InspectedTree;
  readonly timeMs: number;
  readonly events: InspectedEvent[];
}

export interface RunInspectorParts {
  readonly plan: PhysicalPlan;
  /** Switches on or off on all threads what is inspected of a component. */
  readonly inspect: (component: string, inspection: Inspection | null) => void;
  /** ms since 1970, and the same moment on the clock that events are on. */
  readonly wallMs: () => number;
  readonly sharedMs: () => number;
}

/** Main's side of the event inspector: what is looked at, and what was seen of it lately. */
export class RunInspector {
  readonly #parts: RunInspectorParts;
  readonly #shares = new Map<string, number>();
  /** What was asked for all components last, in percent. */
  #ofAll = 0;
  readonly #tuples = new Map<string, InspectedTuple[]>();
  /** By tree, the oldest first. */
  readonly #trees = new Map<string, SeenTree>();

  constructor(parts: RunInspectorParts) {
    this.#parts = parts;
  }

  /** By component, the share of its tuples that is looked at, in percent; "" is what was asked for all of them. */
  get sampling(): Readonly<Record<string, number>> {
    const shares = [...this.#shares].map(([component, share]) => [component, share * 100] as const);
    return Object.fromEntries(this.#ofAll > 0 ? [...shares, ["", this.#ofAll] as const] : shares);
  }

  /**
   * @param component null for all of them
   * @param percent above 0 and up to 100; 0 switches off
   * @throws EngineError INSPECT_BAD_SHARE, INSPECT_UNKNOWN_COMPONENT
   */
  sample(component: string | null, percent: number): void {
    if (!(percent >= 0 && percent <= 100)) {
      throw new EngineError("INSPECT_BAD_SHARE", {
        problem: "a share of tuples is asked for that cannot be",
        facts: { percent },
        remedy: "give a number from 0 to 100",
      });
    }
    if (component === null) this.#ofAll = percent;
    for (const id of this.#idsOf(component)) {
      const inspection = percent === 0 ? null : { share: percent / 100 };
      if (inspection === null) this.#shares.delete(id);
      else this.#shares.set(id, inspection.share);
      this.#parts.inspect(id, inspection);
    }
  }

  /** Trees of before have keys that come again, and threads that are new know nothing. */
  beginEpoch(): void {
    this.#trees.clear();
    this.tellThreads();
  }

  /** What is to be inspected, to threads that may not know it. */
  tellThreads(): void {
    for (const [component, share] of this.#shares) this.#parts.inspect(component, { share });
  }

  take(events: readonly InspectedEvent[]): void {
    const offsetMs = this.#parts.wallMs() - this.#parts.sharedMs();
    for (const event of events) {
      this.#keepTuple(event, offsetMs);
      if (event.tree !== null && event.tookMs !== null) this.#keepHop(event, event.tree, offsetMs);
    }
  }

  /** The last tuples of a component, the newest first. */
  tuples(component: string): readonly InspectedTuple[] {
    return this.#tuples.get(component)?.toReversed() ?? [];
  }

  /** The last trees that were chosen, the newest first. */
  trees(): readonly InspectedPath[] {
    return [...this.#trees.values()].toReversed().map((seen) => this.#pathOf(seen));
  }

  #idsOf(component: string | null): readonly string[] {
    const ids = this.#parts.plan.components.filter(({ kind }) => kind !== "output").map(({ id }) => id);
    if (component === null) return ids;
    if (ids.includes(component)) return [component];
    const near = nearestName(component, ids);
    throw new EngineError("INSPECT_UNKNOWN_COMPONENT", {
      problem: `tuples of "${component}" are to be inspected, which is no component that has any`,
      facts: { components: ids },
      remedy: near === null ? "name a spout or bolt of the topology" : `name "${near}"`,
    });
  }

  #keepTuple(event: InspectedEvent, offsetMs: number): void {
    const { component } = this.#parts.plan.tasks[event.taskId]!;
    const stream = this.#parts.plan.streams[event.streamIndex]!;
    let kept = this.#tuples.get(component);
    if (kept === undefined) {
      kept = [];
      this.#tuples.set(component, kept);
    }
    kept.push({
      timeMs: event.atMs + offsetMs,
      component,
      task: event.taskId,
      source: stream.component,
      stream: stream.stream,
      values: event.values,
      executeMs: event.tookMs,
    });
    if (kept.length > TUPLES_KEPT) kept.shift();
  }

  #keepHop(event: InspectedEvent, tree: InspectedTree, offsetMs: number): void {
    const key = `${tree.slot} ${tree.generation}`;
    let seen = this.#trees.get(key);
    if (seen === undefined) {
      seen = { tree, timeMs: event.atMs + offsetMs, events: [] };
      this.#trees.set(key, seen);
      if (this.#trees.size > TREES_KEPT) this.#trees.delete(this.#trees.keys().next().value!);
    }
    if (seen.events.length < HOPS_MAX) seen.events.push(event);
  }

  #pathOf({ tree, timeMs, events }: SeenTree): InspectedPath {
    const { plan } = this.#parts;
    const inOrder = events.toSorted((a, b) => a.atMs - b.atMs);
    const first = inOrder[0]!;
    // The clock of trees has whole ms and wraps: the emit was at most a little after what it says.
    const emittedMs = first.atMs - Math.max(0, (Math.floor(first.atMs) - tree.emittedMs) | 0);
    const hops = inOrder.map((event): InspectedHop => {
      const { component, stream } = plan.streams[event.streamIndex]!;
      const parent = inOrder.findLast(
        ({ taskId, atMs, tookMs }) => plan.tasks[taskId]!.component === component && atMs + tookMs! <= event.atMs,
      );
      const sinceMs = parent === undefined ? emittedMs : parent.atMs + parent.tookMs!;
      return {
        component: plan.tasks[event.taskId]!.component,
        task: event.taskId,
        source: component,
        stream,
        values: event.values,
        beganMs: Math.max(0, event.atMs - emittedMs),
        queuedMs: Math.max(0, event.atMs - sinceMs),
        executeMs: event.tookMs!,
      };
    });
    return { timeMs, hops };
  }
}
