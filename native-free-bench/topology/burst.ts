import { benchmark } from "../harness/benchmark.ts";
import { measureBurst } from "./programs/burst.ts";

/**
 * 1,000 messages a second, then as many as are taken, every one tracked, at most 2,000 of them on their way:
 *
 *     worker 0: [messages] --ring--> worker 1: [reader]
 *                   ^---- completion ring ----'
 */
export const burst = benchmark({
  name: "burst",
  question: "How fast and how promptly are messages done when a calm source suddenly has all it wants to send?",
  list: "full",
  unit: "messages/s in the burst",
  coresNeeded: 2,
  rounds: 3,
  sideSeconds: ({ calmMs, burstMs }) => 1 + (calmMs + burstMs) / 1_000,
  params: {
    smoke: { calmPerSecond: 1_000, calmMs: 50, burstMs: 100 },
    full: { calmPerSecond: 1_000, calmMs: 3_000, burstMs: 10_000 },
  },
  sides: { ours: { title: "maxSpoutPending 2,000", run: measureBurst } },
  bars: [],
});
