// A process of its own that runs the ledger until it is ended: `node run-ledger.js '{"topic": ...}'`.
import { LocalCluster } from "../../../src/index.ts";
import { type LedgerOptions, ledger } from "./topologies/ledger.ts";

const options = JSON.parse(process.argv[2]!) as LedgerOptions;
const cluster = new LocalCluster({ workers: 1, logLevel: "silent", pin: "off" });
const run = await cluster.submitTopology("ledger", ledger, { options });
process.stdout.write("started\n");
process.once("SIGTERM", () => void run.drain());
await run.completed();
await cluster.close();
