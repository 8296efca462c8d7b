import { Consumer } from "@platformatic/kafka";
import type { Measurement } from "../harness/benchmark.ts";
import { checkTopicSum, type FilledTopic } from "../input/filled-topic.ts";

/** What one writes by hand on the same client: a stream of messages, its offsets committed now and then by itself. */
export async function runKafkaLoop(filled: FilledTopic, warmupMessages: number): Promise<Measurement> {
  const { broker, topic } = filled;
  const consumer = new Consumer({ clientId: "bench", groupId: "bench", bootstrapBrokers: [broker] });
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
