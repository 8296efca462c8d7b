/**
 * Imports a module that submits a topology of its own when it is imported: it must do that once, not in each worker.
 */
import { basicBolt, defineTopology, fields, fromIterable, runTopology } from "../../../../src/index.ts";
import { submitted } from "./nested-inner.ts";

const N = fields("n:int32");
const outer = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout(
    "numbers",
    fromIterable(N, () => [[1], [2], [3]] as [number][]),
  );
  builder
    .setBolt("print", basicBolt({ input: N, execute: ({ n }) => console.log(`outer ${n}`) }))
    .shuffleGrouping(numbers);
});

await submitted;
await runTopology(outer, { cluster: { workers: 2 } });
