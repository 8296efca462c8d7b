import { type BasicCollector, basicBolt, defineTopology, fields, spout } from "../../../../src/index.ts";

export interface StoryOptions {
  readonly messages: number;
  readonly tickMs: number;
  readonly perSecond: number;
}

const N = fields("n:int32");
const Line = fields("task:int32", "atMs:float64", "count:int32");

/** As in the story: one counter for whichever tasks happen to live in one place. */
const shared = { count: 0 };

/** Four tasks write, each its own line with every tick, from a counter that they share by accident. */
export const story = defineTopology(import.meta.url, (builder, { messages, tickMs, perSecond }: StoryOptions) => {
  const numbers = spout({
    output: N,
    create: (_context, collector) => {
      let next = 0;
      return {
        nextTuple() {
          if (next === messages) return "exhausted";
          collector.emit([next], next);
          next++;
          return undefined;
        },
      };
    },
  });
  const source = builder.setSpout("from_kafka", numbers, { config: { maxRatePerSecond: perSecond } });
  const writer = basicBolt({
    input: N,
    output: Line,
    tickMs,
    create({ taskId }) {
      const writeLine = (collector: BasicCollector<typeof Line>) => {
        collector.emit([taskId, Date.now(), shared.count]);
        shared.count = 0;
      };
      return {
        execute: () => void shared.count++,
        onTick: writeLine,
        onEnd: writeLine,
      };
    },
  });
  const written = builder.setBolt("to_redis", writer, { parallelism: 4 }).shuffleGrouping(source);
  return { lines: builder.output(written) };
});
