// Compiled, never run. Each expected error is a mistake that a user must be told about by the compiler.
import { fileBolt, fileSpout, type ListedFile, readParts } from "../../src/connectors/files/index.ts";
import { defineTopology, fields } from "../../src/index.ts";

const Order = fields("id:int32", "sku:string");

export const topology = defineTopology(import.meta.url, (builder, options: { files: readonly ListedFile[] }) => {
  const lines = builder.setSpout("lines", fileSpout({ paths: "a" }), { parallelism: 2 });
  const orders = builder.setSpout(
    "orders",
    fileSpout({ ...options, format: "json", fields: Order, badMessages: "bad", replay: { deadLetter: "dead" } }),
  );
  const plain = builder.setSpout(
    "plain",
    fileSpout({ paths: ["a"], format: "csv", fields: Order, delivery: "none" }),
  );
  const keep = fileBolt({ input: Order, folder: "out", format: ({ id, sku }) => `${id.toFixed()} ${sku.trim()}` });
  builder.setBolt("keep", keep).shuffleGrouping(plain);
  // @ts-expect-error no such field
  fileBolt({ input: Order, folder: "out", format: ({ name }) => name });
  // @ts-expect-error it was not asked for
  lines.stream("bad");
  // @ts-expect-error neither the one nor the other
  orders.stream("letters");
  return {
    lines: builder.output(lines),
    orders: builder.output(orders.stream("default")),
    bad: builder.output(orders.stream("bad")),
    dead: builder.output(orders.stream("dead")),
    plain: builder.output(plain),
  };
});

// @ts-expect-error fields are missing
fileSpout({ paths: "a", format: "json" });
// @ts-expect-error lines have fields of their own
fileSpout({ paths: "a", fields: Order });
// @ts-expect-error one or the other
fileSpout({ paths: "a", files: [] });
// @ts-expect-error such options are for CSV
fileSpout({ paths: "a", format: "json", fields: Order, csv: { header: false } });
// @ts-expect-error a folder is missing
fileBolt({ input: Order });
// @ts-expect-error no such option
readParts({ folder: "a", folow: true });
