/**
 * A bill-payment system notifies users of their trades. It told some of them twice, and, when that was mended, some
 * never: `node main.js [trades]`, with the environment's REDIS_URL, a Redis of its own, or none.
 */
import { Redis } from "ioredis";
import { LocalCluster } from "stormcell";
import { redisMissing, startRedis } from "../../../test/services/redis.ts";
import { type Filter, payBills } from "./pay-bills.ts";

const [trades = "2000"] = process.argv.slice(2);
const count = Number(trades);

const service = process.env.REDIS_URL === undefined && redisMissing() === false ? await startRedis() : null;
const redisUrl = process.env.REDIS_URL ?? (service === null ? null : `redis://127.0.0.1:${service.port}`);
try {
  if (redisUrl !== null) await forgetIds(redisUrl);
  console.log(`${count} trades; ids are kept in ${redisUrl === null ? "memory" : "Redis"}`);
  for (const filter of ["nothing", "a filter by id", "once"] as const) console.log(await notify(filter));
} finally {
  await service?.stop();
}

async function notify(filter: Filter): Promise<string> {
  await using cluster = new LocalCluster({ workers: 2, logLevel: "error" });
  const run = await cluster.submitTopology("bills", payBills, {
    options: { trades: count, filter, redisUrl },
    config: { messageTimeoutMs: 100, maxSpoutPending: 1000 },
  });
  const told = new Array<number>(count).fill(0);
  for await (const { id, isGood } of run.outputs.notices) if (isGood) told[id]!++;
  await run.completed();
  const never = told.filter((times) => times === 0).length;
  const twice = told.filter((times) => times > 1).length;
  return `with ${filter}: ${twice} users were told again and again, ${never} never`;
}

/** Of a run before this one. */
async function forgetIds(url: string): Promise<void> {
  const redis = new Redis(url);
  const keys = await redis.keys("{example:once}:*");
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
}
