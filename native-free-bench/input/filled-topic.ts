import { Admin, Producer } from "@platformatic/kafka";
import { startKafka } from "../../test/services/kafka.ts";
import type { Service } from "../../test/services/service.ts";

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

/** Starts a broker with a filled topic, hands it to `use`, and ends it whatever becomes of that. */
export async function withFilledTopic<R>(size: TopicSize, use: (filled: FilledTopic) => Promise<R>): Promise<R> {
  const server: Service & { readonly broker: string } = await startKafka();
  try {
    return await use(await fill(server.broker, size));
  } finally {
    await server.stop();
  }
}

async function fill(broker: string, size: TopicSize): Promise<FilledTopic> {
  const client = { clientId: "bench", bootstrapBrokers: [broker] };
  const admin = new Admin(client);
  await admin.createTopics({ topics: [TOPIC], partitions: size.partitions, replicas: 1 });
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

/** A wrong answer is no throughput. */
export function checkTopicSum(filled: FilledTopic, messages: number, sum: number): void {
  if (messages === filled.messages && sum === filled.sum) return;
  throw new Error(`read ${messages} messages with the sum ${sum}; there are ${filled.messages} with ${filled.sum}`);
}
