/** Files in, files out: orders in CSV, plain and packed, become lines of JSON. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { basicBolt, defineTopology, fields, LocalCluster } from "stormcell";
import { fileBolt, fileSpout, readParts } from "stormcell/connectors/files";

const Order = fields("sku:string", "quantity:int32");
const Priced = fields("sku:string", "cents:int32");

const price = basicBolt({
  input: Order,
  output: Priced,
  execute: ({ sku, quantity }, collector) => collector.emit([sku, quantity * 250]),
});

const pricing = defineTopology(import.meta.url, (builder, { folder }: { folder: string }) => {
  const orders = builder.setSpout(
    "orders",
    fileSpout({ paths: `${folder}/in/*.csv*`, format: "csv", fields: Order, badMessages: "bad" }),
    { parallelism: 2 },
  );
  const priced = builder.setBolt("price", price).shuffleGrouping(orders.stream("default"));
  // A tuple is acked when its record is on the disk: an order is done then, and not before.
  const keep = fileBolt({ input: Priced, folder: `${folder}/out`, rotate: { rows: 500 } });
  builder.setBolt("keep", keep, { parallelism: 2 }).shuffleGrouping(priced);
  return { bad: builder.output(orders.stream("bad")) };
});

const folder = mkdtempSync(path.join(tmpdir(), "orders-"));
try {
  makeOrders(path.join(folder, "in"));
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("pricing", pricing, {
    options: { folder },
    config: { claimsFolder: path.join(folder, "claims") },
  });
  for await (const { position, reason } of run.outputs.bad) console.log(`bad record at ${position}: ${reason}`);
  await run.completed();
  let cents = 0;
  let records = 0;
  for await (const { text } of readParts({ folder: `${folder}/out` })) {
    cents += (JSON.parse(text) as { cents: number }).cents;
    records++;
  }
  console.log(`${records} orders for ${cents} cents`);
} finally {
  rmSync(folder, { recursive: true });
}

function makeOrders(target: string): void {
  const rows = Array.from({ length: 1_000 }, (_, number) => `"sku ${number}",${1 + (number % 3)}`);
  mkdirSync(target);
  writeFileSync(path.join(target, "monday.csv"), ["sku,quantity", ...rows, "nails,many"].join("\r\n"));
  writeFileSync(path.join(target, "tuesday.csv.gz"), gzipSync(["sku,quantity", ...rows].join("\n")));
}
