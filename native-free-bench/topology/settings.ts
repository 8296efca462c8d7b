import type { TopologyConfig } from "stormcell";
import { type Benchmark, benchmark, type Side } from "../harness/benchmark.ts";
import { runConstHops } from "./programs/const-hops.ts";
import { runFileWordCount } from "./programs/file-word-count.ts";
import type { WindowParams } from "./programs/window.ts";

/**
 * Three shapes with one and with two tasks of each component at default settings, and with the best that was found
 * for them, untracked and tracked; counted at the sinks:
 *
 *     [const] -> [null]        [const] -> [id] -> [null]        [lines] -> [split] --fields--> [count]
 */
const params = {
  smoke: { warmupMs: 20, windowMs: 30 },
  full: { warmupMs: 1_500, windowMs: 2_000 },
};

type Shape = "const-null" | "const-id-null" | "word-count";

/** Tasks of each component, and options. */
interface Tuned {
  readonly tasks: number;
  readonly config: TopologyConfig;
  readonly title: string;
}

const ONE_EACH: Tuned = { tasks: 1, config: {}, title: "default settings" };
const TWO_EACH: Tuned = { tasks: 2, config: {}, title: "default settings" };

export const settingsConstNull = table("const-null", {
  unacked: { tasks: 1, config: { batchRowsMax: 1_024 }, title: "batchRowsMax 1,024" },
  acked: { tasks: 1, config: { maxSpoutPending: 65_536 }, title: "maxSpoutPending 65,536" },
});
export const settingsConstIdNull = table("const-id-null", {
  unacked: { tasks: 1, config: { batchRowsMax: 1_024 }, title: "batchRowsMax 1,024" },
  acked: { tasks: 1, config: { maxSpoutPending: 65_536 }, title: "maxSpoutPending 65,536" },
});
export const settingsWordCount = table("word-count", {
  unacked: { tasks: 2, config: { batchRowsMax: 1_024 }, title: "batchRowsMax 1,024" },
  acked: { tasks: 2, config: { maxSpoutPending: 65_536 }, title: "maxSpoutPending 65,536" },
});

function table(shape: Shape, tuned: { readonly unacked: Tuned; readonly acked: Tuned }): Benchmark {
  return benchmark({
    name: `settings-${shape}`,
    question: `How fast is ${shape} with one and two tasks each, and with tuned settings?`,
    list: "full",
    unit: shape === "word-count" ? "words/s" : "tuples/s",
    coresNeeded: 2,
    rounds: 3,
    params,
    sides: {
      unacked1: side(shape, false, ONE_EACH),
      unacked2: side(shape, false, TWO_EACH),
      unackedTuned: side(shape, false, tuned.unacked),
      acked1: side(shape, true, ONE_EACH),
      acked2: side(shape, true, TWO_EACH),
      ackedTuned: side(shape, true, tuned.acked),
    },
    bars: [],
  });
}

function side(shape: Shape, acked: boolean, { tasks, config, title }: Tuned): Side<WindowParams> {
  return {
    title: `${acked ? "tracked" : "not tracked"}, ${tasks} of each, ${title}`,
    run: (sizes) =>
      shape === "word-count"
        ? runFileWordCount(acked, sizes, { parallelism: tasks, config })
        : runConstHops({ idBolt: shape === "const-id-null", acked, spouts: tasks, sinks: tasks }, sizes, config),
  };
}
