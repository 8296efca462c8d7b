import type { MeteredPlan } from "../../../src/metrics/metric-layout.ts";

/** [words: 2 tasks] ──default──▶ [split: 3] ──default──▶ [count: 2]; nobody reads the stream "rare" of split. */
export const SMALL_PLAN: MeteredPlan = {
  tasks: [
    null,
    { taskId: 1, component: "words" },
    { taskId: 2, component: "words" },
    { taskId: 3, component: "split" },
    { taskId: 4, component: "split" },
    { taskId: 5, component: "split" },
    { taskId: 6, component: "count" },
    { taskId: 7, component: "count" },
    { taskId: 8, component: "out" },
  ],
  components: [
    { id: "words", kind: "spout" },
    { id: "split", kind: "bolt" },
    { id: "count", kind: "bolt" },
    { id: "out", kind: "output" },
  ],
  streams: [
    { component: "words", stream: "default" },
    { component: "split", stream: "default" },
    { component: "split", stream: "rare" },
    { component: "count", stream: "default" },
  ],
  edges: [
    { streamIndex: 0, consumer: "split", input: "default" },
    { streamIndex: 1, consumer: "count", input: "default" },
    { streamIndex: 0, consumer: "count", input: "sentences" },
    { streamIndex: 3, consumer: "out", input: "default" },
  ],
};
