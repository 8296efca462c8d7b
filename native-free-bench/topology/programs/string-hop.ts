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
import { expectedStringChecksum, foldString, verifyHop } from "../../input/content-checksum.ts";
import { stringSource } from "../../input/string-source.ts";
import { openLivePage } from "./live-page.ts";

export interface HopOptions {
  readonly stringKind: number;
  readonly tuples: number;
  readonly warmupTuples: number;
  /** Every tuple is a tree of its own; the spout counts what is acked. */
  readonly tracked?: boolean;
}

export const Text = fields("text:string");
export const HopReport = fields("tuples:float64", "checksum:int32", "timedTuples:float64", "seconds:float64");

/** Tuples per call: a spout that reads from memory has no reason to return after each. */
export const EMITS_PER_CALL = 64;

class StringSpout extends Spout({ output: Text }) {
  readonly #source;
  #tuplesLeft: number;

  constructor(options: HopOptions) {
    super();
    this.#source = stringSource(options.stringKind);
    this.#tuplesLeft = options.tuples;
  }

  nextTuple(): "exhausted" | undefined {
    const count = Math.min(EMITS_PER_CALL, this.#tuplesLeft);
    for (let index = 0; index < count; index++) this.collector.emit([this.#source.next()]);
    this.#tuplesLeft -= count;
    return this.#tuplesLeft === 0 ? "exhausted" : undefined;
  }
}

/** The same with an id per tuple. A class of its own, so that neither pays for the other's branch. */
class TrackedStringSpout extends Spout({ output: Text }) {
  readonly #source;
  #tuplesLeft: number;
  #unacked = 0;

  constructor(options: HopOptions) {
    super();
    this.#source = stringSource(options.stringKind);
    this.#tuplesLeft = options.tuples;
  }

  nextTuple(): "exhausted" | undefined {
    const count = Math.min(EMITS_PER_CALL, this.#tuplesLeft);
    for (let index = 0; index < count; index++) this.collector.emit([this.#source.next()], this.#tuplesLeft - index);
    this.#tuplesLeft -= count;
    this.#unacked += count;
    return this.#tuplesLeft === 0 ? "exhausted" : undefined;
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

class StringSink extends BasicBolt({ input: Text, output: HopReport }) {
  readonly #warmupTuples: number;
  #tuples = 0;
  #checksum = 0;
  #startMs = 0;

  constructor(options: HopOptions) {
    super();
    this.#warmupTuples = options.warmupTuples;
  }

  execute(tuple: Tuple<typeof Text>): void {
    this.#checksum = foldString(this.#checksum, tuple.text);
    if (++this.#tuples === this.#warmupTuples) this.#startMs = performance.now();
  }

  override onEnd(collector: BasicCollector<typeof HopReport>): void {
    const seconds = (performance.now() - this.#startMs) / 1_000;
    collector.emit([this.#tuples, this.#checksum, this.#tuples - this.#warmupTuples, seconds]);
  }
}

/** One task each; with two workers the plan puts them on different threads. */
export const stringHop = defineTopology(import.meta.url, (builder, options: HopOptions) => {
  const strings =
    options.tracked === true
      ? builder.setSpout("strings", TrackedStringSpout, { create: () => new TrackedStringSpout(options) })
      : builder.setSpout("strings", StringSpout, { create: () => new StringSpout(options) });
  const sink = builder
    .setBolt("sink", StringSink, { create: () => new StringSink(options) })
    .shuffleGrouping(strings);
  return { report: builder.output(sink) };
});

/**
 * Carries the strings over two workers and checks that the sink read all of them.
 *
 * @param isWatched whether a page of the dashboard is open meanwhile
 */
export async function runStringHop(
  options: HopOptions,
  config: TopologyConfig = {},
  isWatched = false,
): Promise<Measurement> {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("string-hop", stringHop, { options, config });
  await using _page = isWatched ? await openLivePage(cluster, run.name) : null;
  for await (const { tuples, checksum, timedTuples, seconds } of run.outputs.report) {
    await run.completed();
    verifyHop(
      "string hop",
      { tuples, checksum },
      options.tuples,
      expectedStringChecksum(options.stringKind, options.tuples),
    );
    return { value: timedTuples / seconds, detail: { seconds } };
  }
  throw new Error("string hop: the sink did not report");
}
