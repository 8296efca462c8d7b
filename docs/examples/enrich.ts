/** A rich bolt that asks a service for every tuple: asynchronous, sixteen questions at a time, two output streams. */
import { setTimeout } from "node:timers/promises";
import { defineTopology, fields, fromIterable, LocalCluster, RichBolt, type Tuple } from "stormcell";

const Order = fields("sku:string", "quantity:int32");
const Priced = fields("sku:string", "cents:int64");

class Enrich extends RichBolt({ input: Order, output: { default: Priced, rejected: Order }, concurrency: 16 }) {
  #prices!: PriceService;

  override prepare() {
    this.#prices = new PriceService();
  }

  async execute(order: Tuple<typeof Order>) {
    const cents = await this.#prices.centsOf(order.sku);
    // The anchor comes first: the new tuple descends from the order. Then the order is done with.
    if (cents === null) this.collector.emitTo("rejected", order, [order.sku, order.quantity]);
    else this.collector.emit(order, [order.sku, cents * BigInt(order.quantity)]);
    this.collector.ack(order);
  }
}

/** Stands for a database or a web service. */
class PriceService {
  async centsOf(sku: string): Promise<bigint | null> {
    await setTimeout(5);
    return sku.startsWith("sku-") ? 250n : null;
  }
}

const pricing = defineTopology(import.meta.url, (builder) => {
  const orders = builder.setSpout(
    "orders",
    fromIterable(Order, function* () {
      for (let number = 0; number < 200; number++) yield [number % 10 === 7 ? "unknown" : `sku-${number}`, number];
    }),
  );
  const enriched = builder.setBolt("enrich", Enrich).shuffleGrouping(orders);
  return { priced: builder.output(enriched), rejected: builder.output(enriched.stream("rejected")) };
});

await using cluster = new LocalCluster({ workers: 1 });
const { outputs } = await cluster.submitTopology("pricing", pricing);
const [cents, rejected] = await Promise.all([sumCents(outputs.priced), countTuples(outputs.rejected)]);
console.log(`orders for ${cents} cents, ${rejected} rejected`);

async function sumCents(orders: typeof outputs.priced): Promise<bigint> {
  let sum = 0n;
  for await (const { cents } of orders) sum += cents;
  return sum;
}

async function countTuples(tuples: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _ of tuples) count++;
  return count;
}
