/** Ends a run whose source waits, by the ending that the arguments name; the source logs that it was let go of. */
import { LocalCluster } from "../../../../src/index.ts";
import { type WaitingForm, waiting } from "../topologies/sources.ts";

const [form, ending, runtime] = process.argv.slice(2) as [WaitingForm, string, "threads" | "inline"];
const channel = new BroadcastChannel("waiting");
const isWaiting = new Promise((resolve) => {
  channel.onmessage = resolve;
});
await using cluster = new LocalCluster({ workers: 1, runtime });
const run = await cluster.submitTopology("waiting", waiting, { options: { form } });
const rows = run.outputs.rows[Symbol.asyncIterator]();
await rows.next();
await isWaiting;
channel.close();
// Nobody reads on: a source that never stops would be held back by that, and so would the drain.
if (form === "endless") await rows.return?.();
const summary = await (ending === "kill" ? run.kill() : run.drain());
console.log(`${summary.outcome} ${form === "endless" ? "" : summary.totals.byComponent.source?.emitted}`.trim());
