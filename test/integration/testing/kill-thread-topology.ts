import { basicBolt, defineTopology, fields, spout } from "../../../src/index.ts";

const N = fields("n:int32");

const numbers = spout({
  output: N,
  create: (_context, collector) => {
    let n = 0;
    return {
      nextTuple: () => collector.emit([n], n++),
    };
  },
});

/** Tracked numbers without an end, from one worker to the other. */
export const endless = defineTopology(import.meta.url, (builder) => {
  const source = builder.setSpout("numbers", numbers, { config: { maxRatePerSecond: 1_000 } });
  builder.setBolt("take", basicBolt({ input: N, execute() {} }), { parallelism: 2 }).shuffleGrouping(source);
});
