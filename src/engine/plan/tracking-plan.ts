import { completionRingWords } from "../../memory/completion-ring.ts";
import type { PhysicalPlan } from "./physical-plan.ts";

/** The slots of one spout or feeder task. */
export interface TrackedSource {
  readonly taskId: number;
  readonly thread: number;
  readonly firstSlot: number;
  readonly slotCount: number;
}

/** From a thread to a thread with sources: which trees have come to their end. */
export interface CompletionRingPlan {
  readonly producerThread: number;
  readonly consumerThread: number;
  /** Slots of the consuming thread. */
  readonly capacity: number;
  readonly firstWord: number;
}

/** Where the memory for tracking lies: a pure function of the plan and of `maxSpoutPending` of each source. */
export interface TrackingPlan {
  readonly slotCount: number;
  readonly sources: readonly TrackedSource[];
  readonly rings: readonly CompletionRingPlan[];
  /** Words of all rings together. */
  readonly ringWords: number;
}

export const NO_TRACKING: TrackingPlan = { slotCount: 0, sources: [], rings: [], ringWords: 0 };

export function computeTrackingPlan(
  plan: PhysicalPlan,
  maxSpoutPendingOf: (component: string) => number,
): TrackingPlan {
  const sources: TrackedSource[] = [];
  let slotCount = 0;
  for (const { id, kind, taskIds } of plan.components) {
    if (kind !== "spout" && kind !== "feeder") continue;
    for (const taskId of taskIds) {
      const source = { taskId, thread: plan.tasks[taskId]!.thread, firstSlot: slotCount };
      sources.push({ ...source, slotCount: maxSpoutPendingOf(id) });
      slotCount += maxSpoutPendingOf(id);
    }
  }
  const rings: CompletionRingPlan[] = [];
  let ringWords = 0;
  for (const consumerThread of new Set(sources.map((source) => source.thread))) {
    const own = sources.filter((source) => source.thread === consumerThread);
    const capacity = own.reduce((total, source) => total + source.slotCount, 0);
    for (let producerThread = 0; producerThread <= plan.workerCount; producerThread++) {
      if (producerThread === consumerThread) continue;
      rings.push({ producerThread, consumerThread, capacity, firstWord: ringWords });
      ringWords += completionRingWords(capacity);
    }
  }
  return { slotCount, sources, rings, ringWords };
}
