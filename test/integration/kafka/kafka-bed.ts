import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as waitMs } from "node:timers/promises";
import * as library from "@platformatic/kafka";
import { Admin, Consumer, type Message, Producer, stringDeserializers } from "@platformatic/kafka";
import { keepErrors } from "../../../src/connectors/kafka/kafka-client.ts";
import { type KafkaService, type KafkaServiceOptions, startKafka } from "../../services/kafka.ts";

/** A broker with what tests ask of it from outside: clients of their own, which know nothing of the connector. */
export class KafkaBed {
  readonly server: KafkaService;
  #topics = 0;

  private constructor(server: KafkaService) {
    this.server = server;
  }

  static async start(options: KafkaServiceOptions = {}): Promise<KafkaBed> {
    return new KafkaBed(await startKafka(options));
  }

  get brokers(): string[] {
    return [this.server.broker];
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** A topic of its own. */
  async topic(partitions: number, configs: Record<string, string> = {}, name?: string): Promise<string> {
    const topic = name ?? `t${process.pid}-${++this.#topics}`;
    const entries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    await this.#admin((admin) => admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: entries }));
    // A partition has no leader at first: what is sent then may be sent twice.
    await eventually(async () => (await this.ends(topic).catch(() => [])).length === partitions);
    return topic;
  }

  /** Messages whose values are "0", "1", ..., one after the other over the partitions. */
  async produce(topic: string, count: number, partitions: number, first = 0): Promise<void> {
    const producer = new Producer({ clientId: "outside", bootstrapBrokers: this.brokers });
    // A broker that begins again has partitions without a leader, on which this library throws past its callers.
    keepErrors(producer, library);
    try {
      for (let at = 0; at < count; at += 1_000) {
        const messages = Array.from({ length: Math.min(1_000, count - at) }, (_, n) => ({
          topic,
          partition: (first + at + n) % partitions,
          key: Buffer.from(`k${first + at + n}`),
          value: Buffer.from(String(first + at + n)),
        }));
        await producer.send({ messages, acks: -1 });
      }
    } finally {
      await producer.close();
    }
  }

  /** Sends whatever messages. */
  async send(messages: readonly Partial<Message>[]): Promise<void> {
    const producer = new Producer({ clientId: "outside", bootstrapBrokers: this.brokers });
    try {
      await producer.send({ messages: messages as never, acks: -1 });
    } finally {
      await producer.close();
    }
  }

  /** Sends values in transactions of one producer, one after the other, each ended so or so. */
  async transact(
    topic: string,
    transactions: readonly (readonly [values: readonly string[], end: "commit" | "abort"])[],
  ): Promise<void> {
    const producer = new Producer({
      clientId: "outside",
      bootstrapBrokers: this.brokers,
      idempotent: true,
      transactionalId: `outside-${topic}`,
      retryDelay: 100,
    });
    try {
      for (const [values, end] of transactions) {
        const transaction = await producer.beginTransaction();
        const messages = values.map((value) => ({ topic, partition: 0, value: Buffer.from(value) }));
        await transaction.send({ messages });
        await (end === "commit" ? transaction.commit() : transaction.abort());
      }
    } finally {
      await producer.close();
    }
  }

  /** What the group has committed, by partition; -1 for nothing. Asked by a consumer that does not join the group. */
  async committed(group: string, topic: string, partitionCount: number): Promise<number[]> {
    const partitions = Array.from({ length: partitionCount }, (_, n) => n);
    const consumer = this.#consumer(group);
    try {
      const offsets = await consumer.listCommittedOffsets({ topics: [{ topic, partitions }] });
      return partitions.map((n) => Number(offsets.get(topic)?.[n] ?? -1));
    } finally {
      await consumer.close(true);
    }
  }

  /** Where the log of each partition ends. */
  async ends(topic: string): Promise<number[]> {
    const consumer = this.#consumer();
    try {
      const offsets = await consumer.listOffsets({ topics: [topic] });
      return (offsets.get(topic) ?? []).map(Number);
    } finally {
      await consumer.close(true);
    }
  }

  /** The values of everything that is in the topic. */
  async read(topic: string): Promise<string[]> {
    const total = (await this.ends(topic)).reduce((sum, end) => sum + end, 0);
    const values: string[] = [];
    const consumer = this.#consumer();
    try {
      const stream = await consumer.consume({ topics: [topic], mode: "earliest", maxWaitTime: 100 });
      for await (const { value } of stream) {
        values.push(value);
        if (values.length === total) break;
      }
      return values;
    } finally {
      await consumer.close(true);
    }
  }

  #consumer(groupId = `outside-${process.pid}-${++this.#topics}`): Consumer<string, string, string, string> {
    const consumer = new Consumer({
      clientId: "outside",
      groupId,
      bootstrapBrokers: this.brokers,
      deserializers: stringDeserializers,
      retries: 10,
      retryDelay: 200,
    });
    keepErrors(consumer as never, library);
    return consumer;
  }

