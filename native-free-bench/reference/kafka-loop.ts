import { Consumer } from "@platformatic/kafka";
import type { Measurement } from "../harness/benchmark.ts";
import { checkTopicSum, type FilledTopic } from "../input/filled-topic.ts";

/** What one writes by hand on the same client: a stream of messages, its offsets committed now and then by itself. */
export async function runKafkaLoop(filled: FilledTopic, warmupMessages: number): Promise<Measurement> {
  const { broker, topic } = filled;
  const consumer = new Consumer({ clientId: "bench", groupId: "loop", bootstrapBrokers: [broker] });
  const stream = await consumer.consume({ topics: [topic], mode: "earliest", autocommit: 1_000, maxWaitTime: 250 });
  let messages = 0;
  let sum = 0;
  let startMs = 0;
  const seconds = await new Promise<number>((resolve, reject) => {
    stream.once("error", reject);
    stream.on("data", ({ value }: { value: Buffer }) => {
      sum += value[0]!;
      if (++messages === warmupMessages) startMs = performance.now();
      if (messages === filled.messages) resolve((performance.now() - startMs) / 1_000);
    });
  });
  await consumer.close(true);
  checkTopicSum(filled, messages, sum);
  return { value: (messages - warmupMessages) / seconds, detail: { seconds } };
}

/** Of one partition in one request. */
const FETCH_BYTES = 1024 * 1024;
const READ_COMMITTED = 1;

/** The least that a program does on this client: requests by hand to the one broker, one after the other. */
export async function runKafkaFetches(filled: FilledTopic, warmupMessages: number): Promise<Measurement> {
  const { broker, topic } = filled;
  const consumer = new Consumer({ clientId: "bench", groupId: "bench", bootstrapBrokers: [broker] });
  const metadata = await consumer.metadata({ topics: [topic] });
  const { id: topicId, partitions } = metadata.topics.get(topic)!;
  const nextOffsets = partitions.map(() => 0n);
  let messages = 0;
  let sum = 0;
  let startMs = 0;
  while (messages < filled.messages) {
    const asked = nextOffsets.map((fetchOffset, partition) => ({
      topicId,
      partitions: [
        { partition, currentLeaderEpoch: -1, fetchOffset, lastFetchedEpoch: -1, partitionMaxBytes: FETCH_BYTES },
      ],
    }));
    const { responses } = await consumer.fetch({
      node: partitions[0]!.leader,
      topics: asked,
      minBytes: 1,
      maxWaitTime: 250,
      isolationLevel: READ_COMMITTED,
    });
    for (const { partitionIndex, records = [] } of responses.flatMap((response) => response.partitions)) {
      for (const batch of records) {
        for (const { value, offsetDelta } of batch.records) {
          // A batch may begin before the offset that was asked for.
          if (batch.firstOffset + BigInt(offsetDelta) < nextOffsets[partitionIndex]!) continue;
          sum += value![0]!;
          if (++messages === warmupMessages) startMs = performance.now();
        }
        const end = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
        if (end > nextOffsets[partitionIndex]!) nextOffsets[partitionIndex] = end;
      }
    }
  }
  const seconds = (performance.now() - startMs) / 1_000;
  await consumer.close(true);
  checkTopicSum(filled, messages, sum);
  return { value: (messages - warmupMessages) / seconds, detail: { seconds } };
}
