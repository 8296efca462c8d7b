/** A topology whose tasks tell on which worker they are and on which cores their thread may run. */
import { readFileSync } from "node:fs";
import { basicBolt, defineTopology, fields } from "../../../../src/index.ts";

const N = fields("n:int32");
const Where = fields("worker:int32", "cores:string");

export const where = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setFeeder("numbers", N);
  const tell = basicBolt({
    input: N,
    output: Where,
    create: (context) => ({
      execute: (_tuple, collector) => collector.emit([context.worker, ownCores()]),
    }),
  });
  return {
    numbers,
    told: builder.output(builder.setBolt("tell", tell, { parallelism: "auto" }).allGrouping(numbers)),
  };
});

/** The cores that this thread may use, as Linux lists them; empty elsewhere. */
function ownCores(): string {
  try {
    return /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync("/proc/thread-self/status", "utf8"))?.[1] ?? "";
  } catch {
    return "";
  }
}
