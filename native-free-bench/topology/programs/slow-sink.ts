import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  type FailInfo,
  fields,
  LocalCluster,
  Spout,
  type Tuple,
} from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { peakRssMb } from "../../harness/resource-use.ts";
import { collectRows, coresOver, SpoutWindow, type WindowParams } from "./window.ts";

/** How a sink takes its time with every tuple, and how many it takes at once. */
export interface SlowSinkShape {
  readonly acked: boolean;
  /** Holds its thread, or waits for a promise. */
  readonly busy: boolean;
  readonly perTupleMs: number;
  readonly concurrency: number;
}

interface SlowSinkOptions extends SlowSinkShape {
  readonly window: WindowParams;
}

const Value = fields("value:int32");
const Emitted = fields("emitted:float64", "sum:float64");
/** What the sink took, and what it did within the window. */
const Taken = fields("arrived:float64", "sum:float64", "counted:float64", "heldMs:float64", "windowMs:float64");

const Streams = { default: Value, emitted: Emitted };
const VALUES = 1_024;

/** Emits as often as it is let, which is what the sink decides. */
class EagerSpout extends Spout({ output: Streams }) {
  readonly #window: SpoutWindow;
  readonly #acked: boolean;
  #emitted = 0;
  #sum = 0;
  #unacked = 0;

  constructor(options: SlowSinkOptions) {
    super();
    this.#window = new SpoutWindow(options.window);
    this.#acked = options.acked;
  }

  nextTuple(): "exhausted" | undefined {
    if (this.#window.isOverNow()) {
      this.collector.emitTo("emitted", [this.#emitted, this.#sum]);
      return "exhausted";
    }
    const value = this.#emitted++ % VALUES;
    this.#sum += value;
    if (this.#acked) {
      this.#unacked++;
      this.collector.emit([value], this.#emitted);
    } else this.collector.emit([value]);
    return undefined;
  }

  override ack(): void {
    this.#unacked--;
  }

  override fail(id: unknown, info: FailInfo): void {
    throw new Error(`tuple ${String(id)} failed: ${info.reason}`);
  }

  override close(): void {
    if (this.#unacked !== 0) throw new Error(`${this.#unacked} tuples were not acked`);
  }
}

/**
 * Takes its time with every tuple until the window is over, and then none: what is still queued is to be counted,
 * not to be waited for.
 */
class SlowSink extends BasicBolt({ input: Value, output: Taken }) {
  readonly #options: SlowSinkOptions;
  #arrived = 0;
  #sum = 0;
  #counted = 0;
  #heldMs = 0;
  #firstMs = 0;

  constructor(options: SlowSinkOptions) {
    super();
    this.#options = options;
  }

  execute(tuple: Tuple<typeof Value>): void | Promise<void> {
    this.#arrived++;
    this.#sum += tuple.value;
    const nowMs = performance.now();
    if (this.#firstMs === 0) this.#firstMs = nowMs;
    const { warmupMs, windowMs } = this.#options.window;
    if (nowMs - this.#firstMs >= warmupMs + windowMs) return undefined;
    if (this.#options.busy) return this.#hold(nowMs);
    return this.#wait(nowMs);
  }

  override onEnd(collector: BasicCollector<typeof Taken>): void {
    const { windowMs } = this.#options.window;
    collector.emit([this.#arrived, this.#sum, this.#counted, this.#heldMs, windowMs]);
  }

  #hold(sinceMs: number): void {
    const untilMs = sinceMs + this.#options.perTupleMs;
    while (performance.now() < untilMs);
    this.#countTuple(sinceMs);
  }

  async #wait(sinceMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.#options.perTupleMs));
    this.#countTuple(sinceMs);
  }

  /** What ended within the window counts, with the part of its time that lies in it. */
  #countTuple(sinceMs: number): void {
    const { warmupMs, windowMs } = this.#options.window;
    const [opensMs, nowMs] = [this.#firstMs + warmupMs, performance.now()];
    if (nowMs < opensMs || nowMs >= opensMs + windowMs) return;
    this.#counted++;
    this.#heldMs += nowMs - Math.max(sinceMs, opensMs);
  }
}

export const slowSink = defineTopology(import.meta.url, (builder, options: SlowSinkOptions) => {
  const { concurrency } = options;
  const values = builder.setSpout("values", EagerSpout, { create: () => new EagerSpout(options) });
  const sink = builder
    .setBolt("sink", SlowSink, { create: () => new SlowSink(options), config: { concurrency } })
    .shuffleGrouping(values);
  return { emitted: builder.output(values.stream("emitted")), taken: builder.output(sink) };
});

/**
 * How much of its time the sink had a tuple in hand, in percent: at 100 it takes as many as its slowness allows. The
 * rates and the memory are beside it.
 */
export async function measureSlowSink(shape: SlowSinkShape, params: WindowParams): Promise<Measurement> {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("slow-sink", slowSink, { options: { ...shape, window: params } });
  const cores = coresOver(params);
  const [[emitted], [taken]] = await Promise.all([
    collectRows(run.outputs.emitted, (row) => ({ tuples: row.emitted, sum: row.sum })),
    collectRows(run.outputs.taken, ({ arrived, sum, counted, heldMs }) => ({ arrived, sum, counted, heldMs })),
  ]);
  await run.completed();
  if (emitted === undefined || taken === undefined) throw new Error("slow sink: spout or sink did not report");
  if (taken.arrived !== emitted.tuples || taken.sum !== emitted.sum)
    throw new Error(`slow sink: ${taken.arrived} tuples (sum ${taken.sum}) arrived of ${emitted.tuples}`);
  const seconds = params.windowMs / 1_000;
  const detail = {
    perSecond: taken.counted / seconds,
    allowedPerSecond: (shape.concurrency * 1_000 * taken.counted) / taken.heldMs,
    cores: await cores,
    peakRssMb: peakRssMb(),
  };
  return { value: (100 * taken.heldMs) / (params.windowMs * shape.concurrency), detail };
}
