import { writeSync } from "node:fs";
import { basicBolt, defineTopology, fields, fromIterable, spout } from "../../../../src/index.ts";

const Numbers = fields("n:int32");

const double = basicBolt({
  input: Numbers,
  output: Numbers,
  execute: ({ n }, collector) => collector.emit([n * 2]),
});

const endlessNumbers = spout({
  output: Numbers,
  create: (_context, collector) => {
    let n = 0;
    return {
      nextTuple() {
        collector.emit([n]);
        n = (n + 1) % 1_000_000;
      },
    };
  },
});

/** Ends by itself. */
export const finite = defineTopology(import.meta.url, (builder, options: { upTo?: number }) => {
  const { upTo = 1_000 } = options;
  const numbers = builder.setSpout(
    "numbers",
    fromIterable(Numbers, function* () {
      for (let n = 0; n < upTo; n++) yield [n];
    }),
  );
  const doubled = builder.setBolt("double", double, { parallelism: "auto" }).shuffleGrouping(numbers);
  return { doubled: builder.output(doubled) };
});

/** Runs until it is interrupted. */
export const endless = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout("numbers", endlessNumbers);
  builder.setBolt("double", double, { parallelism: 2 }).shuffleGrouping(numbers);
});

/** Takes its first tuple, says so, and never gives it back. */
export const stuck = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout("numbers", endlessNumbers);
  const never = basicBolt({
    input: Numbers,
    execute() {
      writeSync(2, "stuck with a tuple\n");
      return new Promise<void>(() => {});
    },
  });
  builder.setBolt("never", never).shuffleGrouping(numbers);
});

/** Fails at its eighth tuple. */
export const failing = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout("numbers", endlessNumbers);
  const fails = basicBolt({
    input: Numbers,
    execute({ n }) {
      if (n === 7) throw new RangeError("seven is not wanted here");
    },
  });
  builder.setBolt("fails", fails).shuffleGrouping(numbers);
});

/** Cannot be opened. */
export const unprepared = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout("numbers", endlessNumbers);
  const fails = basicBolt({
    input: Numbers,
    prepare() {
      throw new RangeError("no such database");
    },
    execute: () => {},
  });
  builder.setBolt("fails", fails).shuffleGrouping(numbers);
});

/** Is refused: one of its sources is not declared. */
export const refused = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout("numbers", endlessNumbers);
  builder.setBolt("a", double).shuffleGrouping(numbers);
  builder.setBolt("b", double).shuffleGrouping("nowhere");
});
