/** Runs a topology when it is imported, and lets its importer wait for the end. */
import { defineTopology, fields, fromIterable, runTopology } from "../../../../src/index.ts";

const N = fields("n:int32");
const inner = defineTopology(import.meta.url, (builder) => {
  builder.setSpout(
    "numbers",
    fromIterable(N, () => [[1]] as [number][]),
  );
});

console.log((await runTopology(inner, { cluster: { workers: 1 } })).outcome);
