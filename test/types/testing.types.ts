/** What the compiler lets pass and what it refuses where users test their topologies. */
import { BasicBolt, basicBolt, defineTopology, fields, fromIterable } from "../../src/index.ts";
import { simulate, verifyBolt } from "../../src/testing/index.ts";

const Word = fields("word:string");
const Count = fields("word:string", "count:int32");
const Order = fields("id:int32", "note:string?");

const count = basicBolt({ input: Word, output: { default: Count, rare: Word }, execute() {} });
const join = basicBolt({ input: { orders: Order, words: Word }, execute() {} });
class Enrich extends BasicBolt({ input: Word, output: Word }) {
  constructor(readonly url: string) {
    super();
  }

  execute(): void {}
}

const topology = defineTopology(import.meta.url, (builder, options: { readonly limit: number }) => {
  const words = builder.setFeeder("words", Word);
  const lines = builder.setSpout(
    "lines",
    fromIterable(Word, () => [[`${options.limit}`]]),
  );
  return { words, lines: builder.output(lines) };
});

export async function simulations(): Promise<void> {
  const simulation = simulate(topology, { options: { limit: 1 }, seed: 2, config: { batchRowsMax: 4 } });
  await simulation.feeders.words.emit(["a"]);
  for await (const { word } of simulation.outputs.lines) word satisfies string;
  const rows: { readonly word: string; readonly count: number }[] = simulation.emittedBy("count", Count);
  rows satisfies readonly { readonly count: number }[];
  simulation.executedBy("count", Order)[0]?.note satisfies string | null | undefined;
  simulation.emittedBy("count", "rare") satisfies unknown[][];
  // @ts-expect-error the topology needs its options
  simulate(topology);
  // @ts-expect-error an option of another type
  simulate(topology, { options: { limit: "1" } });
  // @ts-expect-error there is no such option of the engine
  simulate(topology, { options: { limit: 1 }, config: { batchRowMax: 4 } });
  // @ts-expect-error there is no such output
  simulation.outputs.counts;
  // @ts-expect-error a feeder takes its own fields
  await simulation.feeders.words.emit([1]);
  // @ts-expect-error the fields have no such name
  simulation.emittedBy("count", Count)[0]?.counts;
}

export async function verifications(): Promise<void> {
  await verifyBolt(count, { input: [["a"]], output: [["a", 1]], order: "any" });
  await verifyBolt(count, { input: [["a"]], output: { default: [["a", 1]], rare: [] } });
  await verifyBolt(join, { input: { orders: [[1, null]], words: [["a"]] } });
  await verifyBolt(Enrich, { create: () => new Enrich("url"), input: [["a"]], output: [["a"]] });
  // @ts-expect-error a value of another type
  await verifyBolt(count, { input: [[1]] });
  // @ts-expect-error too few values
  await verifyBolt(count, { input: [["a"]], output: [["a"]] });
  // @ts-expect-error there is no such stream
  await verifyBolt(count, { input: [["a"]], output: { rares: [] } });
  // @ts-expect-error a bolt with several inputs needs them by name
  await verifyBolt(join, { input: [["a"]] });
  // @ts-expect-error the constructor takes an argument, so create is needed
  await verifyBolt(Enrich, { input: [["a"]] });
  // @ts-expect-error the input is missing
  await verifyBolt(count, {});
}
