/** A program that writes rows with a whole topology until it is killed: arguments folder, life, folder of claims. */
import { LocalCluster } from "../../../../src/index.ts";
import { writeNumbers } from "./topologies/write-files.ts";

const [folder, life, claimsFolder] = process.argv.slice(2) as [string, string, string];
await using cluster = new LocalCluster({ workers: 2 });
const run = await cluster.submitTopology("write", writeNumbers, {
  options: { folder, life: Number(life), rows: 1_000_000_000, tasks: 2, rotate: { rows: 50 }, reportTo: 1 },
  config: { logLevel: "error", pin: "off", claimsFolder },
});
await run.completed();
