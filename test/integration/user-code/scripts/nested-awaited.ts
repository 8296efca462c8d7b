/** The topology's module imports one that awaits a run at its top level: workers never get to the topology. */
import { defineTopology, fields, fromIterable, runTopology } from "../../../../src/index.ts";
import "./nested-awaited-inner.ts";

const N = fields("n:int32");
const outer = defineTopology(import.meta.url, (builder) => {
  builder.setSpout(
    "numbers",
    fromIterable(N, () => [[1]] as [number][]),
  );
});

try {
  await runTopology(outer, { cluster: { workers: 1, logLevel: "silent", startTimeoutMs: 3_000 } });
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
  process.exitCode = 3;
}