  async members(group: string): Promise<number> {
    const groups = await this.#admin((admin) => admin.describeGroups({ groups: [group] }));
    return groups.get(group)?.members.size ?? 0;
  }

  async deleteRecords(topic: string, partition: number, before: number): Promise<void> {
    const partitions = [{ partition, offset: BigInt(before) }];
    await this.#admin((admin) => admin.deleteRecords({ topics: [{ name: topic, partitions }] }));
  }

  /** One partition more, of which it then has so many, on the broker that there is. */
  async addPartition(topic: string, count: number): Promise<void> {
    const topics = [{ name: topic, count, assignments: [{ brokerIds: [1] }] }];
    await this.#admin((admin) => admin.createPartitions({ topics }));
    await eventually(async () => (await this.ends(topic).catch(() => [])).length === count);
  }

  /** Another topic of the same name. */
  async remakeTopic(topic: string, partitions: number): Promise<void> {
    await this.#admin((admin) => admin.deleteTopics({ topics: [topic] }));
    await this.topic(partitions, {}, topic);
  }

  async #admin<R>(ask: (admin: Admin) => Promise<R>): Promise<R> {
    const admin = new Admin({ clientId: "outside", bootstrapBrokers: this.brokers, retries: 10, retryDelay: 200 });
    try {
      return await ask(admin);
    } finally {
      await admin.close();
    }
  }
}

/** Waits until something holds that only time brings about; the test's own deadline bounds it. */
export async function eventually(holds: () => boolean | Promise<boolean>, everyMs = 50): Promise<void> {
  while (!(await holds())) await waitMs(everyMs);
}

/** What bolts have written of the messages that they were done with: `partition offset value`, a line each. */
export class DoneFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  lines(): string[] {
    const files = readdirSync(this.#folder).filter((file) => file.startsWith("done-"));
    return files.flatMap((file) => {
      const text = readFileSync(path.join(this.#folder, file), "utf8");
      // A line that is being written is no line yet.
      return text
        .slice(0, text.lastIndexOf("\n") + 1)
        .split("\n")
        .slice(0, -1);
    });
  }

  values(): Set<string> {
    return new Set(this.lines().map((line) => line.split(" ")[2]!));
  }

  /** Offsets that are done, by partition. */
  offsets(): Map<number, Set<number>> {
    const found = new Map<number, Set<number>>();
    for (const line of this.lines()) {
      const [partition, offset] = line.split(" ").map(Number) as [number, number];
      const known = found.get(partition) ?? new Set();
      found.set(partition, known.add(offset));
    }
    return found;
  }
}

/**
 * An outside look at the promise: offsets that were committed before the files were read must all be in the files,
 * since a bolt writes before it acks. Gives what was committed too early.
 */
export async function committedTooEarly(
  bed: KafkaBed,
  { group, topic, partitions }: { group: string; topic: string; partitions: number },
  files: DoneFiles,
): Promise<string[]> {
  const committed = await bed.committed(group, topic, partitions);
  const done = files.offsets();
  return committed.flatMap((end, partition) => {
    const missing = Array.from({ length: Math.max(0, end) }, (_, offset) => offset).filter(
      (offset) => !done.get(partition)?.has(offset),
    );
    return missing.slice(0, 3).map((offset) => `${topic}[${partition}]: ${offset} is not done, committed is ${end}`);
  });
}
