/**
 * Offloads a function of its own file, which also runs the topology: refused, not run once more on the offload
 * thread.
 */
import { basicBolt, defineTopology, fields, fromIterable, runTopology } from "../../../../src/index.ts";

export function double(n: number): number {
  return n * 2;
}

console.log("imported");
const N = fields("n:int32");
const job = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout(
    "numbers",
    fromIterable(N, () => [[21]] as [number][]),
  );
  const bolt = basicBolt({
    input: N,
    create: (context) => ({
      async execute({ n }) {
        await context.offload(import.meta.url, "double", n);
      },
    }),
  });
  builder.setBolt("double", bolt).shuffleGrouping(numbers);
});

try {
  await runTopology(job, { cluster: { workers: 1, logLevel: "silent" } });
} catch (error) {
  console.log(error instanceof Error ? error.cause : error);
  process.exitCode = 3;
}
