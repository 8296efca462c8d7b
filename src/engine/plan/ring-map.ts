import { EngineError } from "../../base/engine-error.ts";
import type { EdgePlan, RingPlan, StreamPlan, TaskPlan } from "./physical-plan.ts";

/** Bounds for the capacity of rings, in bytes. */
export interface RingBounds {
  /** For all rings of a topology together. */
  readonly ringBudgetBytes: number;
  /** For one ring; rounded to powers of two inwards. */
  readonly ringBytesMin: number;
  readonly ringBytesMax: number;
}

export interface RingMapInput {
  readonly edges: readonly Pick<EdgePlan, "streamIndex" | "targetTasks" | "feedback">[];
  readonly streams: readonly Pick<StreamPlan, "component">[];
  readonly tasks: readonly (TaskPlan | null)[];
  /** Ascending task ids by component. */
  readonly tasksOf: ReadonlyMap<string, readonly number[]>;
}

/**
 * The rings of a plan: one for each thread, task on another thread, and direction (forward or feedback) between which
 * an edge exists. What a grouping may choose plays no part: end-of-stream goes to every task of a consumer.
 * Ordered by producing thread, consuming thread, consuming task, forward before feedback.
 */
export function mapRings(input: RingMapInput, bounds: RingBounds): RingPlan[] {
  const pairs = new Map<string, Omit<RingPlan, "ringIndex" | "bytes" | "dirtyBit">>();
  for (const { streamIndex, targetTasks, feedback } of input.edges) {
    const producers = input.tasksOf.get(input.streams[streamIndex]!.component)!;
    for (const producerThread of new Set(producers.map((task) => input.tasks[task]!.thread))) {
      for (const consumerTask of targetTasks) {
        const consumerThread = input.tasks[consumerTask]!.thread;
        if (consumerThread === producerThread) continue;
        const key = `${producerThread} ${consumerTask} ${feedback}`;
        pairs.set(key, { producerThread, consumerThread, consumerTask, feedback });
      }
    }
  }
  const bytes = ringBytesFor(pairs.size, bounds);
  const bitsOf = new Map<string, number>();
  return [...pairs.values()].sort(compareRings).map((ring, ringIndex) => {
    const threads = `${ring.producerThread} ${ring.consumerThread}`;
    const dirtyBit = bitsOf.get(threads) ?? 0;
    bitsOf.set(threads, dirtyBit + 1);
    return { ringIndex, ...ring, bytes, dirtyBit };
  });
}

/** Capacity of each of `ringCount` rings: the largest power of two within an equal share of the budget, clamped. */
export function ringBytesFor(ringCount: number, bounds: RingBounds): number {
  if (ringCount === 0) return 0;
  const bytesMin = 2 * floorPowerOfTwo(bounds.ringBytesMin - 1);
  const bytesMax = Math.max(bytesMin, floorPowerOfTwo(bounds.ringBytesMax));
  if (ringCount * bytesMin > bounds.ringBudgetBytes) {
    throw new EngineError("PLAN_RING_BUDGET", {
      problem: `the ring budget is too small for ${ringCount} rings`,
      facts: { ringBudgetBytes: bounds.ringBudgetBytes, needed: ringCount * bytesMin, ringBytesMin: bytesMin },
      remedy: `set ringBudgetBytes to ${ringCount * bytesMin} or more, or use fewer tasks or workers`,
    });
  }
  return Math.min(bytesMax, floorPowerOfTwo(bounds.ringBudgetBytes / ringCount));
}

/** The largest power of two that is not above `value`, itself at least 1 and taken as 2^31 when above. */
function floorPowerOfTwo(value: number): number {
  return 2 ** (31 - Math.clz32(Math.min(value, 2 ** 31)));
}

function compareRings(a: Omit<RingPlan, "ringIndex" | "bytes" | "dirtyBit">, b: typeof a): number {
  return (
    a.producerThread - b.producerThread ||
    a.consumerThread - b.consumerThread ||
    a.consumerTask - b.consumerTask ||
    Number(a.feedback) - Number(b.feedback)
  );
}
