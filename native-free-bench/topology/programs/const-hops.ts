import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  type FailInfo,
  fields,
  LocalCluster,
  Spout,
  type TopologyConfig,
  type Tuple,
} from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { TEXT, Text } from "./const-tuple.ts";
import { collectRows, coresOver, SinkWindow, SpoutWindow, type WindowParams, windowMeasurement } from "./window.ts";

/** Which of Storm's shapes: with the id bolt in the middle or without it, with an id per tuple or without. */
export interface ConstHopsShape {
  readonly idBolt: boolean;
  readonly acked: boolean;
  /** Tasks; one of each unless given. */
  readonly spouts?: number;
  readonly sinks?: number;
  /** In turn to all sinks, wherever they run; else to those of the same worker as long as they keep up. */
  readonly shuffled?: boolean;
}

interface ConstHopsOptions extends ConstHopsShape {
  readonly window: WindowParams;
}

const Emitted = fields("emitted:float64");
const Counted = fields("arrived:float64", "counted:float64", "seconds:float64", "characters:float64");

const ConstStreams = { default: Text, emitted: Emitted };

/** The same text in every tuple, one per call, as in Storm's own performance suite. */
class ConstSpout extends Spout({ output: ConstStreams }) {
  readonly #window: SpoutWindow;
  #emitted = 0;

  constructor(options: ConstHopsOptions) {
    super();
    this.#window = new SpoutWindow(options.window);
  }

  nextTuple(): "exhausted" | undefined {
    if (this.#window.isOver()) {
      this.collector.emitTo("emitted", [this.#emitted]);
      return "exhausted";
    }
    this.#emitted++;
    this.collector.emit([TEXT]);
    return undefined;
  }
}

/** The same with an id per tuple; in a class of its own, so that neither pays for the other's branch. */
class TrackedConstSpout extends Spout({ output: ConstStreams }) {
  readonly #window: SpoutWindow;
  #emitted = 0;
  #acked = 0;

  constructor(options: ConstHopsOptions) {
    super();
    this.#window = new SpoutWindow(options.window);
  }

  nextTuple(): "exhausted" | undefined {
    if (this.#window.isOver()) {
      this.collector.emitTo("emitted", [this.#emitted]);
      return "exhausted";
    }
    this.collector.emit([TEXT], ++this.#emitted);
    return undefined;
  }

  override ack(): void {
    this.#acked++;
  }

  override fail(id: unknown, info: FailInfo): void {
    throw new Error(`tuple ${String(id)} failed: ${info.reason}`);
  }

  override close(): void {
    if (this.#acked !== this.#emitted) throw new Error(`${this.#acked} tuples were acked of ${this.#emitted}`);
  }
}

class IdBolt extends BasicBolt({ input: Text, output: Text }) {
  execute(tuple: Tuple<typeof Text>, collector: BasicCollector<typeof Text>): void {
    collector.emit([tuple.text]);
  }
}

/** Storm's null bolt, which here reads what it is given: nobody counts tuples without looking into them. */
class NullBolt extends BasicBolt({ input: Text, output: Counted }) {
  readonly #window: SinkWindow;
  #characters = 0;

  constructor(options: ConstHopsOptions) {
    super();
    this.#window = new SinkWindow(options.window);
  }

  execute(tuple: Tuple<typeof Text>): void {
    this.#characters += tuple.text.length;
    this.#window.add();
  }

  override onEnd(collector: BasicCollector<typeof Counted>): void {
    collector.emit([...this.#window.report(), this.#characters]);
  }
}

/** One task each, as in Storm's suite, unless the shape says otherwise; id bolts are as many as spouts. */
export const constHops = defineTopology(import.meta.url, (builder, options: ConstHopsOptions) => {
  const { acked, idBolt, shuffled = false, spouts = 1, sinks = 1 } = options;
  const source = acked
    ? builder.setSpout("const", TrackedConstSpout, {
        parallelism: spouts,
        create: () => new TrackedConstSpout(options),
      })
    : builder.setSpout("const", ConstSpout, { parallelism: spouts, create: () => new ConstSpout(options) });
  const sink = builder.setBolt("null", NullBolt, { parallelism: sinks, create: () => new NullBolt(options) });
  const last = idBolt
    ? builder.setBolt("id", IdBolt, { parallelism: spouts }).localOrShuffleGrouping(source)
    : source;
  if (shuffled) sink.shuffleGrouping(last);
  else sink.localOrShuffleGrouping(last);
  return { emitted: builder.output(source.stream("emitted")), counted: builder.output(sink) };
});

/** Runs one of the shapes, at default settings unless `config` says otherwise; tuples per second at all sinks. */
export async function runConstHops(
  shape: ConstHopsShape,
  params: WindowParams,
  config: TopologyConfig = {},
): Promise<Measurement> {
  await using cluster = new LocalCluster();
  const options = { ...shape, window: params };
  const run = await cluster.submitTopology("const-hops", constHops, { options, config });
  const cores = coresOver(params);
  const [emitted, counted] = await Promise.all([
    collectRows(run.outputs.emitted, (row) => row.emitted),
    collectRows(run.outputs.counted, ({ arrived, counted, seconds, characters }) => ({
      arrived,
      counted,
      seconds,
      characters,
    })),
  ]);
  await run.completed();
  verifyHops(shape, emitted, counted);
  return windowMeasurement(counted, await cores);
}

function verifyHops(
  { spouts = 1, sinks = 1 }: ConstHopsShape,
  emitted: readonly number[],
  counted: readonly { readonly arrived: number; readonly characters: number }[],
): void {
  if (emitted.length !== spouts || counted.length !== sinks)
    throw new Error(`const hops: ${emitted.length} spouts and ${counted.length} sinks reported`);
  const sent = emitted.reduce((sum, tuples) => sum + tuples, 0);
  const arrived = counted.reduce((sum, row) => sum + row.arrived, 0);
  const characters = counted.reduce((sum, row) => sum + row.characters, 0);
  if (sent === 0 || arrived !== sent) throw new Error(`const hops: ${arrived} tuples arrived of ${sent}`);
  if (characters !== TEXT.length * arrived)
    throw new Error(`const hops: ${arrived} tuples held ${characters} characters`);
}
