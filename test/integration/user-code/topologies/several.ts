/** Small topologies for clusters that run several of them. */
import { basicBolt, defineTopology, fields, fromIterable } from "../../../../src/index.ts";

const N = fields("n:int32");

/** Sums what it is fed; 13 makes it fail. */
export const summing = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setFeeder("numbers", N);
  const sum = basicBolt({
    input: N,
    output: N,
    create: () => {
      let total = 0;
      return {
        execute({ n }, collector) {
          if (n === 13) throw new Error("planted");
          total += n;
          collector.emit([total]);
        },
      };
    },
  });
  return { numbers, totals: builder.output(builder.setBolt("sum", sum).globalGrouping(numbers)) };
});

/** Ends by itself. */
export const finite = defineTopology(import.meta.url, (builder, options: { limit: number }) => {
  const numbers = builder.setSpout(
    "numbers",
    fromIterable(N, function* () {
      for (let n = 0; n < options.limit; n++) yield [n];
    }),
  );
  builder.setBolt("drop", basicBolt({ input: N, execute() {} }), { parallelism: 2 }).shuffleGrouping(numbers);
});
