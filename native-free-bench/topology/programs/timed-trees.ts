import { BasicBolt, defineTopology, type FailInfo, fields, LocalCluster, Spout } from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { quantile } from "../../harness/statistics.ts";
import { sharedClockMs } from "../../input/shared-clock.ts";

export interface TimedTreesOptions {
  readonly ratePerSecond: number;
  readonly tuples: number;
  readonly warmupTuples: number;
}

const Value = fields("value:int32");
const Latency = fields("latencyMs:float64");
/** One in so many latencies is kept: enough for quantiles, little enough to hold. */
const KEPT_EVERY = 16;

const Streams = { default: Value, latencies: Latency };

/** Emits at a fixed rate, and takes the time of each tree from the moment when its tuple was due until its ack. */
class TimedSpout extends Spout({ output: Streams }) {
  readonly #options: TimedTreesOptions;
  readonly #kept: number[] = [];
  #startMs = 0;
  #next = 0;
  #acked = 0;

  constructor(options: TimedTreesOptions) {
    super();
    this.#options = options;
  }

  nextTuple(): "exhausted" | undefined {
    const { ratePerSecond, tuples } = this.#options;
    if (this.#startMs === 0) this.#startMs = sharedClockMs();
    const due = Math.min(tuples, Math.floor(((sharedClockMs() - this.#startMs) * ratePerSecond) / 1_000));
    for (; this.#next < due; this.#next++) this.collector.emit([this.#next | 0], this.#next);
    return this.#next < tuples ? undefined : "exhausted";
  }

  override ack(id: unknown): void {
    const { ratePerSecond, warmupTuples, tuples } = this.#options;
    const n = id as number;
    if (n >= warmupTuples && n % KEPT_EVERY === 0) {
      this.#kept.push(sharedClockMs() - (this.#startMs + ((n + 1) * 1_000) / ratePerSecond));
    }
    if (++this.#acked < tuples) return;
    for (const latencyMs of this.#kept) this.collector.emitTo("latencies", [latencyMs]);
  }

  override fail(id: unknown, info: FailInfo): void {
    throw new Error(`tuple ${String(id)} failed: ${info.reason}`);
  }
}

class Sink extends BasicBolt({ input: Value }) {
  execute(): void {}
}

export const timedTrees = defineTopology(import.meta.url, (builder, options: TimedTreesOptions) => {
  const spout = builder.setSpout("timed", TimedSpout, { create: () => new TimedSpout(options) });
  builder.setBolt("sink", Sink).shuffleGrouping(spout);
  return { latencies: builder.output(spout.stream("latencies")) };
});

/** Latencies of trees at a fixed rate: the median, with the tail beside it. */
export async function measureTimedTrees(options: TimedTreesOptions): Promise<Measurement> {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("timed-trees", timedTrees, { options, config: { spoutIdleMs: 0.05 } });
  const latencies: number[] = [];
  for await (const { latencyMs } of run.outputs.latencies) latencies.push(latencyMs);
  await run.completed();
  if (latencies.length === 0) throw new Error("timed trees: no latency was told");
  const detail = { p90: quantile(latencies, 0.9), p99: quantile(latencies, 0.99), max: quantile(latencies, 1) };
  return { value: quantile(latencies, 0.5), detail };
}
