/** Submits its topology as soon as it is imported, and does not await that. */
import { basicBolt, defineTopology, fields, fromIterable, runTopology } from "../../../../src/index.ts";

const N = fields("n:int32");
const inner = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout(
    "numbers",
    fromIterable(N, () => [[1], [2], [3]] as [number][]),
  );
  builder
    .setBolt("print", basicBolt({ input: N, execute: ({ n }) => console.log(`inner ${n}`) }))
    .shuffleGrouping(numbers);
});

export const submitted = runTopology(inner, { cluster: { workers: 2 } });
