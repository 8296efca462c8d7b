/** Ends a run with the ending named by the argument; its bolt logs what its signal says, and when. */
import { LocalCluster } from "../../../../src/index.ts";
import { signalTopology } from "../topologies/contexts.ts";

const ending = process.argv[2];
await using cluster = new LocalCluster({ workers: 1, runtime: process.argv[3] === "inline" ? "inline" : "threads" });
const run = await cluster.submitTopology("logging", signalTopology);
const seen = run.outputs.seen[Symbol.asyncIterator]();
await run.feeders.numbers.emit([ending === "end" ? 1 : 0]);
await seen.next();
if (ending === "kill") await run.kill();
else if (ending === "drain") await run.drain({ deadlineMs: 20 });
else {
  run.feeders.numbers.end();
  await run.completed();
}
