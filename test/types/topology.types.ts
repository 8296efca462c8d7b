// Compiled, never run. See component.types.ts.
import {
  basicBolt,
  type CustomGroupingContext,
  defineTopology,
  fields,
  fromIterable,
  richBolt,
  type Topology,
  type Values,
} from "../../src/index.ts";
import type { FeedersOf, OptionsSetting, OutputsOf } from "../../src/topology/topology-ports.ts";
import { type Count, Join, lines, Order, Payment, SplitSentence, Word, WordCount } from "./component.types.ts";

/** The parts of a cluster's face that carry types. */
declare function submit<Opt, P>(
  name: string,
  topology: Topology<Opt, P>,
  settings: OptionsSetting<Opt> & { readonly signal?: AbortSignal },
): Promise<{ readonly outputs: OutputsOf<P>; readonly feeders: FeedersOf<P> }>;

const Loud = fields("word:string", "count:float64");
const NullableWord = fields("word:string?");
const Anything = fields("word");

const TextSink = basicBolt({ input: fields("text:string"), execute() {} });

export const topology = defineTopology(import.meta.url, (builder, options: { files: string[]; url: string }) => {
  const sentences = builder.setSpout("lines", lines, { parallelism: "auto" });
  const words = builder.setBolt("split", SplitSentence, { parallelism: 2 }).shuffleGrouping(sentences);
  const counts = builder.setBolt("count", WordCount, { config: { tickMs: 5 } }).fieldsGrouping(words, ["word"]);

  // Every grouping takes a handle, a handle's stream, or an id.
  builder
    .setBolt("every", WordCount)
    .shuffleGrouping(words)
    .fieldsGrouping(counts, ["word", "count"])
    .partialKeyGrouping(counts, ["word"])
    .allGrouping(counts.stream("rare"))
    .globalGrouping("split")
    .noneGrouping(words)
    .localOrShuffleGrouping(words)
    .leastLoadedGrouping(words)
    .customGrouping(counts, (context: CustomGroupingContext) => ({
      chooseTasks: ([word, count]) => (word.length + count) % context.targetTasks.length,
    }))
    .fieldsGrouping("split", ["word"]);
  builder.setBolt("direct", TextSink).directGrouping(counts.stream("replies"));
  builder.setBolt("loop", WordCount).shuffleGrouping(words).shuffleGrouping("loop", { feedback: true });

  // Inputs may be wider than the stream.
  builder.setBolt("nullable", basicBolt({ input: NullableWord, execute() {} })).shuffleGrouping(words);
  builder.setBolt("anything", basicBolt({ input: Anything, execute() {} })).shuffleGrouping(words);
  builder.setBolt("float", basicBolt({ input: Loud, execute() {} })).shuffleGrouping(counts);

  // Several inputs.
  const orders = builder.setFeeder("orders", Order);
  const payments = builder.setFeeder("payments", Payment);
  const joined = builder
    .setBolt("join", Join, { create: () => new Join(options.url) })
    .fieldsGrouping(orders, ["sku"], { as: "orders" })
    .fieldsGrouping(payments, ["sku"], { as: "payments" })
    .allGrouping("orders", { as: "orders", feedback: false });

  // @ts-expect-error no such option of the topology
  void options.file;
  return {
    orders,
    payments,
    counts: builder.output(counts),
    rare: builder.output(counts.stream("rare")),
    joined: builder.output(joined),
  };
});

export async function use(): Promise<void> {
  const run = await submit("word-count", topology, { options: { files: ["moby.txt"], url: "x" } });
  for await (const tuple of run.outputs.counts) {
    tuple.count.toFixed();
    tuple.word.toUpperCase();
    tuple.$.sourceTask.toFixed();
    // @ts-expect-error no such field
    tuple.sku;
  }
  for await (const tuple of run.outputs.rare) {
    // @ts-expect-error another stream's field
    tuple.count;
  }
  const { latencyMs } = await run.feeders.orders.process(["a", 1, null, undefined]);
  const taken: boolean = run.feeders.payments.tryEmit(["a", 5n]);
  run.feeders.orders.end();
  // @ts-expect-error wrong value for a feeder
  await run.feeders.orders.emit(["a", "b", null, undefined]);
  // @ts-expect-error int64 is a bigint
  await run.feeders.payments.emit(["a", 5]);
  // @ts-expect-error a feeder is not an output
  run.outputs.orders;
  // @ts-expect-error an output is not a feeder
  run.feeders.counts;
  // @ts-expect-error missing option
  submit("x", topology, { options: { files: [] } });
  // @ts-expect-error wrong option
  submit("x", topology, { options: { files: "moby.txt", url: "x" } });
  // @ts-expect-error unknown option
  submit("x", topology, { options: { files: [], url: "x", speed: 3 } });
  // @ts-expect-error no options at all
  submit("x", topology, {});
  void [latencyMs, taken];
}

const plain = defineTopology(import.meta.url, (builder) => {
  builder.setBolt("sink", richBolt({ input: Word, execute() {} })).shuffleGrouping(
    builder.setSpout(
      "words",
      fromIterable(Word, () => [["a"]]),
    ),
  );
});

export const withoutOptions = () => submit("plain", plain, {});
export const withEmptyOptions = () => submit("plain", plain, { options: {} });

// @ts-expect-error a builder function is not async
export const asyncBuilder = () => defineTopology(import.meta.url, async (builder) => void builder);
export const illegalPort = () =>
  // @ts-expect-error a handle is no port
  defineTopology(import.meta.url, (builder) => ({ words: builder.setSpout("words", lines) }));

export const order: Values<typeof Order> = ["a", 1, null, { any: "thing" }];
// @ts-expect-error wrong types
export const swapped: Values<typeof Count> = [1, "a"];
