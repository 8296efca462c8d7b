// Compiled, never run. See component.types.ts.
import {
  basicBolt,
  type CustomGroupingContext,
  defineTopology,
  fields,
  fromIterable,
  RichBolt,
  richBolt,
  type Topology,
  type Tuple,
  type Values,
} from "../../src/index.ts";
import type { FeedersOf, OptionsSetting, OutputsOf } from "../../src/topology/topology-ports.ts";
import {
  type Count,
  Join,
  lines,
  NoDefault,
  Numbers,
  Order,
  Payment,
  SplitSentence,
  Word,
  WordCount,
} from "./component.types.ts";

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
const NoteSink = basicBolt({ input: fields("note:string"), execute() {} });
const CentsSink = basicBolt({ input: fields("cents:int32"), execute() {} });

class NeedsUrl extends RichBolt({ input: Word }) {
  readonly url: string;

  constructor(url: string) {
    super();
    this.url = url;
  }

  execute(tuple: Tuple<typeof Word>) {
    this.collector.ack(tuple);
  }
}

export const topology = defineTopology(import.meta.url, (builder, options: { files: string[]; url: string }) => {
  const sentences = builder.setSpout("lines", lines, { parallelism: "auto" });
  const words = builder.setBolt("split", SplitSentence, { parallelism: 2 }).shuffleGrouping(sentences);
  const counts = builder.setBolt("count", WordCount, { config: { tickMs: 5 } }).fieldsGrouping(words, ["word"]);
  const numbers = builder.setSpout("numbers", Numbers);

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

  // @ts-expect-error the stream has no such field to group by
  builder.setBolt("c1", WordCount).fieldsGrouping(words, ["wrd"]);
  // @ts-expect-error nor here
  builder.setBolt("c2", WordCount).partialKeyGrouping(words, ["count"]);
  // @ts-expect-error the stream lacks a field that this bolt reads
  builder.setBolt("c3", WordCount).shuffleGrouping(sentences);
  // @ts-expect-error
  builder.setBolt("c4", WordCount).fieldsGrouping(sentences, ["sentence"]);
  // @ts-expect-error
  builder.setBolt("c5", WordCount).partialKeyGrouping(sentences, ["sentence"]);
  // @ts-expect-error
  builder.setBolt("c6", WordCount).allGrouping(sentences);
  // @ts-expect-error
  builder.setBolt("c7", WordCount).globalGrouping(sentences);
  // @ts-expect-error
  builder.setBolt("c8", WordCount).noneGrouping(sentences);
  // @ts-expect-error
  builder.setBolt("c9", WordCount).localOrShuffleGrouping(sentences);
  // @ts-expect-error
  builder.setBolt("c10", WordCount).leastLoadedGrouping(sentences);
  // @ts-expect-error
  builder.setBolt("c11", WordCount).customGrouping(sentences, () => ({ chooseTasks: () => 0 }));
  // @ts-expect-error a direct stream takes direct groupings only
  builder.setBolt("c12", TextSink).shuffleGrouping(counts.stream("replies"));
  // @ts-expect-error a direct grouping needs a direct stream
  builder.setBolt("c13", WordCount).directGrouping(words);
  // @ts-expect-error the direct stream lacks the field
  builder.setBolt("c14", WordCount).directGrouping(counts.stream("replies"));
  // @ts-expect-error no such stream
  counts.stream("rarest");
  // @ts-expect-error a stream that may hold null into an input that may not
  builder.setBolt("c15", NoteSink).shuffleGrouping(orders);
  // @ts-expect-error a stream of another type
  builder.setBolt("c16", CentsSink).shuffleGrouping(payments);
  // @ts-expect-error there is no default stream to subscribe to
  builder.setBolt("c17", WordCount).shuffleGrouping(builder.setBolt("n", NoDefault).shuffleGrouping(words));
  // @ts-expect-error a custom grouping knows its stream's values
  builder.setBolt("c18", WordCount).customGrouping(words, () => ({ chooseTasks: ([word]) => word.nothing }));
  // @ts-expect-error and chooses tasks by number
  builder.setBolt("c19", WordCount).customGrouping(words, () => ({ chooseTasks: () => "first" }));

  const join = builder.setBolt("join2", Join, { create: () => new Join("") });
  // @ts-expect-error a bolt with several inputs has to be told which
  join.shuffleGrouping(orders);
  // @ts-expect-error there is no such input
  join.shuffleGrouping(orders, { as: "refunds" });
  // @ts-expect-error a payment is no order
  join.fieldsGrouping(payments, ["sku"], { as: "orders" });
  // @ts-expect-error a bolt with one input has none by name
  builder.setBolt("c20", WordCount).shuffleGrouping(words, { as: "default" });
  // @ts-expect-error a class whose constructor takes arguments needs create
  builder.setBolt("c21", NeedsUrl);
  // @ts-expect-error
  builder.setBolt("c22", NeedsUrl, { parallelism: 2 });
  // @ts-expect-error create makes another class's instance
  builder.setBolt("c23", NeedsUrl, { create: () => new WordCount() });
  // @ts-expect-error a class, not an instance
  builder.setBolt("c24", new WordCount());
  // @ts-expect-error an abstract class has no instances
  builder.setBolt("c25", RichBolt({ input: Word }));
  // @ts-expect-error a spout is no bolt
  builder.setBolt("c26", Numbers);
  // @ts-expect-error a bolt is no spout
  builder.setSpout("c27", WordCount);
  // @ts-expect-error a spout subscribes to nothing
  numbers.shuffleGrouping(words);
  // @ts-expect-error no such setting
  builder.setBolt("c28", WordCount, { paralelism: 2 });
  // @ts-expect-error no such option
  builder.setBolt("c29", WordCount, { config: { tickMillis: 2 } });
  // @ts-expect-error no such parallelism
  builder.setBolt("c30", WordCount, { parallelism: "max" });
  // @ts-expect-error an output reads a stream that is not direct
  builder.output(counts.stream("replies"));
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
