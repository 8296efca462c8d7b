import { isMainThread } from "node:worker_threads";
import {
  basicBolt,
  defineTopology,
  direct,
  fields,
  fromIterable,
  type TopologyBuilder,
} from "../../../../src/index.ts";

const Word = fields("word:string");

const words = fromIterable(Word, () => [["a"]]);
const pass = basicBolt({
  input: Word,
  output: Word,
  execute(tuple, collector) {
    collector.emit([tuple.word]);
  },
});
const directed = basicBolt({ input: Word, output: { replies: direct(Word) }, execute() {} });

/** By the code that the mistake must be reported with. Programs may be plain JavaScript: ids and names as strings. */
export const MISTAKES: Readonly<Record<string, readonly ((builder: TopologyBuilder) => void)[]>> = {
  TOPOLOGY_DUPLICATE_ID: [
    (builder) => {
      builder.setSpout("words", words);
      builder.setBolt("words", pass).shuffleGrouping("words");
    },
  ],
  TOPOLOGY_ILLEGAL_ID: [
    (builder) => builder.setSpout("", words),
    (builder) => builder.setSpout("__words", words),
    (builder) => builder.setSpout("two words", words),
    (builder) => builder.setSpout(7 as unknown as string, words),
  ],
  TOPOLOGY_UNKNOWN_SOURCE: [
    (builder) => {
      builder.setSpout("words", words);
      builder.setBolt("pass", pass).shuffleGrouping("wrods");
    },
  ],
  TOPOLOGY_UNKNOWN_STREAM: [
    (builder) => {
      builder.setBolt("pass", pass).shuffleGrouping(builder.setSpout("words", words).stream("rare" as "default"));
    },
  ],
  TOPOLOGY_UNKNOWN_FIELD: [
    (builder) => {
      builder.setBolt("pass", pass).fieldsGrouping(builder.setSpout("words", words), ["wrod" as "word"]);
    },
  ],
  TOPOLOGY_NO_SPOUT: [
    (builder) => builder.setBolt("pass", pass).shuffleGrouping("pass", { feedback: true }),
    () => {},
  ],
  TOPOLOGY_NO_INPUTS: [
    (builder) => {
      builder.setSpout("words", words);
      builder.setBolt("pass", pass);
    },
  ],
  TOPOLOGY_UNDECLARED_CYCLE: [
    (builder) => {
      const source = builder.setSpout("words", words);
      builder.setBolt("one", pass).shuffleGrouping(source).shuffleGrouping("two");
      builder.setBolt("two", pass).shuffleGrouping("one");
    },
  ],
  TOPOLOGY_BAD_PARALLELISM: [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2" as unknown as number].map(
    (parallelism) => (builder: TopologyBuilder) => {
      builder.setSpout("words", words, { parallelism });
    },
  ),
  TOPOLOGY_DIRECT_MISMATCH: [
    (builder) => {
      builder.setSpout("words", words);
      builder.setBolt("pass", pass).directGrouping("words" as never);
    },
    (builder) => {
      const source = builder.setSpout("words", words);
      const replies = builder.setBolt("directed", directed).shuffleGrouping(source).stream("replies");
      builder.setBolt("pass", pass).shuffleGrouping(replies as never);
    },
  ],
  TOPOLOGY_BUILDER_FAILED: [
    () => {
      throw new TypeError("in the builder");
    },
  ],
  TOPOLOGY_DIFFERS: [(builder) => builder.setSpout("words", words, { parallelism: isMainThread ? 1 : 2 })],
};

export interface MistakeOptions {
  readonly code: string;
  readonly index: number;
}

export const mistaken = defineTopology(import.meta.url, (builder, { code, index }: MistakeOptions) => {
  MISTAKES[code]![index]!(builder);
});

const build = (builder: TopologyBuilder) => {
  builder.setBolt("pass", pass).shuffleGrouping(builder.setSpout("words", words));
};

export const sound = defineTopology(import.meta.url, build, { name: "sound" });
/** Its module names no file. */
export const nowhere = defineTopology(new URL("./no-such-module.js", import.meta.url).href, build);
/** Defined on the main thread only. */
export const mainOnly = isMainThread ? defineTopology(import.meta.url, build, { name: "main-only" }) : null;
