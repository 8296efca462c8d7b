/**
 * Orders from a stream in Redis are priced by a look-up there, and stored; what cannot be priced is a dead letter:
 * `node connector-redis.js redis://host:port`.
 */
import { Redis } from "ioredis";
import { defineTopology, fields, LocalCluster } from "stormcell";
import { redisLookupBolt, redisStoreBolt, redisStreamSpout } from "stormcell/connectors/redis";

const Order = fields("id:int32", "sku:string", "quantity:int32");
const Priced = fields("id:int32", "cents:int32");

const pricing = defineTopology(import.meta.url, (builder, url: string) => {
  const source = redisStreamSpout({
    url,
    key: "example:orders",
    group: "pricing",
    fields: Order,
    replay: { retries: 1, deadLetter: "dead" },
  });
  const lookup = redisLookupBolt({
    url,
    input: Order,
    output: Priced,
    read: { kind: "hashField", key: () => "example:prices", field: "sku" },
    rows({ id, sku, quantity }, cents) {
      // What is thrown fails the order: it comes again, and is given up in the end.
      if (cents === null) throw new Error(`nobody knows a price for ${sku}`);
      return [[id, Number(cents) * quantity]];
    },
  });
  const store = redisStoreBolt({
    url,
    input: Priced,
    write: { kind: "hash", key: () => "example:priced", field: "id", value: "cents" },
  });
  const orders = builder.setSpout("orders", source);
  const priced = builder.setBolt("price", lookup).shuffleGrouping(orders);
  builder.setBolt("store", store).shuffleGrouping(priced);
  return { dead: builder.output(orders.stream("dead")) };
});

const url = process.argv[2] ?? "redis://127.0.0.1:6379";
const redis = new Redis(url);
await redis.del("example:orders", "example:priced");
await redis.hset("example:prices", { nut: 2, bolt: 5 });
for (const [id, sku] of ["nut", "bolt", "nut", "gizmo", "bolt"].entries()) {
  await redis.xadd("example:orders", "*", "id", id, "sku", sku, "quantity", 10);
}

await using cluster = new LocalCluster({ workers: 1, logLevel: "silent" });
const run = await cluster.submitTopology("pricing", pricing, { options: url });
for await (const { values, error } of run.outputs.dead) {
  console.log(`order ${(values as unknown[])[0]}: ${error}`);
  break;
}
while ((await redis.hlen("example:priced")) < 4);
await run.drain();
console.log(await redis.hgetall("example:priced"));
redis.disconnect();
