/**
 * Orders from one topic, their sums to another: `node connector-kafka.js 127.0.0.1:9092`. The topics "orders" and
 * "sums" must be there. It ends with what was in "orders" when it began, and goes on behind that when it is started
 * again.
 */
import { basicBolt, defineTopology, fields, LocalCluster } from "stormcell";
import { kafkaBolt, kafkaSpout } from "stormcell/connectors/kafka";

const Order = fields("customer:string", "cents:int32");
const Sum = fields("customer:string", "cents:float64");

const sumByCustomer = basicBolt({
  input: Order,
  output: Sum,
  create() {
    const sums = new Map<string, number>();
    return {
      execute({ customer, cents }, collector) {
        const sum = (sums.get(customer) ?? 0) + cents;
        sums.set(customer, sum);
        collector.emit([customer, sum]);
      },
    };
  },
});

const sums = defineTopology(import.meta.url, (builder, { brokers }: { brokers: string[] }) => {
  const spout = kafkaSpout({
    brokers,
    topics: "orders",
    group: "sums",
    until: "end",
    fields: Order,
    value: (bytes) => JSON.parse(bytes.toString()) as { cents: number },
    map: ({ key, value }) => (key === null || value === null ? null : { customer: key, cents: value.cents }),
    badMessages: "bad",
  });
  const orders = builder.setSpout("orders", spout, { parallelism: 2 });
  const sum = builder.setBolt("sum", sumByCustomer, { parallelism: "auto" });
  sum.fieldsGrouping(orders.stream("default"), ["customer"]);
  builder.setBolt("write", kafkaBolt({ brokers, input: Sum, topic: "sums", key: "customer" })).shuffleGrouping(sum);
  return { bad: builder.output(orders.stream("bad")) };
});

await using cluster = new LocalCluster();
const brokers = [process.argv[2] ?? "127.0.0.1:9092"];
const run = await cluster.submitTopology("sums", sums, { options: { brokers } });
for await (const { origin, position, reason } of run.outputs.bad) console.log(`${origin} ${position}: ${reason}`);
const { totals } = await run.completed();
console.log(`${totals.byComponent.orders?.acked ?? 0} orders`);
