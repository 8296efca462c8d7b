import type * as Kafka from "@platformatic/kafka";
import type { AnyTuple } from "../../tuple/tuple.ts";
import type { OutgoingMessage } from "./kafka-bolt-options.ts";

/** A tuple, and the message that it becomes. */
export interface Outgoing {
  readonly tuple: AnyTuple;
  readonly message: OutgoingMessage;
}

/** What of a batch goes to one partition: a broker takes or refuses it as a whole. */
export class Part {
  readonly topic: string;
  readonly partition: number;
  readonly rows: readonly Outgoing[];

  constructor(topic: string, partition: number, rows: readonly Outgoing[]) {
    this.topic = topic;
    this.partition = partition;
    this.rows = rows;
  }

  /** As the library takes them. */
  get messages(): Kafka.MessageToProduce[] {
    const { topic, partition } = this;
    return this.rows.map(({ message: { key, value, headers, timestamp } }) => ({
      topic,
      partition,
      ...(key === null ? {} : { key }),
      ...(value === null ? {} : { value }),
      ...(headers === null ? {} : { headers: headers as Map<Buffer, Buffer> }),
      ...(timestamp === null ? {} : { timestamp }),
    }));
  }

  halves(): [Part, Part] {
    const { topic, partition, rows } = this;
    const half = rows.length >> 1;
    return [new Part(topic, partition, rows.slice(0, half)), new Part(topic, partition, rows.slice(half))];
  }
}

/** The rows of a batch by partition, in their order. @throws Error for a topic that does not exist */
export function partsOf(
  batch: readonly Outgoing[],
  metadata: Kafka.ClusterMetadata,
  partitionOf: (key: Buffer | null) => number,
): readonly Part[] {
  const rows = new Map<string, Outgoing[]>();
  for (const outgoing of batch) {
    const { topic, key, partition } = outgoing.message;
    const count = metadata.topics.get(topic)?.partitionsCount ?? 0;
    if (count === 0) throw new Error(`Unknown topic ${topic}.`);
    const chosen = (partition ?? partitionOf(key)) % count;
    const name = `${topic}:${chosen}`;
    const known = rows.get(name);
    if (known === undefined) rows.set(name, [outgoing]);
    else known.push(outgoing);
  }
  return [...rows].map(([name, list]) => {
    const colon = name.lastIndexOf(":");
    return new Part(name.slice(0, colon), Number(name.slice(colon + 1)), list);
  });
}
