import { Prng } from "../../src/base/prng.ts";

export const GROUPINGS = [
  "shuffle",
  "fields",
  "partialKey",
  "all",
  "global",
  "none",
  "localOrShuffle",
  "leastLoaded",
  "custom",
  "direct",
] as const;
export type GroupingName = (typeof GROUPINGS)[number];

export interface RandomSubscription {
  readonly source: string;
  readonly stream: string;
  readonly grouping: GroupingName;
}

export interface RandomComponent {
  readonly id: string;
  readonly number: number;
  readonly parallelism: number;
  /** Tuples that each task of a spout emits; 0 for a bolt. */
  readonly spoutTuples: number;
  /** By stream: whether it is direct, and the weight of its fan-out. */
  readonly streams: readonly { readonly name: string; readonly direct: boolean; readonly fanOut: number }[];
  readonly subscriptions: readonly RandomSubscription[];
  /** Which of three declarations of its input a bolt uses: all fields, some, or some in another order. */
  readonly inputShape: number;
  /** Tuples that it emits at once to a stream for one in a thousand of those that it gets. */
  readonly burst: number;
}

export interface RandomPlan {
  readonly seed: number;
  readonly components: readonly RandomComponent[];
  readonly workers: number;
  readonly batchRowsMax: number;
  readonly localQueueRowsMax: number;
}

/** A random acyclic topology as plain data: the topology is built from it, and its right result computed from it. */
export function randomPlan(seed: number, burst = 300): RandomPlan {
  const prng = new Prng(seed);
  const pick = <T>(list: readonly T[]): T => list[prng.below(list.length)]!;
  const components: RandomComponent[] = [];
  const spoutCount = 1 + prng.below(3);
  const boltCount = 1 + prng.below(7);
  for (let number = 0; number < spoutCount + boltCount; number++) {
    const isSpout = number < spoutCount;
    const streams = Array.from({ length: 1 + prng.below(3) }, (_, index) => ({
      name: `s${index}`,
      direct: prng.below(6) === 0,
      fanOut: pick([1, 1, 1, 2]),
    }));
    const subscriptions = new Map<string, RandomSubscription>();
    const wanted = isSpout ? 0 : 1 + prng.below(3);
    for (let tried = 0; tried < wanted; tried++) {
      const source = pick(components);
      const stream = pick(source.streams);
      const grouping = stream.direct ? "direct" : pick(GROUPINGS.filter((name) => name !== "direct"));
      subscriptions.set(`${source.id}:${stream.name}`, { source: source.id, stream: stream.name, grouping });
    }
    components.push({
      id: `${isSpout ? "spout" : "bolt"}${number}`,
      number,
      parallelism: 1 + prng.below(4),
      spoutTuples: isSpout ? 20 + prng.below(120) : 0,
      streams,
      subscriptions: [...subscriptions.values()],
      inputShape: prng.below(3),
      burst,
    });
  }
  const batchRowsMax = pick([1, 2, 3, 8, 64]);
  return {
    seed,
    components,
    workers: 1 + prng.below(4),
    batchRowsMax,
    localQueueRowsMax: batchRowsMax + prng.below(20),
  };
}

/** The id of a spout task's n-th tuple. */
export function spoutTupleId(component: RandomComponent, taskIndex: number, n: number): number {
  return mix(mix(component.number * 7919 + 13, taskIndex), n);
}

/** What a component emits to one of its streams for one tuple: the ids of the new tuples. A pure function of both. */
export function childrenOf(component: RandomComponent, streamIndex: number, id: number): number[] {
  const dice = mix(mix(id, component.number), streamIndex + 101);
  const fanOut = component.streams[streamIndex]!.fanOut;
  const isBurst = dice % 997 === 0;
  const count = isBurst ? component.burst : (dice >>> 8) % (fanOut + 1);
  return Array.from({ length: count }, (_, n) => mix(dice, n));
}

export function keyOf(id: number): string {
  return `k${mix(id, 5) % 23}`;
}

/** Mostly short, now and then several hundred characters, ASCII or not. */
export function payloadOf(id: number): string {
  const dice = mix(id, 77);
  const text = dice % 3 === 0 ? "é✓" : "ab";
  return text.repeat(dice % 50 === 0 ? 200 : dice % 12);
}

/** What the custom grouping of the random topologies chooses: none to all of the tasks. */
export function customChoice(id: number, targets: number): number[] {
  const dice = mix(id, 31);
  return Array.from({ length: targets }, (_, index) => index).filter((index) => ((dice >>> index) & 3) === 0);
}

/** Which of the consumers of a direct stream gets a tuple, and which of its tasks. */
export function directChoice(id: number, taskCounts: readonly number[]): { consumer: number; taskIndex: number } {
  const consumer = mix(id, 41) % taskCounts.length;
  return { consumer, taskIndex: mix(id, 43) % taskCounts[consumer]! };
}

/** A well mixed 32-bit number of two. */
export function mix(a: number, b: number): number {
  let h = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(b + 0x7f4a7c15, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 13), 0x297a2d39);
  return (h ^ (h >>> 16)) >>> 0;
}
