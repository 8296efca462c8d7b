// Compiled, never run. See component.types.ts.
import { basicBolt, fields, RichBolt, type TopologyBuilder, type Tuple } from "../../src/index.ts";
import {
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

function declareSources(builder: TopologyBuilder) {
  const sentences = builder.setSpout("lines", lines);
  const words = builder.setBolt("split", SplitSentence).shuffleGrouping(sentences);
  const counts = builder.setBolt("count", WordCount).fieldsGrouping(words, ["word"]);
  const orders = builder.setFeeder("orders", Order);
  const payments = builder.setFeeder("payments", Payment);
  return { sentences, words, counts, orders, payments };
}

export function fieldsThatAreNotThere(builder: TopologyBuilder): void {
  const { sentences, words } = declareSources(builder);
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
}

export function streamsThatDoNotFit(builder: TopologyBuilder): void {
  const { words, counts, orders, payments } = declareSources(builder);
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
}

export function inputsByName(builder: TopologyBuilder): void {
  const { words, orders, payments } = declareSources(builder);
  const join = builder.setBolt("join2", Join, { create: () => new Join("") });
  // @ts-expect-error a bolt with several inputs has to be told which
  join.shuffleGrouping(orders);
  // @ts-expect-error there is no such input
  join.shuffleGrouping(orders, { as: "refunds" });
  // @ts-expect-error a payment is no order
  join.fieldsGrouping(payments, ["sku"], { as: "orders" });
  // @ts-expect-error a bolt with one input has none by name
  builder.setBolt("c20", WordCount).shuffleGrouping(words, { as: "default" });
}

export function settingsAndComponents(builder: TopologyBuilder): void {
  const { words, counts } = declareSources(builder);
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
  builder.setSpout("numbers", Numbers).shuffleGrouping(words);
  // @ts-expect-error no such setting
  builder.setBolt("c28", WordCount, { paralelism: 2 });
  // @ts-expect-error no such option
  builder.setBolt("c29", WordCount, { config: { tickMillis: 2 } });
  // @ts-expect-error no such parallelism
  builder.setBolt("c30", WordCount, { parallelism: "max" });
  // @ts-expect-error an output reads a stream that is not direct
  builder.output(counts.stream("replies"));
}
