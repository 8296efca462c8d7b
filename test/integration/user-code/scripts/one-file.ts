/** Topology and submit in one file, with declarations above; prints the sum that its bolts emitted. */
import { basicBolt, defineTopology, fields, fromIterable, LocalCluster } from "../../../../src/index.ts";

const Numbers = fields("n:int32");
const limit = 1000;

const squares = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout(
    "numbers",
    fromIterable(Numbers, function* () {
      for (let n = 0; n < limit; n++) yield [n];
    }),
  );
  const square = basicBolt({ input: Numbers, output: Numbers, execute: ({ n }, out) => out.emit([n * n]) });
  return { squares: builder.output(builder.setBolt("square", square, { parallelism: 2 }).shuffleGrouping(numbers)) };
});

const cluster = new LocalCluster({ workers: 2 });
const run = await cluster.submitTopology("squares", squares);
let sum = 0;
for await (const { n } of run.outputs.squares) sum += n;
const { outcome } = await run.completed();
console.log(`${outcome} ${sum}`);
// The cluster is not closed: what is left of it must not keep the process alive.
