import { basicBolt, defineTopology, fields, spout } from "../../../../src/index.ts";

const Value = fields("value:int32");

/** A healthy neighbour: an endless spout, and an output that shows that it is alive. */
export const counting = defineTopology(import.meta.url, (builder) => {
  const numbers = builder.setSpout(
    "numbers",
    spout({
      output: Value,
      create: (_context, collector) => {
        let next = 0;
        return {
          nextTuple() {
            collector.emit([next++ | 0]);
            return undefined;
          },
        };
      },
    }),
  );
  const pass = builder
    .setBolt(
      "pass",
      basicBolt({
        input: Value,
        output: Value,
        execute(tuple, collector) {
          collector.emit([tuple.value]);
        },
      }),
    )
    .shuffleGrouping(numbers);
  return { values: builder.output(pass) };
});
