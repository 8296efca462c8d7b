import { Redis } from "ioredis";
import { defineTopology, fields, LocalCluster, spout } from "stormcell";
import { redisStoreBolt } from "stormcell/connectors/redis";

const Item = fields("key:string", "value:string");
const KEYS = 10_000;
const VALUE = "x".repeat(100);
const BATCH = 256;
const UNDER_WAY = 4;
/** Written before it counts, so that both sides are compiled and connected. */
const WARMUP = 20_000;

interface StoreOptions {
  readonly port: number;
  readonly rows: number;
  /** Of the keys, in ms; null for ever. */
  readonly ttlMs: number | null;
}

export const storeRows = defineTopology(import.meta.url, (builder, { port, rows, ttlMs }: StoreOptions) => {
  const items = spout({
    output: Item,
    create: (_context, collector) => {
      let row = 0;
      return {
        nextTuple() {
          if (row === rows) return "exhausted";
          collector.emit([`key ${row % KEYS}`, VALUE], ++row);
          return undefined;
        },
        fail(id) {
          throw new Error(`row ${String(id)} failed`);
        },
      };
    },
  });
  const write = { kind: "string", key: "key", value: "value", ...(ttlMs === null ? {} : { ttlMs }) } as const;
  builder.setSpout("items", items);
  builder.setBolt("store", redisStoreBolt({ port, input: Item, write })).shuffleGrouping("items");
});

/** Rows per second from the first that is acked behind the warm-up to the last. */
export async function runRedisStore(port: number, rows: number, ttlMs: number | null): Promise<{ value: number }> {
  await using cluster = new LocalCluster({ workers: 1, logLevel: "error" });
  const warmup = Math.min(WARMUP, rows);
  const options = { port, rows: rows + warmup, ttlMs };
  const run = await cluster.submitTopology("store", storeRows, { options, config: { maxSpoutPending: 4096 } });
  const completed = run.completed();
  const acked = () => run.totals().byComponent.items!.acked;
  while (acked() < warmup) await new Promise((resolve) => setTimeout(resolve, 1));
  const [before, beganMs] = [acked(), performance.now()];
  const summary = await completed;
  const seconds = (performance.now() - beganMs) / 1000;
  const { acked: all } = summary.totals.byComponent.items!;
  await checkKeys(port, rows + warmup);
  if (all !== rows + warmup) throw new Error(`${all} of ${rows + warmup} rows were acked`);
  return { value: (all - before) / seconds };
}

/** The same commands from a loop without an engine. */
export async function runBareRedisLoop(port: number, rows: number, ttlMs: number | null): Promise<{ value: number }> {
  const redis = new Redis({ port, host: "127.0.0.1", protocol: 2 });
  const warmup = Math.min(WARMUP, rows);
  await pipelined(redis, warmup, ttlMs);
  const beganMs = performance.now();
  await pipelined(redis, rows, ttlMs);
  const seconds = (performance.now() - beganMs) / 1000;
  redis.disconnect();
  await checkKeys(port, rows);
  return { value: rows / seconds };
}

async function pipelined(redis: Redis, rows: number, ttlMs: number | null): Promise<void> {
  let next = 0;
  const run = async () => {
    while (next < rows) {
      const end = Math.min(rows, next + BATCH);
      const pipeline = redis.pipeline();
      for (; next < end; next++) {
        const key = `key ${next % KEYS}`;
        if (ttlMs === null) pipeline.set(key, VALUE);
        else pipeline.set(key, VALUE, "PX", ttlMs);
      }
      for (const [error] of (await pipeline.exec()) ?? []) if (error !== null) throw error;
    }
  };
  await Promise.all(Array.from({ length: UNDER_WAY }, run));
}

async function checkKeys(port: number, rows: number): Promise<void> {
  const redis = new Redis({ port, host: "127.0.0.1", protocol: 2 });
  const size = await redis.dbsize();
  redis.disconnect();
  const expected = Math.min(rows, KEYS);
  if (size !== expected) throw new Error(`Redis has ${size} keys, not ${expected}`);
}
