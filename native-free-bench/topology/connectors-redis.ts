import { redisMissing, startRedis } from "../../test/services/redis.ts";
import { benchmark } from "../harness/benchmark.ts";
import { runBareRedisLoop, runRedisStore } from "./programs/redis-store.ts";

const skipReason = async () => redisMissing() || null;

const HOUR_MS = 3_600_000;

/**
 * Rows of 100 bytes into a Redis server beside it, each a SET of its own key out of 10,000.
 *
 *     [rows: replaying spout] --> [redisStoreBolt, default settings] --> redis-server        one worker
 */
export const redisStore = benchmark({
  name: "connectors-redis-store",
  question: "What does a store bolt leave of what Redis takes from a bare pipelined loop?",
  list: "full",
  unit: "rows/s",
  coresNeeded: 2,
  params: { smoke: { rows: 5_000 }, full: { rows: 500_000 } },
  sides: {
    bolt: {
      title: "redisStoreBolt, every row tracked and acked; it sends an MSET per batch",
      skipReason,
      run: ({ rows }) => withServer((port) => runRedisStore(port, rows, null)),
    },
    boltPerRow: {
      title: "the same with ttlMs, for which Redis wants a SET per row",
      skipReason,
      run: ({ rows }) => withServer((port) => runRedisStore(port, rows, HOUR_MS)),
    },
    bare: {
      whose: "reference",
      title: "ioredis, a SET per row in pipelines of 256, four under way",
      skipReason,
      run: ({ rows }) => withServer((port) => runBareRedisLoop(port, rows, null)),
    },
    barePerRow: {
      whose: "reference",
      title: "the same with a time to live",
      skipReason,
      run: ({ rows }) => withServer((port) => runBareRedisLoop(port, rows, HOUR_MS)),
    },
  },
  bars: [
    { kind: "ratio", of: "bolt", over: "bare", limit: { atLeast: 0.8 } },
    { kind: "ratio", of: "boltPerRow", over: "barePerRow", limit: { atLeast: 0.8 } },
  ],
});

async function withServer(measure: (port: number) => Promise<{ value: number }>): Promise<{ value: number }> {
  const service = await startRedis();
  try {
    return await measure(service.port);
  } finally {
    await service.stop();
  }
}
