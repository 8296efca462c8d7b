// A process of its own that pays bills until it is ended: `node run-killed.js '{"storePort": ...}'`.
import { LocalCluster } from "../../../src/index.ts";
import { type KilledOptions, killed } from "./topologies/killed.ts";

const options = JSON.parse(process.argv[2]!) as KilledOptions;
const cluster = new LocalCluster({ workers: 2, logLevel: "silent", pin: "off" });
const config = { messageTimeoutMs: 300, settleTimeoutMs: 700, maxSpoutPending: 60 };
const run = await cluster.submitTopology("killed", killed, { options, config });
await run.completed();
