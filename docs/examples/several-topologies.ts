/** Several topologies in one module and one cluster: they share cores, and one that fails leaves the others alone. */
import { basicBolt, defineTopology, fields, fromIterable, LocalCluster } from "stormcell";

const Value = fields("value:int32");

function* upTo(limit: number): Generator<[number]> {
  for (let value = 1; value <= limit; value++) yield [value];
}

const sum = basicBolt({
  input: Value,
  output: fields("sum:float64"),
  create: () => {
    let sum = 0;
    return {
      execute({ value }) {
        sum += value;
      },
      onEnd: (collector) => collector.emit([sum]),
    };
  },
});

const burst = basicBolt({
  input: Value,
  execute({ value }) {
    if (value === 500) throw new Error("five hundred is too much");
  },
});

const healthy = defineTopology(import.meta.url, (builder) => {
  const values = builder.setSpout(
    "values",
    fromIterable(Value, () => upTo(100_000)),
  );
  return { sum: builder.output(builder.setBolt("sum", sum).globalGrouping(values)) };
});

const faulty = defineTopology(import.meta.url, (builder) => {
  const values = builder.setSpout(
    "values",
    fromIterable(Value, () => upTo(100_000)),
  );
  builder.setBolt("burst", burst).shuffleGrouping(values);
});

await using cluster = new LocalCluster({ logLevel: "silent" });
const first = await cluster.submitTopology("healthy", healthy);
const second = await cluster.submitTopology("faulty", faulty);

await second.completed().catch((error) => console.log(`faulty: ${error.code}, ${error.cause.message}`));
for await (const { sum } of first.outputs.sum) console.log(`healthy: ${sum}`);
