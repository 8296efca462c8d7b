import {
  childrenOf,
  customChoice,
  directChoice,
  keyOf,
  mix,
  type RandomComponent,
  type RandomPlan,
  type RandomSubscription,
  spoutTupleId,
} from "./random-plan.ts";

/** Tuples of one key that came over one subscription: how many, and the sum of their mixed ids. */
export interface Arrivals {
  count: number;
  sum: number;
}

/** By `consumer|source:stream|key`. */
export type Expectation = Map<string, Arrivals>;

export function arrivalKey(consumer: string, source: string, stream: string, key: string): string {
  return `${consumer}|${source}:${stream}|${key}`;
}

export function addArrival(arrivals: Arrivals, id: number, times: number): void {
  arrivals.count += times;
  arrivals.sum = (arrivals.sum + Math.imul(mix(id, 3), times)) >>> 0;
}

/**
 * What must reach every bolt of a random topology, computed without any engine: each tuple is followed through the
 * functions that the components are made of. Null when it would be more than `tuplesMax`.
 */
export function expectedArrivals(plan: RandomPlan, tuplesMax: number): Expectation | null {
  const expected: Expectation = new Map();
  let total = 0;
  /** By component, how often each id arrives. */
  const arrived = new Map<string, Map<number, number>>();
  for (const { id } of plan.components) arrived.set(id, new Map());
  const deliver = (edge: Edge, id: number, times: number) => {
    const copies = copiesOf(edge, id) * times;
    if (copies === 0) return;
    total += copies;
    const seen = arrived.get(edge.consumer.id)!;
    seen.set(id, (seen.get(id) ?? 0) + copies);
    const key = arrivalKey(edge.consumer.id, edge.subscription.source, edge.subscription.stream, keyOf(id));
    const arrivals = expected.get(key) ?? { count: 0, sum: 0 };
    addArrival(arrivals, id, copies);
    expected.set(key, arrivals);
  };
  // Components only subscribe to earlier ones, so everything has arrived at one when its turn comes.
  for (const component of plan.components) {
    for (let task = 0; task < (component.spoutTuples === 0 ? 0 : component.parallelism); task++) {
      for (let n = 0; n < component.spoutTuples; n++)
        arrived.get(component.id)!.set(spoutTupleId(component, task, n), 1);
    }
    for (const [streamIndex, stream] of component.streams.entries()) {
      const edges = edgesOf(plan, component, stream.name);
      for (const [id, times] of arrived.get(component.id)!) {
        if (total > tuplesMax) return null;
        for (const child of childrenOf(component, streamIndex, id))
          for (const edge of edges) deliver(edge, child, times);
      }
    }
  }
  return expected;
}

interface Edge {
  readonly consumer: RandomComponent;
  readonly subscription: RandomSubscription;
  /** Task counts of all consumers of the stream, and the place of this one among them. */
  readonly taskCounts: readonly number[];
  readonly position: number;
}

function edgesOf(plan: RandomPlan, source: RandomComponent, stream: string): Edge[] {
  const found = consumersOf(plan, source.id, stream);
  const taskCounts = found.map(({ consumer }) => consumer.parallelism);
  return found.map((edge, position) => ({ ...edge, taskCounts, position }));
}

/** The subscriptions to a stream, in order of declaration. */
export function consumersOf(plan: RandomPlan, source: string, stream: string) {
  return plan.components.flatMap((consumer) =>
    consumer.subscriptions
      .filter((subscription) => subscription.source === source && subscription.stream === stream)
      .map((subscription) => ({ consumer, subscription })),
  );
}

function copiesOf({ consumer, subscription, taskCounts, position }: Edge, id: number): number {
  switch (subscription.grouping) {
    case "all":
      return consumer.parallelism;
    case "custom":
      return customChoice(id, consumer.parallelism).length;
    case "direct":
      return directChoice(id, taskCounts).consumer === position ? 1 : 0;
    default:
      return 1;
  }
}
