/** Joins two streams of different schema: each order with its payment. What has no partner is told at the end. */
import { basicBolt, defineTopology, fields, fromIterable, LocalCluster } from "stormcell";

const Order = fields("order:int32", "customer:string");
const Payment = fields("order:int32", "cents:int64");
const Paid = fields("order:int32", "customer:string", "cents:int64");
const Unmatched = fields("order:int32", "missing:string");

const join = basicBolt({
  input: { orders: Order, payments: Payment },
  output: { default: Paid, unmatched: Unmatched },
  create() {
    const customers = new Map<number, string>();
    const payments = new Map<number, bigint>();
    return {
      execute(tuple, collector) {
        if (tuple.$input === "orders") customers.set(tuple.order, tuple.customer);
        else payments.set(tuple.order, tuple.cents);
        const customer = customers.get(tuple.order);
        const cents = payments.get(tuple.order);
        if (customer === undefined || cents === undefined) return;
        collector.emit([tuple.order, customer, cents]);
        for (const side of [customers, payments]) side.delete(tuple.order);
      },
      onEnd(collector) {
        for (const order of customers.keys()) collector.emitTo("unmatched", [order, "payment"]);
        for (const order of payments.keys()) collector.emitTo("unmatched", [order, "order"]);
      },
    };
  },
});

const matching = defineTopology(import.meta.url, (builder) => {
  const takeOrders = fromIterable(Order, function* () {
    for (let order = 0; order < 1_000; order++) yield [order, `customer-${order % 7}`];
  });
  const takePayments = fromIterable(Payment, function* () {
    for (let order = 1_004; order >= 10; order--) yield [order, BigInt(order) * 100n];
  });
  const orders = builder.setSpout("orders", takeOrders);
  const payments = builder.setSpout("payments", takePayments);
  // Both by the order's number: so an order and its payment meet in the same task.
  const joined = builder
    .setBolt("join", join, { parallelism: 4 })
    .fieldsGrouping(orders, ["order"], { as: "orders" })
    .fieldsGrouping(payments, ["order"], { as: "payments" });
  return { paid: builder.output(joined), unmatched: builder.output(joined.stream("unmatched")) };
});

await using cluster = new LocalCluster();
const { outputs } = await cluster.submitTopology("matching", matching);
const [paid, unmatched] = await Promise.all([listOf(outputs.paid), listOf(outputs.unmatched)]);
const unpaid = unmatched.filter(({ missing }) => missing === "payment").length;
console.log(`${paid.length} orders paid, ${unpaid} unpaid, ${unmatched.length - unpaid} payments without order`);

async function listOf<T>(tuples: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const tuple of tuples) list.push(tuple);
  return list;
}
