/**
 * Operators want one JSON line every few seconds that says how many messages went each way, for the whole topology:
 * `node main.js [messages] [intervalMs]`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { flowReport, LocalCluster } from "stormcell";
import { orders } from "./orders.ts";

const [messages = "300000", intervalMs = "1000"] = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "stormcell-orders-"));
try {
  await using cluster = new LocalCluster();
  const run = await cluster.submitTopology("orders", orders, { options: { messages: Number(messages), folder } });
  run.registerMetricsConsumer(
    flowReport({
      processName: "orders",
      counts: {
        from_kafka: { component: "from_kafka", counter: "firsts" },
        replayed: { component: "from_kafka", counter: "replayed" },
        to_redis: { component: "to_redis", counter: "acked" },
        to_hdfs: { component: "to_hdfs", counter: "acked" },
        to_kafka: { component: "to_kafka", counter: "acked" },
      },
      write: (line) => console.log(line),
    }),
    { intervalMs: Number(intervalMs) },
  );
  await run.completed();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
