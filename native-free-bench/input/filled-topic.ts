import { setTimeout as waitMs } from "node:timers/promises";
import { Admin, Producer } from "@platformatic/kafka";
import { startKafka } from "../../test/services/kafka.ts";

export interface TopicSize {
  readonly messages: number;
  readonly messageBytes: number;
  readonly partitions: number;
}

/** A topic of a broker of its own, filled before anything is measured. */
export interface FilledTopic extends TopicSize {
  readonly broker: string;
  readonly topic: string;
  /** Of the first bytes of all messages. */
  readonly sum: number;
}

const BATCH = 2_000;
const TOPIC = "messages";
const LED_MS = 10_000;

/**
 * A filled topic on a broker of this process, which ends with it. Sides that share a process, as those of smoke sizes
 * do, share the topic.
 */
export function filledTopic(size: TopicSize): Promise<FilledTopic> {
  filled ??= startKafka().then(({ broker }) => fill(broker, size));
  return filled;
}

let filled: Promise<FilledTopic> | null = null;

async function fill(broker: string, size: TopicSize): Promise<FilledTopic> {
  const client = { clientId: "bench", bootstrapBrokers: [broker], retries: 10, retryDelay: 200 };
  const admin = new Admin(client);
  await admin.createTopics({ topics: [TOPIC], partitions: size.partitions, replicas: 1 });
  await untilLed(admin, size.partitions);
  await admin.close();
  const producer = new Producer(client);
  let sum = 0;
  for (let at = 0; at < size.messages; at += BATCH) {
    const count = Math.min(BATCH, size.messages - at);
    const partition = (at / BATCH) % size.partitions;
    const messages = Array.from({ length: count }, (_, n) => {
      const value = Buffer.alloc(size.messageBytes, (at + n) % 251);
      sum += value[0]!;
      return { topic: TOPIC, partition, value };
    });
    await producer.send({ messages, acks: -1 });
  }
  await producer.close();
  return { ...size, broker, topic: TOPIC, sum };
}

/** A partition has no leader at first, and the library throws past its callers for one without. */
async function untilLed(admin: Admin, partitions: number): Promise<void> {
  const endMs = performance.now() + LED_MS;
  for (;;) {
    const metadata = await admin.metadata({ topics: [TOPIC], forceUpdate: true }).catch(() => null);
    const found = metadata?.topics.get(TOPIC)?.partitions ?? [];
    if (found.length === partitions && found.every(({ leader }) => leader >= 0)) return;
    if (performance.now() > endMs) throw new Error(`the topic has no leaders within ${LED_MS} ms`);
    await waitMs(20);
  }
}

/** A wrong answer is no throughput. */
export function checkTopicSum(filled: FilledTopic, messages: number, sum: number): void {
  if (messages === filled.messages && sum === filled.sum) return;
  throw new Error(`read ${messages} messages with the sum ${sum}; there are ${filled.messages} with ${filled.sum}`);
}
