import type { Tuple } from "stormcell";
import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  type FailInfo,
  fields,
  LocalCluster,
  Spout,
} from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { peakRssMb } from "../../harness/resource-use.ts";
import { LatencyHistogram } from "../../input/latency-histogram.ts";
import { collectRows } from "./window.ts";

export type BurstParams = {
  readonly calmPerSecond: number;
  /** How long messages come at that rate, and how long they then come as fast as they are taken. */
  readonly calmMs: number;
  readonly burstMs: number;
};

const Message = fields("text:string");
const Latency = fields("inBurst:bool", "bucket:int32", "count:float64", "maxNanos:float64");
const Emitted = fields("calm:float64", "burst:float64", "burstSeconds:float64");
const Arrived = fields("tuples:float64", "characters:float64");

const TEXT = "a message of forty characters, more or less";
const MAX_SPOUT_PENDING = 2_000;
const Streams = { default: Message, latencies: Latency, emitted: Emitted };

/**
 * Emits one message per call: each when it is due, and in the burst without a pause. The id is the moment from which
 * the latency counts, negative in the burst.
 */
class Messages extends Spout({ output: Streams }) {
  readonly #params: BurstParams;
  readonly #calm = new LatencyHistogram();
  readonly #burst = new LatencyHistogram();
  #startMs = 0;
  #calmEmitted = 0;
  #burstEmitted = 0;
  #acked = 0;
  /** When the spout stopped to emit. */
  #endMs = 0;

  constructor(params: BurstParams) {
    super();
    this.#params = params;
  }

  nextTuple(): "idle" | "exhausted" | undefined {
    const { calmPerSecond, calmMs, burstMs } = this.#params;
    const nowMs = performance.now();
    if (this.#startMs === 0) this.#startMs = nowMs;
    const dueAfterMs = (this.#calmEmitted * 1_000) / calmPerSecond;
    if (dueAfterMs < calmMs) {
      const dueMs = this.#startMs + dueAfterMs;
      if (nowMs < dueMs) return "idle";
      this.#calmEmitted++;
      this.collector.emit([TEXT], dueMs);
      return undefined;
    }
    if (nowMs - this.#startMs < calmMs + burstMs) {
      this.#burstEmitted++;
      this.collector.emit([TEXT], -nowMs);
      return undefined;
    }
    return this.#end(nowMs);
  }

  #end(nowMs: number): "idle" | "exhausted" {
    if (this.#endMs === 0) this.#endMs = nowMs;
    // The rate is that of messages which were done, so the last ones are waited for.
    if (this.#acked < this.#calmEmitted + this.#burstEmitted) return "idle";
    for (const row of this.#calm.rows()) this.collector.emitTo("latencies", [false, ...row]);
    for (const row of this.#burst.rows()) this.collector.emitTo("latencies", [true, ...row]);
    const burstSeconds = (nowMs - this.#startMs - this.#params.calmMs) / 1_000;
    this.collector.emitTo("emitted", [this.#calmEmitted, this.#burstEmitted, burstSeconds]);
    return "exhausted";
  }

  override ack(id: unknown): void {
    this.#acked++;
    const sinceMs = id as number;
    const nowMs = performance.now();
    if (sinceMs < 0) this.#burst.add(nowMs + sinceMs);
    else this.#calm.add(nowMs - sinceMs);
  }

  override fail(_id: unknown, info: FailInfo): void {
    throw new Error(`a message failed: ${info.reason}`);
  }
}

class Reader extends BasicBolt({ input: Message, output: Arrived }) {
  #tuples = 0;
  #characters = 0;

  execute(tuple: Tuple<typeof Message>): void {
    this.#tuples++;
    this.#characters += tuple.text.length;
  }

  override onEnd(collector: BasicCollector<typeof Arrived>): void {
    collector.emit([this.#tuples, this.#characters]);
  }
}

/** A hop between two workers: with one task each, spout and reader are on different ones. */
export const burst = defineTopology(import.meta.url, (builder, params: BurstParams) => {
  const messages = builder.setSpout("messages", Messages, { create: () => new Messages(params) });
  const reader = builder.setBolt("reader", Reader).shuffleGrouping(messages);
  return {
    arrived: builder.output(reader),
    emitted: builder.output(messages.stream("emitted")),
    latencies: builder.output(messages.stream("latencies")),
  };
});

/** Messages per second of the burst, with the latencies of both phases from due (or emitted) to acked. */
export async function measureBurst(params: BurstParams): Promise<Measurement> {
  await using cluster = new LocalCluster({ workers: 2 });
  const config = { maxSpoutPending: MAX_SPOUT_PENDING };
  const run = await cluster.submitTopology("burst", burst, { options: params, config });
  const histograms = { calm: new LatencyHistogram(), burst: new LatencyHistogram() };
  const [[arrived], [emitted]] = await Promise.all([
    collectRows(run.outputs.arrived, ({ tuples, characters }) => ({ tuples, characters })),
    collectRows(run.outputs.emitted, (row) => ({ calm: row.calm, burst: row.burst, seconds: row.burstSeconds })),
    collectRows(run.outputs.latencies, ({ inBurst, bucket, count, maxNanos }) =>
      histograms[inBurst ? "burst" : "calm"].addMany(bucket, count, maxNanos),
    ),
  ]);
  await run.completed();
  const [calm, rush] = [histograms.calm.figures(), histograms.burst.figures()];
  if (arrived === undefined || emitted === undefined) throw new Error("burst: spout or reader did not report");
  const sent = emitted.calm + emitted.burst;
  if (arrived.tuples !== sent || arrived.characters !== sent * TEXT.length)
    throw new Error(`burst: ${arrived.tuples} messages of ${arrived.characters} characters arrived of ${sent}`);
  if (calm.samples !== emitted.calm || rush.samples !== emitted.burst)
    throw new Error(`burst: ${calm.samples + rush.samples} messages were acked of ${sent}`);
  const latencies = {
    ...{ calmP50: calm.p50, calmP99: calm.p99, calmMax: calm.max },
    ...{ burstP50: rush.p50, burstP99: rush.p99, burstMax: rush.max },
  };
  return { value: emitted.burst / emitted.seconds, detail: { ...latencies, peakRssMb: peakRssMb() } };
}
