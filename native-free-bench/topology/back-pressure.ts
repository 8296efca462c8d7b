import { benchmark, type Side } from "../harness/benchmark.ts";
import { measureSlowSink, type SlowSinkShape } from "./programs/slow-sink.ts";
import type { WindowParams } from "./programs/window.ts";

/**
 * A spout that never stops before a sink that takes its time. How much of its time the sink has a tuple in hand: what
 * is missing from 100 % it spent waiting for tuples although there is no end of them.
 *
 *     worker 0: [values] --full ring--> worker 1: [sink, slow]
 */
export const backPressure = benchmark({
  name: "back-pressure",
  question: "Does a slow bolt get all that it can take, and does the memory stay bounded meanwhile?",
  list: "full",
  unit: "% of the sink's time",
  coresNeeded: 2,
  rounds: 3,
  params: { smoke: { warmupMs: 20, windowMs: 80 }, full: { warmupMs: 1_000, windowMs: 3_000 } },
  sides: {
    busy: side("holds its thread for 20 µs", { busy: true, perTupleMs: 0.02, concurrency: 1, acked: false }),
    busyAcked: side("the same, an id per tuple", { busy: true, perTupleMs: 0.02, concurrency: 1, acked: true }),
    promise: side("a promise of 1 ms, one at once", { busy: false, perTupleMs: 1, concurrency: 1, acked: false }),
    promises: side("64 promises at once, acked", { busy: false, perTupleMs: 1, concurrency: 64, acked: true }),
  },
  bars: [
    { kind: "value", of: "busy", figure: "peakRssMb", limit: { atMost: 300 } },
    { kind: "value", of: "promises", figure: "peakRssMb", limit: { atMost: 300 } },
  ],
});

function side(title: string, shape: SlowSinkShape): Side<WindowParams> {
  return { title, run: (sizes) => measureSlowSink(shape, sizes) };
}
