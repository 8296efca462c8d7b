import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  LocalCluster,
  type TopologyBuilder,
  type Tuple,
} from "stormcell";
import type { Measurement } from "../../harness/benchmark.ts";
import { verifyHop } from "../../input/content-checksum.ts";
import { expectedRowSum } from "./row-sequence.ts";
import * as first from "./schemas-a-to-h.ts";
import * as second from "./schemas-i-to-p.ts";

export interface ManySchemasOptions {
  /** How many of the sixteen schemas the sixteen lines use. */
  readonly schemas: number;
  /** Per line. */
  readonly tuples: number;
  readonly warmupTuples: number;
}

type Sizes = ManySchemasOptions;

/** By schema: declares one line, a spout and the sink that reads it, and returns the sink. */
const declareLine = [
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, first.SinkA, { create: () => new first.SinkA(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, first.SpoutA, { create: () => new first.SpoutA(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, first.SinkB, { create: () => new first.SinkB(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, first.SpoutB, { create: () => new first.SpoutB(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, first.SinkC, { create: () => new first.SinkC(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, first.SpoutC, { create: () => new first.SpoutC(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, first.SinkD, { create: () => new first.SinkD(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, first.SpoutD, { create: () => new first.SpoutD(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, first.SinkE, { create: () => new first.SinkE(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, first.SpoutE, { create: () => new first.SpoutE(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, first.SinkF, { create: () => new first.SinkF(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, first.SpoutF, { create: () => new first.SpoutF(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, first.SinkG, { create: () => new first.SinkG(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, first.SpoutG, { create: () => new first.SpoutG(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, first.SinkH, { create: () => new first.SinkH(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, first.SpoutH, { create: () => new first.SpoutH(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, second.SinkI, { create: () => new second.SinkI(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, second.SpoutI, { create: () => new second.SpoutI(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, second.SinkJ, { create: () => new second.SinkJ(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, second.SpoutJ, { create: () => new second.SpoutJ(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, second.SinkK, { create: () => new second.SinkK(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, second.SpoutK, { create: () => new second.SpoutK(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, second.SinkL, { create: () => new second.SinkL(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, second.SpoutL, { create: () => new second.SpoutL(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, second.SinkM, { create: () => new second.SinkM(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, second.SpoutM, { create: () => new second.SpoutM(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, second.SinkN, { create: () => new second.SinkN(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, second.SpoutN, { create: () => new second.SpoutN(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, second.SinkO, { create: () => new second.SinkO(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, second.SpoutO, { create: () => new second.SpoutO(tuples) })),
  (b: TopologyBuilder, id: string, { tuples, warmupTuples }: Sizes) =>
    b
      .setBolt(`sink-${id}`, second.SinkP, { create: () => new second.SinkP(warmupTuples) })
      .shuffleGrouping(b.setSpout(`rows-${id}`, second.SpoutP, { create: () => new second.SpoutP(tuples) })),
];

/** Brings the reports of all sinks to one output. */
class Reports extends BasicBolt({ input: first.RowReport, output: first.RowReport }) {
  execute(tuple: Tuple<typeof first.RowReport>, collector: BasicCollector<typeof first.RowReport>): void {
    collector.emit([tuple.tuples, tuple.checksum, tuple.startMs, tuple.endMs]);
  }
}

export const manySchemas = defineTopology(import.meta.url, (builder, options: ManySchemasOptions) => {
  const sinks = declareLine.map((_, line) => declareLine[line % options.schemas]!(builder, String(line), options));
  const reports = builder.setBolt("reports", Reports);
  for (const sink of sinks) reports.globalGrouping(sink);
  return { reports: builder.output(reports) };
});

/** Nanoseconds per hop, all sixteen lines together. */
export async function runManySchemas(options: ManySchemasOptions): Promise<Measurement> {
  const checksum = expectedRowSum(options.tuples);
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("many-schemas", manySchemas, { options });
  const [starts, ends]: [number[], number[]] = [[], []];
  for await (const report of run.outputs.reports) {
    verifyHop(`${options.schemas} schemas`, report, options.tuples, checksum);
    starts.push(report.startMs);
    ends.push(report.endMs);
  }
  await run.completed();
  if (ends.length !== declareLine.length) throw new Error(`${ends.length} of ${declareLine.length} sinks reported`);
  const timedTuples = (options.tuples - options.warmupTuples) * declareLine.length;
  return { value: ((Math.max(...ends) - Math.min(...starts)) * 1e6) / timedTuples };
}
