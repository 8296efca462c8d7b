import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  fields,
  fromIterable,
  LocalCluster,
  type Tuple,
} from "stormcell";

const Line = fields("line:string");
const Word = fields("word:string");
const Count = fields("word:string", "count:int32");

class Split extends BasicBolt({ input: Line, output: Word }) {
  execute(tuple: Tuple<typeof Line>, collector: BasicCollector<typeof Word>): void {
    for (const word of tuple.line.split(" ")) collector.emit([word]);
  }
}

/** Emits the running count of every word it sees, as Storm's own example does. */
class RunningCount extends BasicBolt({ input: Word, output: Count }) {
  readonly #counts = new Map<string, number>();

  execute(tuple: Tuple<typeof Word>, collector: BasicCollector<typeof Count>): void {
    const count = (this.#counts.get(tuple.word) ?? 0) + 1;
    this.#counts.set(tuple.word, count);
    collector.emit([tuple.word, count]);
  }
}

export const runningWordCount = defineTopology(import.meta.url, (builder) => {
  const lines = builder.setSpout(
    "lines",
    fromIterable(Line, () => [["the quick brown fox"], ["jumps over the lazy dog"]]),
  );
  const words = builder.setBolt("split", Split, { parallelism: "auto" }).shuffleGrouping(lines);
  const counts = builder.setBolt("count", RunningCount, { parallelism: "auto" }).fieldsGrouping(words, ["word"]);
  return { counts: builder.output(counts) };
});

/** Resolves with the moment of the first result, on the `performance` clock of this process. */
export async function firstResultMs(): Promise<number> {
  await using cluster = new LocalCluster({ workers: 2 });
  const run = await cluster.submitTopology("running-word-count", runningWordCount, { options: undefined });
  let firstMs = Number.NaN;
  const highest = new Map<string, number>();
  for await (const { word, count } of run.outputs.counts) {
    if (highest.size === 0) firstMs = performance.now();
    highest.set(word, Math.max(count, highest.get(word) ?? 0));
  }
  await run.completed();
  if (highest.size !== 8 || highest.get("the") !== 2)
    throw new Error(`running word count: wrong counts ${[...highest]}`);
  return firstMs;
}
