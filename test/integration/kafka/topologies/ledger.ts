import { appendFileSync } from "node:fs";
import path from "node:path";
import { Prng } from "../../../../src/base/prng.ts";
import {
  type FirstOffset,
  type KafkaDelivery,
  type KafkaSasl,
  kafkaSpout,
} from "../../../../src/connectors/kafka/index.ts";
import { defineTopology, fields, richBolt } from "../../../../src/index.ts";

const Entry = fields("partition:int32", "offset:float64", "value:string");

export interface LedgerOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  /** Where done messages are written, one file to each task of the bolt. */
  readonly folder: string;
  readonly tasks?: number;
  readonly from?: FirstOffset;
  readonly until?: "end";
  readonly delivery?: KafkaDelivery;
  /** The part of all executions that fail, from 0 to 1. */
  readonly failShare?: number;
  /** Messages are done after a time between 0 and this, so that acks come in another order. */
  readonly delayMaxMs?: number;
  /** This value never gets done. */
  readonly stuckValue?: string;
  readonly seed?: number;
  readonly sasl?: KafkaSasl;
  readonly commitMs?: number;
  readonly aheadMax?: number;
  readonly heartbeatMs?: number;
  readonly sessionTimeoutMs?: number;
}

function ledgerBolt({ folder, failShare = 0, delayMaxMs = 0, stuckValue, seed = 1 }: LedgerOptions) {
  return richBolt({
    input: Entry,
    create: (context, collector) => {
      const file = path.join(folder, `done-${process.pid}-${context.taskIndex}.txt`);
      const prng = new Prng(seed + context.taskIndex * 7919);
      return {
        execute(tuple) {
          const { partition, offset, value } = tuple;
          if (value === stuckValue) return;
          const finish = () => {
            if (prng.nextFloat() < failShare) {
              collector.fail(tuple, new Error("by chance"));
              return;
            }
            appendFileSync(file, `${partition} ${offset} ${value}\n`);
            collector.ack(tuple);
          };
          if (delayMaxMs === 0) finish();
          else setTimeout(finish, prng.nextFloat() * delayMaxMs);
        },
      };
    },
  });
}

/** `[topic] -> [ledger]`: what was done is written down before it is acked. */
export const ledger = defineTopology(import.meta.url, (builder, options: LedgerOptions) => {
  const { brokers, topic, group, tasks = 2, from, until, delivery, commitMs = 50, aheadMax } = options;
  const { heartbeatMs = 200, sessionTimeoutMs = 3_000, sasl } = options;
  const spout = kafkaSpout({
    brokers,
    topics: topic,
    group,
    ...(sasl === undefined ? {} : { sasl }),
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(delivery === undefined ? {} : { delivery }),
    ...(aheadMax === undefined ? {} : { aheadMax }),
    commitMs,
    heartbeatMs,
    sessionTimeoutMs,
    fields: Entry,
    map: ({ partition, offset, value }) => ({ partition, offset, value: value ?? "" }),
  });
  const entries = builder.setSpout("entries", spout, { parallelism: tasks });
  builder.setBolt("ledger", ledgerBolt(options), { parallelism: 2 }).shuffleGrouping(entries);
});
