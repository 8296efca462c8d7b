import { BasicBolt, type BasicCollector, defineTopology, fields, LocalCluster, Spout, type Tuple } from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { expectedRowChecksum, foldRow, priceOf, verifyHop } from "../../input/content-checksum.ts";
import { stringSource } from "../../input/string-source.ts";
import { EMITS_PER_CALL, type HopOptions, HopReport } from "./string-hop.ts";

const Row = fields("name:string", "quantity:int32", "price:float64", "note:string");

class RowSpout extends Spout({ output: Row }) {
  readonly #source;
  readonly #tuples: number;
  #index = 0;

  constructor(options: HopOptions) {
    super();
    this.#source = stringSource(options.stringKind);
    this.#tuples = options.tuples;
  }

  nextTuple(): "exhausted" | undefined {
    const end = Math.min(this.#index + EMITS_PER_CALL, this.#tuples);
    for (; this.#index < end; this.#index++) {
      const index = this.#index;
      this.collector.emit([this.#source.next(), index | 0, priceOf(index), this.#source.next()]);
    }
    return end === this.#tuples ? "exhausted" : undefined;
  }
}

class RowSink extends BasicBolt({ input: Row, output: HopReport }) {
  readonly #warmupTuples: number;
  #tuples = 0;
  #checksum = 0;
  #startMs = 0;

  constructor(options: HopOptions) {
    super();
    this.#warmupTuples = options.warmupTuples;
  }

  execute(tuple: Tuple<typeof Row>): void {
    this.#checksum = foldRow(this.#checksum, tuple.name, tuple.quantity, tuple.price, tuple.note);
    if (++this.#tuples === this.#warmupTuples) this.#startMs = performance.now();
  }

  override onEnd(collector: BasicCollector<typeof HopReport>): void {
    const seconds = (performance.now() - this.#startMs) / 1_000;
    collector.emit([this.#tuples, this.#checksum, this.#tuples - this.#warmupTuples, seconds]);
  }
}

export const fieldsHop = defineTopology(import.meta.url, (builder, options: HopOptions) => {
  const rows = builder.setSpout("rows", RowSpout, { create: () => new RowSpout(options) });
  const sink = builder.setBolt("sink", RowSink, { create: () => new RowSink(options) }).shuffleGrouping(rows);
  return { report: builder.output(sink) };
});

/** Carries rows of four fields over two workers and checks that the sink read every field of them. */
export async function runFieldsHop(options: HopOptions): Promise<Measurement> {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("fields-hop", fieldsHop, { options });
  for await (const { tuples, checksum, timedTuples, seconds } of run.outputs.report) {
    await run.completed();
    verifyHop(
      "hop of rows",
      { tuples, checksum },
      options.tuples,
      expectedRowChecksum(options.stringKind, options.tuples),
    );
    return { value: timedTuples / seconds, detail: { seconds } };
  }
  throw new Error("hop of rows: the sink did not report");
}
