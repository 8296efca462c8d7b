import { defineTopology, type FailInfo, fields, LocalCluster, Spout } from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { TEXT, Text } from "./const-tuple.ts";
import { collectRows, coresOver, SinkWindow, type WindowParams, windowMeasurement } from "./window.ts";

interface ConstOnlyOptions {
  readonly acked: boolean;
  readonly window: WindowParams;
}

const Emitted = fields("emitted:float64", "counted:float64", "seconds:float64", "acked:float64");
const ConstStreams = { default: Text, emitted: Emitted };

/** Emits the same text, one per call, and counts what it emits. */
class LoneSpout extends Spout({ output: ConstStreams }) {
  readonly #window: SinkWindow;

  constructor(options: ConstOnlyOptions) {
    super();
    this.#window = new SinkWindow(options.window);
  }

  nextTuple(): "exhausted" | undefined {
    if (this.#window.isOver) {
      this.collector.emitTo("emitted", [...this.#window.report(), 0]);
      return "exhausted";
    }
    this.#window.add();
    this.collector.emit([TEXT]);
    return undefined;
  }
}

/** The same with an id per tuple, which is acked as soon as it is emitted: nobody has to execute it. */
class TrackedLoneSpout extends Spout({ output: ConstStreams }) {
  readonly #window: SinkWindow;
  #emitted = 0;
  #acked = 0;

  constructor(options: ConstOnlyOptions) {
    super();
    this.#window = new SinkWindow(options.window);
  }

  nextTuple(): "idle" | "exhausted" | undefined {
    if (this.#window.isOver) {
      if (this.#acked < this.#emitted) return "idle";
      this.collector.emitTo("emitted", [...this.#window.report(), this.#acked]);
      return "exhausted";
    }
    this.#window.add();
    this.collector.emit([TEXT], ++this.#emitted);
    return undefined;
  }

  override ack(): void {
    this.#acked++;
  }

  override fail(id: unknown, info: FailInfo): void {
    throw new Error(`tuple ${String(id)} failed: ${info.reason}`);
  }
}

export const constOnly = defineTopology(import.meta.url, (builder, options: ConstOnlyOptions) => {
  const source = options.acked
    ? builder.setSpout("const", TrackedLoneSpout, { create: () => new TrackedLoneSpout(options) })
    : builder.setSpout("const", LoneSpout, { create: () => new LoneSpout(options) });
  return { emitted: builder.output(source.stream("emitted")) };
});

/** Runs a spout whose tuples nobody takes; tuples per second that it emitted. */
export async function runConstOnly(acked: boolean, params: WindowParams): Promise<Measurement> {
  await using cluster = new LocalCluster();
  const run = await cluster.submitTopology("const-only", constOnly, { options: { acked, window: params } });
  const cores = coresOver(params);
  const reports = await collectRows(run.outputs.emitted, ({ emitted, counted, seconds, acked: acks }) => ({
    arrived: emitted,
    counted,
    seconds,
    acks,
  }));
  await run.completed();
  const [report] = reports;
  if (report === undefined || report.arrived === 0) throw new Error("const only: the spout emitted nothing");
  if (report.acks !== (acked ? report.arrived : 0))
    throw new Error(`const only: ${report.acks} tuples were acked of ${report.arrived}`);
  return windowMeasurement([report], await cores);
}
