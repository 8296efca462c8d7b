import { benchmark, type Side } from "../harness/benchmark.ts";
import { runConstHops } from "./programs/const-hops.ts";
import { shortWindows, type WindowParams } from "./programs/window.ts";

const TASKS = 8;

/**
 * One spout task for eight sink tasks, in turn, and eight spout tasks for one sink task, on as many workers as there
 * are cores; counted at the sinks:
 *
 *             /--> [null] 1                    [const] 1 --\
 *     [const] ---> ...                         ...       ---> [null]
 *             \--> [null] 8                    [const] 8 --/
 */
export const fanOut = benchmark({
  name: "fan-out",
  question: "How fast does one task feed eight?",
  list: "full",
  unit: "tuples/s",
  coresNeeded: 2,
  rounds: 3,
  params: shortWindows,
  sides: {
    unacked: side({ spouts: 1, sinks: TASKS, acked: false }),
    acked: side({ spouts: 1, sinks: TASKS, acked: true }),
  },
  bars: [],
});

export const fanIn = benchmark({
  name: "fan-in",
  question: "How fast does one task take from eight?",
  list: "full",
  unit: "tuples/s",
  coresNeeded: 2,
  rounds: 3,
  params: shortWindows,
  sides: {
    unacked: side({ spouts: TASKS, sinks: 1, acked: false }),
    acked: side({ spouts: TASKS, sinks: 1, acked: true }),
  },
  bars: [],
});

function side(shape: {
  readonly spouts: number;
  readonly sinks: number;
  readonly acked: boolean;
}): Side<WindowParams> {
  return {
    title: shape.acked ? "an id per tuple, default settings" : "no ids, default settings",
    run: (sizes) => runConstHops({ ...shape, idBolt: false, shuffled: true }, sizes),
  };
}
