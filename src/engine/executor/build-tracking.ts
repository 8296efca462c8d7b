import { treeClockOf } from "../../base/clock.ts";
import { CompletionRing } from "../../memory/completion-ring.ts";
import type { Doorbell } from "../../memory/doorbell.ts";
import type { RunMemorySizes } from "../../memory/run-memory.ts";
import { TreeSlots } from "../../memory/tree-slots.ts";
import { MetricLayout } from "../../metrics/metric-layout.ts";
import type { ToAcker } from "../acker/acker-protocol.ts";
import {
  type CompletionRingPlan,
  computeTrackingPlan,
  NO_TRACKING,
  type TrackingPlan,
} from "../plan/tracking-plan.ts";
import type { ExecutorBlueprint } from "./build-executor.ts";
import { Tracking } from "./tracking.ts";

/** A thread's way to the acker. */
export interface AckerEvents {
  toAcker(message: ToAcker): void;
  /** A tuple is about to be tracked, for the first time on this thread. */
  startAcker(): void;
}

/** Where the memory for tracking lies; every thread computes the same. */
export function trackingPlanOf(run: Pick<ExecutorBlueprint, "plan" | "config" | "configOf">): TrackingPlan {
  if (run.config.acking === "off") return NO_TRACKING;
  return computeTrackingPlan(run.plan, (component) => run.configOf(component).maxSpoutPending);
}

/** Sizes of all memory that the threads of a run share. */
export function memorySizesOf(run: Pick<ExecutorBlueprint, "plan" | "config" | "configOf">): RunMemorySizes {
  const { slotCount, ringWords } = trackingPlanOf(run);
  return {
    ringBytes: run.plan.rings.map((ring) => ring.bytes),
    metricWords: new MetricLayout(run.plan).wordCount,
    treeSlots: slotCount,
    completionWords: ringWords,
  };
}

/** Makes one thread's part in tracking. */
export function buildTracking(
  blueprint: Pick<ExecutorBlueprint, "plan" | "memory" | "thread" | "clock" | "config" | "configOf" | "events">,
  doorbellOf: (thread: number) => Doorbell,
): Tracking {
  const { memory, thread, clock, config, events } = blueprint;
  const { sources, rings } = trackingPlanOf(blueprint);
  const ends = (ring: CompletionRingPlan) => new CompletionRing(memory.completions, ring.firstWord, ring.capacity);
  const outgoing: ({ ring: CompletionRing; doorbell: Doorbell } | null)[] = [];
  for (let consumer = 0; consumer <= blueprint.plan.workerCount; consumer++) {
    const ring = rings.find((each) => each.producerThread === thread && each.consumerThread === consumer);
    outgoing.push(ring === undefined ? null : { ring: ends(ring), doorbell: doorbellOf(consumer) });
  }
  return new Tracking({
    slots: new TreeSlots(memory.trees),
    sources,
    thread,
    outgoing,
    incoming: rings.filter((ring) => ring.consumerThread === thread).map(ends),
    notesProgress: config.timeoutFrom === "progress",
    stallReportMs: config.stallReportMs,
    nowMs: () => clock.nowMs(),
    treeNowMs: treeClockOf(clock),
    post: (message) => events.toAcker(message),
    startAcker: () => events.startAcker(),
  });
}
