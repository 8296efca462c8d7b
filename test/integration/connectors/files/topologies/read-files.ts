/** A file spout whose rows go to the program, through a bolt on another task. */

import { FileLine, fileSpout, type ListedFile } from "../../../../../src/connectors/files/index.ts";
import { basicBolt, defineTopology, fields, type Run } from "../../../../../src/index.ts";

export const Order = fields("id:int32", "note:string?", "price:float64");
const Seen = fields("path:string", "offset:float64", "line:string", "task:int32");

export interface ReadOptions {
  readonly paths?: readonly string[];
  readonly files?: readonly ListedFile[];
  readonly tasks: number;
  readonly rangeBytes?: number;
  readonly delivery?: "at-least-once" | "none";
  readonly maxRatePerSecond?: number;
  /** Of each line so many are failed once. */
  readonly failEvery?: number;
}

function sourcesOf({ paths, files }: Pick<ReadOptions, "paths" | "files">) {
  return files === undefined ? { paths: paths ?? [] } : { files };
}

export const readLines = defineTopology(import.meta.url, (builder, options: ReadOptions) => {
  const { rangeBytes = 4096, delivery = "at-least-once", tasks, maxRatePerSecond, failEvery } = options;
  const source = fileSpout({ ...sourcesOf(options), rangeBytes, delivery });
  const config = maxRatePerSecond === undefined ? {} : { maxRatePerSecond };
  const lines = builder.setSpout("lines", source, { parallelism: tasks, config });
  const see = basicBolt({
    input: FileLine,
    output: Seen,
    create({ taskIndex }) {
      return {
        execute({ path, offset, line, $ }, collector) {
          if (failEvery !== undefined && offset % failEvery === 0 && $.attempt === 1) throw new Error("not yet");
          collector.emit([path, offset, line, taskIndex]);
        },
      };
    },
  });
  const seen = builder.setBolt("see", see, { parallelism: 2 }).shuffleGrouping(lines);
  return { seen: builder.output(seen) };
});

export type SeenLine = { readonly path: string; readonly offset: number; readonly line: string };
export type ReadRun = Run<{ seen: AsyncIterable<SeenLine> }>;

export const readOrders = defineTopology(
  import.meta.url,
  (builder, options: { paths: readonly string[]; format: "json" | "csv"; tasks: number; lineBytesMax?: number }) => {
    const { paths, format, tasks, lineBytesMax = 1000 } = options;
    const source = fileSpout({
      paths,
      format,
      fields: Order,
      badMessages: "bad",
      lineBytesMax,
      replay: { deadLetter: "dead" },
    });
    const orders = builder.setSpout("orders", source, { parallelism: tasks });
    return {
      orders: builder.output(orders.stream("default")),
      bad: builder.output(orders.stream("bad")),
      dead: builder.output(orders.stream("dead")),
    };
  },
);
