/** Runs a topology with the cluster's settings given as JSON; prints where its tasks are as JSON. */
import { LocalCluster } from "../../../../src/index.ts";
import { where } from "../topologies/where.ts";

await using cluster = new LocalCluster(JSON.parse(process.argv[2] ?? "{}"));
const run = await cluster.submitTopology("where", where);
await run.feeders.numbers.emit([1]);
run.feeders.numbers.end();
const told: { worker: number; cores: string }[] = [];
for await (const { worker, cores } of run.outputs.told) told.push({ worker, cores });
const { workers, cores } = await run.completed();
console.log(JSON.stringify({ workers, cores, told: told.sort((a, b) => a.worker - b.worker) }));
