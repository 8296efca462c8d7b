/**
 * Vehicle positions from Kafka, mapped to a grid, then to Redis, files and Kafka, with a line every five seconds that
 * says how many went each way: `node main.js [positions] [intervalMs] [files]`. Kafka and Redis are started for it
 * where they are installed; where not, or with "files", files stand for them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { flowReport, LocalCluster } from "stormcell";
import { kafkaMissing, startKafka } from "../../../test/services/kafka.ts";
import { redisMissing, startRedis } from "../../../test/services/redis.ts";
import type { Service } from "../../../test/services/service.ts";
import { countFast, driveToFile, driveToKafka, messagesIn } from "./fleet.ts";
import { type FlowOptions, flow } from "./flow.ts";

const [positions = "300000", intervalMs = "5000", stand = "servers"] = process.argv.slice(2);
const count = Number(positions);
const TOPICS = { positions: "positions", fast: "fast" };
const servers: Service[] = [];
const folder = mkdtempSync(path.join(tmpdir(), "stormcell-flow-"));

async function startServers(): Promise<FlowOptions> {
  const has = (missing: string | false) => {
    if (missing !== false) console.log(`${missing}; files stand for it`);
    return missing === false && stand !== "files";
  };
  const redis = has(redisMissing()) ? await startRedis() : null;
  if (redis !== null) servers.push(redis);
  const kafka = has(kafkaMissing()) ? await startKafka() : null;
  if (kafka === null) {
    driveToFile(path.join(folder, "positions.jsonl"), count);
  } else {
    servers.push(kafka);
    await driveToKafka(kafka.broker, TOPICS.positions, TOPICS.fast, count);
  }
  return {
    folder,
    kafka: kafka === null ? null : { broker: kafka.broker, ...TOPICS },
    redisPort: redis?.port ?? null,
  };
}

/** Runs the topology to its end; gives what its lines sum to. */
async function run(options: FlowOptions): Promise<Record<string, number>> {
  const sums: Record<string, number> = {};
  await using cluster = new LocalCluster({ logLevel: "warn" });
  const started = await cluster.submitTopology("flow", flow, { options });
  started.registerMetricsConsumer(
    flowReport({
      processName: "flow",
      counts: {
        from_kafka: { component: "from_kafka", counter: "firsts" },
        replayed: { component: "from_kafka", counter: "replayed" },
        to_redis: { component: "to_redis", counter: "acked" },
        to_files: { component: "to_files", counter: "acked" },
        to_kafka: { component: "to_kafka", counter: "acked" },
      },
      write(line) {
        console.log(line);
        for (const [name, value] of Object.entries(JSON.parse(line) as Record<string, unknown>)) {
          if (typeof value === "number") sums[name] = (sums[name] ?? 0) + value;
        }
      },
    }),
    { intervalMs: Number(intervalMs) },
  );
  await started.completed();
  return sums;
}

try {
  const options = await startServers();
  const sums = await run(options);
  const { kafka } = options;
  const sent = kafka === null ? count : await messagesIn(kafka.broker, kafka.positions);
  const fast = kafka === null ? countFast(count) : await messagesIn(kafka.broker, kafka.fast);
  const isRight =
    [sums.from_kafka, sums.to_redis, sums.to_files].every((sum) => sum === sent) && sums.to_kafka === fast;
  console.log(`${sent} positions, ${fast} of them too fast: the lines ${isRight ? "sum to that" : "DIFFER"}`);
  if (!isRight) process.exitCode = 1;
} finally {
  for (const server of servers) await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
