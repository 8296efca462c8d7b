import { Prng } from "../../../src/base/prng.ts";
import { basicBolt, defineTopology, fields, spout } from "../../../src/index.ts";

export interface WordCountOptions {
  readonly seed: number;
  readonly lines: number;
  /** Tasks of spout, splitter and counter. */
  readonly parallelism: readonly [number, number, number];
}

const Sentence = fields("line:string");
const Word = fields("word:string");
const Count = fields("word:string", "count:int32");

const LETTERS = ["a", "b", "e", "é", "ß", "я", "語", "😀", "'", "z"];

/** Line `n` of a text that nobody wrote: few words are frequent, many are rare. */
export function lineOf(seed: number, n: number): string {
  const prng = new Prng(seed * 1_000_003 + n);
  const words = Array.from({ length: prng.below(12) }, () => {
    const rank = Math.floor(prng.nextFloat() ** 3 * 3_000);
    const letters = new Prng(rank);
    return Array.from({ length: 1 + letters.below(8) }, () => LETTERS[letters.below(LETTERS.length)]).join("");
  });
  return words.join(" ");
}

export const wordCount = defineTopology(import.meta.url, (builder, options: WordCountOptions) => {
  const [spouts, splitters, counters] = options.parallelism;
  const lines = builder.setSpout(
    "lines",
    spout({
      output: Sentence,
      create: (context, collector) => {
        let n = context.taskIndex;
        return {
          nextTuple() {
            if (n >= options.lines) return "exhausted";
            collector.emit([lineOf(options.seed, n)]);
            n += context.taskCount;
            return undefined;
          },
        };
      },
    }),
    { parallelism: spouts },
  );
  const split = basicBolt({
    input: Sentence,
    output: Word,
    execute(tuple, collector) {
      for (const word of tuple.line.split(" ")) if (word !== "") collector.emit([word]);
    },
  });
  const words = builder.setBolt("split", split, { parallelism: splitters }).localOrShuffleGrouping(lines);
  const count = basicBolt({
    input: Word,
    output: Count,
    create: () => {
      const counts = new Map<string, number>();
      return {
        execute: (tuple) => {
          counts.set(tuple.word, (counts.get(tuple.word) ?? 0) + 1);
        },
        onEnd: (collector) => {
          for (const entry of counts) collector.emit(entry);
        },
      };
    },
  });
  return {
    counts: builder.output(
      builder.setBolt("count", count, { parallelism: counters }).fieldsGrouping(words, ["word"]),
    ),
  };
});
