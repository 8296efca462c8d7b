import { benchmark } from "../harness/benchmark.ts";
import { stormBest, stormSide } from "../rivals/storm.ts";
import { runConstOnly } from "./programs/const-only.ts";
import { shortWindows } from "./programs/window.ts";

/**
 * A spout whose tuples nobody subscribes to, counted by itself: the cost of `nextTuple` and `emit` alone.
 *
 *     [const]      one task, one thread busy
 */
export const constOnly = benchmark({
  name: "const-only",
  question: "How often can a spout emit when nobody takes its tuples?",
  list: "full",
  unit: "tuples/s",
  coresNeeded: 2,
  sideTimeoutMs: 120_000,
  rounds: 3,
  params: shortWindows,
  sides: {
    ours: { title: "stormcell, default settings", run: (sizes) => runConstOnly(false, sizes) },
    oursAcked: { title: "the same, an id per tuple", run: (sizes) => runConstOnly(true, sizes) },
    stormBest: stormSide({
      shape: "const-only",
      acked: false,
      settings: stormBest("const-only", false),
      inSmoke: false,
    }),
  },
  bars: [{ kind: "ratio", of: "ours", over: "stormBest", limit: { atLeast: 1 } }],
});
