import { basicBolt, defineTopology, fields, spout } from "../../../../src/index.ts";

const Line = fields("line:string");
const Word = fields("word:string");
const Level = fields("level:string");

/** "a b" without end, each line a tree; `levels` tells once a tick at which level the task of that component logs. */
export const lookedAt = defineTopology(import.meta.url, (builder) => {
  const source = spout({
    output: Line,
    create(_context, collector) {
      let next = 0;
      return {
        nextTuple() {
          collector.emit([`a${next} b${next}`], next++);
          return undefined;
        },
      };
    },
  });
  const lines = builder.setSpout("lines", source, { config: { maxSpoutPending: 100 } });
  const split = basicBolt({
    input: Line,
    output: Word,
    execute({ line }, collector) {
      for (const word of line.split(" ")) collector.emit([word]);
    },
  });
  const words = builder.setBolt("split", split, { parallelism: 2 }).shuffleGrouping(lines);
  const count = basicBolt({ input: Word, execute: () => {} });
  builder.setBolt("count", count, { parallelism: 2 }).fieldsGrouping(words, ["word"]);
  const levels = basicBolt({
    input: Line,
    output: Level,
    create: ({ logger }) => ({
      execute: () => {},
      onTick: (collector) => collector.emit([logger.level]),
    }),
  });
  const told = builder.setBolt("levels", levels, { config: { tickMs: 20 } }).shuffleGrouping(lines);
  return { levels: builder.output(told) };
});

const FAILURES = 3;

/** Emits lines that its bolt fails or reports, and comes to its end. */
export const complaining = defineTopology(import.meta.url, (builder) => {
  const source = spout({
    output: Line,
    create(_context, collector) {
      let next = 0;
      return {
        nextTuple() {
          if (next === FAILURES) return "exhausted";
          collector.emit([`line ${next}`], next++);
          return undefined;
        },
        fail: () => collector.reportError(new Error("the source heard of a failure")),
      };
    },
  });
  const lines = builder.setSpout("lines", source);
  const refuse = basicBolt({
    input: Line,
    onError: "fail-tuple",
    execute({ line }) {
      throw new Error(`refused: ${line}`);
    },
  });
  builder.setBolt("refuse", refuse).shuffleGrouping(lines);
});
