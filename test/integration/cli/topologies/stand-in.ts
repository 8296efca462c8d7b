import { basicBolt, defineTopology, fields, fromIterable, type Topology } from "../../../../src/index.ts";

const Line = fields("line:string");
const Word = fields("word:string");
const Count = fields("word:string", "count:int32");

const split = basicBolt({
  input: Line,
  output: Word,
  execute({ line }, collector) {
    for (const word of line.split(" ")) collector.emit([word]);
  },
});

const count = basicBolt({ input: Word, output: Count, execute: ({ word }, collector) => collector.emit([word, 1]) });

/** Word count, to be planned and not to be run. */
export function topologyWith(parallelismDefault: number | "auto"): Topology<{ parallelism?: number }, unknown> {
  return defineTopology(import.meta.url, (builder, options: { parallelism?: number }) => {
    const { parallelism = parallelismDefault } = options;
    const lines = builder.setSpout(
      "lines",
      fromIterable(Line, () => [["a b c"]]),
      { parallelism },
    );
    const words = builder.setBolt("split", split, { parallelism }).localOrShuffleGrouping(lines);
    const counts = builder.setBolt("count", count, { parallelism }).fieldsGrouping(words, ["word"]);
    return { counts: builder.output(counts) };
  });
}
