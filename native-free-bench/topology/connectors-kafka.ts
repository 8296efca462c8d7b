import { kafkaMissing } from "../../test/services/kafka.ts";
import { benchmark } from "../harness/benchmark.ts";

interface Sizes {
  readonly messages: number;
  readonly warmupMessages: number;
  readonly messageBytes: number;
  readonly partitions: number;
  readonly [name: string]: number;
}

async function skipReason(): Promise<string | null> {
  return kafkaMissing() || null;
}

/**
 * What a topology costs on top of the client that it reads with. A side's process has a broker of its own, which it
 * fills first; one thread reads, beside the broker's.
 *
 *     broker --> [messages: kafkaSpout] --> [null: bolt]        ours: tracked, acked, committed
 *     broker --> a loop over the client's own stream            reference
 *     broker --> a loop of requests by hand, nothing committed  reference
 */
export const connectorKafkaSpout = benchmark<Sizes, "ours" | "loop" | "fetches">({
  name: "connectors-kafka-spout",
  question: "How fast does a Kafka spout read, beside a bare loop on the same client?",
  unit: "messages/s",
  coresNeeded: 2,
  sideTimeoutMs: 120_000,
  sideSeconds: ({ messages }) => 6 + messages / 100_000,
  params: {
    smoke: { messages: 5_000, warmupMessages: 1_000, messageBytes: 100, partitions: 4 },
    full: { messages: 1_000_000, warmupMessages: 200_000, messageBytes: 100, partitions: 4 },
  },
  sides: {
    ours: {
      title: "Kafka spout to null bolt, at least once",
      skipReason,
      async run({ warmupMessages, ...size }) {
        const { filledTopic } = await import("../input/filled-topic.ts");
        const { runKafkaToNull } = await import("./programs/kafka-to-null.ts");
        return runKafkaToNull(await filledTopic(size), warmupMessages);
      },
    },
    loop: {
      whose: "reference",
      title: "a loop over the client's stream",
      skipReason,
      async run({ warmupMessages, ...size }) {
        const { filledTopic } = await import("../input/filled-topic.ts");
        const { runKafkaLoop } = await import("../reference/kafka-loop.ts");
        return runKafkaLoop(await filledTopic(size), warmupMessages);
      },
    },
    fetches: {
      whose: "reference",
      title: "a loop of fetch requests by hand, nothing committed",
      skipReason,
      async run({ warmupMessages, ...size }) {
        const { filledTopic } = await import("../input/filled-topic.ts");
        const { runKafkaFetches } = await import("../reference/kafka-loop.ts");
        return runKafkaFetches(await filledTopic(size), warmupMessages);
      },
    },
  },
  bars: [
    { kind: "ratio", of: "ours", over: "loop", limit: { atLeast: 0.8 } },
    { kind: "ratio", of: "ours", over: "fetches", limit: { atLeast: 0.8 } },
  ],
});
