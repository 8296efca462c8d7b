import { type KafkaConnectionOptions, kafkaBolt, kafkaSpout } from "../../../../src/connectors/kafka/index.ts";
import { defineTopology, fields } from "../../../../src/index.ts";

const Copy = fields("key:string?", "value:string");

export interface CopierOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly target: string;
  /** How the brokers are reached, beyond their names. */
  readonly connection?: Omit<KafkaConnectionOptions, "brokers">;
}

/** `[topic] -> [topic]`, up to what was there at the start. */
export const copier = defineTopology(import.meta.url, (builder, options: CopierOptions) => {
  const { topic, group, target } = options;
  const reached = { ...options.connection, brokers: options.brokers };
  const spout = kafkaSpout({
    ...reached,
    topics: topic,
    group,
    until: "end",
    commitMs: 50,
    heartbeatMs: 200,
    fields: Copy,
    map: ({ key, value }) => ({ key, value: value ?? "" }),
  });
  const source = builder.setSpout("source", spout, { parallelism: 2 });
  const bolt = kafkaBolt({ ...reached, input: Copy, topic: target, key: "key", value: "value", batchRows: 50 });
  builder.setBolt("target", bolt, { parallelism: 2 }).shuffleGrouping(source);
});
