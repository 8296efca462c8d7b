import { kafkaBolt, kafkaSpout } from "../../../../src/connectors/kafka/index.ts";
import { defineTopology, fields, fromIterable, replaying } from "../../../../src/index.ts";

const Order = fields("id:string", "qty:int32", "key:string?", "tenant:string?", "at:float64", "bytes:bytes?");

export interface MessagesOptions {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly messageBytesMax?: number;
}

/** JSON with headers to rows; what cannot be read to a stream of its own. */
export const orders = defineTopology(import.meta.url, (builder, options: MessagesOptions) => {
  const { brokers, topic, group, messageBytesMax = 1_000 } = options;
  const spout = kafkaSpout({
    brokers,
    topics: topic,
    group,
    until: "end",
    messageBytesMax,
    badMessages: "bad",
    fields: Order,
    value: "json",
    map: (message) => {
      const value = message.value as { id: string; qty: number; leftOut?: boolean } | null;
      if (value === null || value.leftOut === true) return null;
      const { id, qty } = value;
      const bytes = message.headers.get("bytes") ?? null;
      return { id, qty, key: message.key, tenant: message.header("tenant"), at: message.timestampMs, bytes };
    },
  });
  const all = builder.setSpout("orders", spout);
  return { orders: builder.output(all.stream("default")), bad: builder.output(all.stream("bad")) };
});

const Written = fields("n:int32", "to:string", "pad:string");

export interface WriterOptions {
  readonly brokers: readonly string[];
  readonly topics: readonly string[];
  readonly count: number;
  readonly tooLong?: number;
}

/** Rows to topics, the topic and the key by the row. */
export const writer = defineTopology(import.meta.url, (builder, options: WriterOptions) => {
  const { brokers, topics, count, tooLong } = options;
  const source = fromIterable(Written, () =>
    Array.from({ length: count }, (_, n): [number, string, string] => [
      n,
      topics[n % topics.length]!,
      n === tooLong ? "x".repeat(5_000) : "",
    ]),
  );
  const rows = builder.setSpout("rows", replaying(source, { id: (row) => row.n, retries: 2, deadLetter: "dead" }));
  const bolt = kafkaBolt({
    brokers,
    input: Written,
    topic: (row) => row.to,
    checkTopics: topics,
    key: (row) => `k${row.n % 10}`,
    headers: (row) => ({ n: String(row.n) }),
    timestampMs: (row) => 1_000 + row.n,
    batchRows: 100,
  });
  builder.setBolt("write", bolt, { parallelism: 2 }).shuffleGrouping(rows.stream("default"));
  return { dead: builder.output(rows.stream("dead")) };
});
