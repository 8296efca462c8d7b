/** A program that writes rows to a folder until tuples fail, and tells on standard output what became of them. */
import { LocalCluster } from "../../../../src/index.ts";
import { writeNumbers } from "./topologies/write-files.ts";

const [folder, claimsFolder] = process.argv.slice(2) as [string, string];
await using cluster = new LocalCluster({ workers: 1 });
const run = await cluster.submitTopology("write", writeNumbers, {
  options: { folder, life: 1, rows: 10_000, tasks: 1, rotate: { bytes: 1_000_000 } },
  config: { logLevel: "silent", pin: "off", claimsFolder },
});
const acked: number[] = [];
const errors: string[] = [];
for await (const { n, error } of run.outputs.outcomes) {
  if (error === null) acked.push(n);
  else if (errors.length < 3) errors.push(error);
}
await run.completed();
console.log(JSON.stringify({ acked, errors }));
