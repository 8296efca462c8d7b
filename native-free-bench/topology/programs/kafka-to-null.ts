import { BasicBolt, type BasicCollector, defineTopology, fields, LocalCluster, type Tuple } from "stormcell";
import { kafkaSpout } from "stormcell/connectors/kafka";
import type { Measurement } from "../../harness/benchmark.ts";
import { checkTopicSum, type FilledTopic } from "../../input/filled-topic.ts";

const Message = fields("bytes:bytes");
const Report = fields("messages:float64", "sum:float64", "seconds:float64");

interface NullOptions {
  readonly broker: string;
  readonly topic: string;
  readonly warmupMessages: number;
}

class NullBolt extends BasicBolt({ input: Message, output: Report }) {
  readonly #warmupMessages: number;
  #messages = 0;
  #sum = 0;
  #startMs = 0;

  constructor({ warmupMessages }: NullOptions) {
    super();
    this.#warmupMessages = warmupMessages;
  }

  execute({ bytes }: Tuple<typeof Message>): void {
    this.#sum += bytes[0]!;
    if (++this.#messages === this.#warmupMessages) this.#startMs = performance.now();
  }

  override onEnd(collector: BasicCollector<typeof Report>): void {
    collector.emit([this.#messages, this.#sum, (performance.now() - this.#startMs) / 1_000]);
  }
}

/** The time ends when the last message is acked: the bolt's input ends no sooner. */
export const kafkaToNull = defineTopology(import.meta.url, (builder, options: NullOptions) => {
  const spout = kafkaSpout({
    brokers: [options.broker],
    topics: options.topic,
    group: "ours",
    until: "end",
    fields: Message,
    value: "bytes",
    map: ({ value }) => (value === null ? null : { bytes: value }),
  });
  const messages = builder.setSpout("messages", spout);
  const sink = builder.setBolt("null", NullBolt, { create: () => new NullBolt(options) }).shuffleGrouping(messages);
  return { report: builder.output(sink) };
});

/** Reads the topic on one worker, every message tracked. */
export async function runKafkaToNull(filled: FilledTopic, warmupMessages: number): Promise<Measurement> {
  await using cluster = new LocalCluster({ workers: 1 });
  const { broker, topic } = filled;
  const options = { broker, topic, warmupMessages };
  const run = await cluster.submitTopology("kafka-to-null", kafkaToNull, { options });
  for await (const { messages, sum, seconds } of run.outputs.report) {
    await run.completed();
    checkTopicSum(filled, messages, sum);
    return { value: (messages - warmupMessages) / seconds, detail: { seconds } };
  }
  throw new Error("kafka to null: the bolt did not report");
}
