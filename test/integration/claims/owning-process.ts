// A process of its own that owns a journal until it is killed: prints "running", or why it does not run.
import { EngineError, LocalCluster } from "../../../src/index.ts";
import { owning } from "./topologies/owning.ts";

const [claimsFolder, folder] = process.argv.slice(2) as [string, string];
const cluster = new LocalCluster({ workers: 1, logLevel: "silent", pin: "off", claimsFolder });
try {
  await cluster.submitTopology("owning", owning, { options: { folder, rows: 10, waitMs: 0 } });
  console.log("running");
} catch (error) {
  const cause = (error as Error).cause;
  console.log(cause instanceof EngineError ? cause.code : String(error));
  await cluster.close();
}
