import { basicBolt, defineTopology, fields, spout } from "../../../src/index.ts";

const Text = fields("text:string");
const Order = fields("bigBefore:int32", "total:int32");

function texts(tuples: number, length: number) {
  return spout({
    output: Text,
    create: (_context, collector) => {
      let n = 0;
      return {
        nextTuple() {
          if (n++ === tuples) return "exhausted";
          collector.emit(["x".repeat(length)]);
          return undefined;
        },
      };
    },
  });
}

/** Short tuples and long ones from one worker to a slow bolt on another: "idle" only makes the plan so. */
export const fairRing = defineTopology(import.meta.url, (builder, options: { short: number; long: number }) => {
  const short = builder.setSpout("short", texts(options.short, 100));
  builder.setSpout("idle", texts(0, 0));
  const long = builder.setSpout("long", texts(options.long, 700));
  const slow = basicBolt({
    input: Text,
    output: Order,
    create: () => {
      let total = 0;
      let long = 0;
      let longAtHalf = 0;
      return {
        execute(tuple) {
          total++;
          if (tuple.text.length === 700) long++;
          if (total === (options.short + options.long) / 2) longAtHalf = long;
          const until = performance.now() + 0.3;
          while (performance.now() < until) {}
        },
        onEnd: (collector) => collector.emit([longAtHalf, total]),
      };
    },
  });
  return { order: builder.output(builder.setBolt("slow", slow).shuffleGrouping(short).shuffleGrouping(long)) };
});
