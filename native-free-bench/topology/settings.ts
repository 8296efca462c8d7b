import type { TopologyConfig } from "stormcell";
import { type Benchmark, benchmark, type Side } from "../harness/benchmark.ts";
import { runConstHops } from "./programs/const-hops.ts";
import { runFileWordCount } from "./programs/file-word-count.ts";
import type { WindowParams } from "./programs/window.ts";

/**
 * Three shapes with one and with two tasks of each component at default settings, and with the best options that
 * were found, untracked and tracked; counted at the sinks:
 *
 *     [const] -> [null]        [const] -> [id] -> [null]        [lines] -> [split] --fields--> [count]
 */
const params = {
  smoke: { warmupMs: 20, windowMs: 30 },
  full: { warmupMs: 1_500, windowMs: 2_000 },
};

type Shape = "const-null" | "const-id-null" | "word-count";

/** Tasks of each component, and options. */
interface Setting {
  readonly tasks: number;
  readonly config: TopologyConfig;
  readonly title: string;
}

/** Where a side is missing, nothing was found that is better than the defaults with two tasks. */
interface Tuned {
  readonly unacked?: Setting;
  readonly acked?: Setting;
}

const ONE_EACH: Setting = { tasks: 1, config: {}, title: "default settings" };
const TWO_EACH: Setting = { tasks: 2, config: {}, title: "default settings" };
/** Nothing crosses to another thread: less than half of the processor, and more tuples for each core. */
const ONE_WORKER: Setting = { tasks: 1, config: { workers: 1 }, title: "workers 1" };
/** Fewer trees on their way, which stay in the caches. */
const FEWER_PENDING: Setting = { tasks: 2, config: { maxSpoutPending: 1_024 }, title: "maxSpoutPending 1,024" };

export const settingsConstNull = table("const-null", { unacked: ONE_WORKER, acked: FEWER_PENDING });
export const settingsConstIdNull = table("const-id-null", { unacked: ONE_WORKER });
export const settingsWordCount = table("word-count", { acked: FEWER_PENDING });

function table(shape: Shape, { unacked, acked }: Tuned): Benchmark {
  const sides: Record<string, Side<WindowParams>> = {
    unacked1: side(shape, false, ONE_EACH),
    unacked2: side(shape, false, TWO_EACH),
    ...(unacked === undefined ? {} : { unackedTuned: side(shape, false, unacked) }),
    acked1: side(shape, true, ONE_EACH),
    acked2: side(shape, true, TWO_EACH),
    ...(acked === undefined ? {} : { ackedTuned: side(shape, true, acked) }),
  };
  return benchmark({
    name: `settings-${shape}`,
    question: `How fast is ${shape} with one and two tasks each, and with tuned settings?`,
    list: "full",
    unit: shape === "word-count" ? "words/s" : "tuples/s",
    coresNeeded: 2,
    rounds: 3,
    params,
    sides,
    bars: [],
  });
}

function side(shape: Shape, acked: boolean, { tasks, config, title }: Setting): Side<WindowParams> {
  return {
    title: `${acked ? "tracked" : "not tracked"}, ${tasks} of each, ${title}`,
    run: (sizes) =>
      shape === "word-count"
        ? runFileWordCount(acked, sizes, { parallelism: tasks, config })
        : runConstHops({ idBolt: shape === "const-id-null", acked, spouts: tasks, sinks: tasks }, sizes, config),
  };
}
