import { Redis } from "ioredis";
import { Prng } from "../../../../src/base/prng.ts";
import { once } from "../../../../src/connectors/once/index.ts";
import { redisListSpout, redisOnceStore } from "../../../../src/connectors/redis/index.ts";
import { defineTopology, fields, richBolt } from "../../../../src/index.ts";

const Bill = fields("id:string");

export interface KilledOptions {
  /** Of the server that has the bills and the ids. */
  readonly storePort: number;
  /** Of the server that counts effects, and attempts that failed after theirs. */
  readonly countPort: number;
  readonly seed: number;
  readonly failPercent: number;
}

/** Ids here hold no other signs than letters and digits. */
export const ONCE_PREFIX = "{once}:";
const EFFECT_MAX_MS = 60;

/** The effect is counted where no process dies; an attempt that fails does so after its effect. */
function payBolt({ countPort, seed, failPercent }: KilledOptions) {
  return richBolt({
    input: Bill,
    create(context, collector) {
      const count = new Redis({ port: countPort, host: "127.0.0.1", protocol: 2 });
      const prng = new Prng(seed + context.taskIndex * 7919 + process.pid);
      return {
        execute(tuple) {
          const fails = prng.nextFloat() * 100 < failPercent;
          const pay = async () => {
            const pipeline = count.pipeline().hincrby("effects", tuple.id, 1);
            if (fails) pipeline.hincrby("failures", tuple.id, 1);
            await pipeline.exec();
            if (fails) collector.fail(tuple, new Error("paid, and failed after it"));
            else collector.ack(tuple);
          };
          setTimeout(() => void pay(), prng.nextFloat() * EFFECT_MAX_MS);
        },
        cleanup: () => count.disconnect(),
      };
    },
  });
}

/** Bills from a list in Redis, each paid once: a job whose process may be killed. */
export const killed = defineTopology(import.meta.url, (builder, options: KilledOptions) => {
  const server = { port: options.storePort };
  const Gate = once({ fields: Bill, id: "id", store: redisOnceStore({ ...server, prefix: ONCE_PREFIX }) });
  const replay = { retries: 1_000, backoff: { firstMs: 10, maxMs: 100 } };
  const bills = builder.setSpout(
    "bills",
    Gate.watch(redisListSpout({ ...server, key: "bills", fields: Bill, replay })),
  );
  const gate = builder
    .setBolt("gate", Gate, { parallelism: 2 })
    .fieldsGrouping(bills, ["onceId"], { as: "rows" })
    .fieldsGrouping(bills.stream("outcomes"), ["onceId"], { as: "outcomes" });
  builder.setBolt("pay", payBolt(options), { parallelism: 2 }).shuffleGrouping(gate);
});
