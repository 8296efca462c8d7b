import { basicBolt, defineTopology, fields, fromIterable, LocalCluster } from "stormcell";

const Word = fields("word:string");
const Count = fields("word:string", "count:int32");

const countWords = basicBolt({
  input: Word,
  output: Count,
  create() {
    const counts = new Map<string, number>();
    return {
      execute({ word }, collector) {
        const count = (counts.get(word) ?? 0) + 1;
        counts.set(word, count);
        collector.emit([word, count]);
      },
    };
  },
});

const wordCount = defineTopology(import.meta.url, (builder) => {
  const words = builder.setSpout(
    "words",
    fromIterable(Word, () => [["to"], ["be"], ["or"], ["not"], ["to"], ["be"]]),
  );
  const counts = builder.setBolt("count", countWords, { parallelism: "auto" }).fieldsGrouping(words, ["word"]);
  return { counts: builder.output(counts) };
});

await using cluster = new LocalCluster();
const run = await cluster.submitTopology("word-count", wordCount);
for await (const { word, count } of run.outputs.counts) console.log(word, count);
