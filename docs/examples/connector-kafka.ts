/**
 * Orders from one topic, their bills to another: `node connector-kafka.js 127.0.0.1:9092`. The topics "orders" and
 * "bills" must be there. It ends with what was in "orders" when it began, and goes on behind that when it is started
 * again: what is done is committed. A bill depends on its order alone; sums over all of them would have to be kept
 * outside, since bolts begin anew with each run.
 */
import { basicBolt, defineTopology, fields, LocalCluster } from "stormcell";
import { kafkaBolt, kafkaSpout } from "stormcell/connectors/kafka";

const Order = fields("customer:string", "cents:int32");
const Bill = fields("customer:string", "cents:int32", "tax:int32");

const makeBill = basicBolt({
  input: Order,
  output: Bill,
  execute({ customer, cents }, collector) {
    collector.emit([customer, cents, Math.round(cents * 0.19)]);
  },
});

const bills = defineTopology(import.meta.url, (builder, { brokers }: { brokers: string[] }) => {
  const spout = kafkaSpout({
    brokers,
    topics: "orders",
    group: "bills",
    until: "end",
    fields: Order,
    value: (bytes) => JSON.parse(bytes.toString()) as { cents: number },
    map: ({ key, value }) => (key === null || value === null ? null : { customer: key, cents: value.cents }),
    badMessages: "bad",
  });
  const orders = builder.setSpout("orders", spout, { parallelism: 2 });
  const bill = builder.setBolt("bill", makeBill).localOrShuffleGrouping(orders.stream("default"));
  const write = kafkaBolt({ brokers, input: Bill, topic: "bills", key: "customer" });
  builder.setBolt("write", write).localOrShuffleGrouping(bill);
  return { bad: builder.output(orders.stream("bad")) };
});

await using cluster = new LocalCluster();
const brokers = [process.argv[2] ?? "127.0.0.1:9092"];
const run = await cluster.submitTopology("bills", bills, { options: { brokers } });
for await (const { origin, position, reason } of run.outputs.bad) console.log(`${origin} ${position}: ${reason}`);
const { totals } = await run.completed();
console.log(`${totals.byComponent.bill?.executed ?? 0} orders`);
