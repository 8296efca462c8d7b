import { appendFileSync } from "node:fs";
import path from "node:path";
import { basicBolt, defineTopology, fields, replaying, spout, type TaskContext } from "stormcell";

const Order = fields("id:int32", "amount:float64");

export interface OrdersOptions {
  readonly messages: number;
  readonly folder: string;
}

/**
 * Orders come from a queue and go to three stores. Files and a map stand for the servers.
 *
 *     [from_kafka] --> [to_redis] --> [to_hdfs]
 *                               \--> [to_kafka]   large ones
 */
export const orders = defineTopology(import.meta.url, (builder, { messages, folder }: OrdersOptions) => {
  /** A queue that can be read again from a position, as a partition of a topic can. */
  const queue = spout({
    output: Order,
    create(_context, collector, start) {
      let next = start.position === undefined ? 0 : (start.position as number) + 1;
      return {
        nextTuple() {
          if (next === messages) return "exhausted";
          collector.emit([next, (next * 37) % 500], undefined, next);
          next++;
          return undefined;
        },
      };
    },
  });
  const fromKafka = builder.setSpout("from_kafka", replaying(queue));

  const store = basicBolt({
    input: Order,
    output: { default: Order, large: Order },
    create(context: TaskContext) {
      const byId = new Map<number, number>();
      context.metrics.gauge("orders-held", () => byId.size);
      return {
        execute({ id, amount }, collector) {
          byId.set(id, amount);
          collector.emit([id, amount]);
          if (amount >= 400) collector.emitTo("large", [id, amount]);
        },
      };
    },
  });
  const toRedis = builder.setBolt("to_redis", store, { parallelism: "auto" }).fieldsGrouping(fromKafka, ["id"]);

  builder.setBolt("to_hdfs", appenderTo(folder, "part"), { parallelism: "auto" }).localOrShuffleGrouping(toRedis);
  builder.setBolt("to_kafka", appenderTo(folder, "topic")).globalGrouping(toRedis.stream("large"));
});

/** One file per task, as a file has one writer. */
function appenderTo(folder: string, name: string) {
  return basicBolt({
    input: Order,
    create({ taskIndex }: TaskContext) {
      const file = path.join(folder, `${name}-${taskIndex}.jsonl`);
      return { execute: ({ id, amount }) => appendFileSync(file, `${JSON.stringify({ id, amount })}\n`) };
    },
  });
}
