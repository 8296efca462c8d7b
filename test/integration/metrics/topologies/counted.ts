import { basicBolt, defineTopology, fields, replaying, spout } from "../../../../src/index.ts";

export interface CountedOptions {
  readonly messages: number;
  /** Where the components count for themselves: it outlives the threads that do. One word per entry of WORDS. */
  readonly seen: Int32Array;
  /** The source throws each time that it has come so far, and is made anew; 0 for never. */
  readonly throwsEvery?: number;
}

export const WORDS = ["relayed", "relayEmits", "written", "acked", "thrownAt", "throws"] as const;
const N = fields("n:int32");

/** source → relay → writer, each counting what it does in memory of the test's. */
export const counted = defineTopology(import.meta.url, (builder, options: CountedOptions) => {
  const { messages, seen, throwsEvery = 0 } = options;
  const count = (what: (typeof WORDS)[number]) => void Atomics.add(seen, WORDS.indexOf(what), 1);
  const source = spout({
    output: N,
    create(_context, collector, start) {
      let next = start.position === undefined ? 0 : (start.position as number) + 1;
      return {
        nextTuple() {
          if (next === messages) return "exhausted";
          // Once at each place: an instance that comes by again goes on.
          if (next % throwsEvery === 1 && Atomics.exchange(seen, WORDS.indexOf("thrownAt"), next) < next) {
            count("throws");
            throw new Error(`the source fails at ${next}`);
          }
          collector.emit([next], next, next);
          next++;
          return undefined;
        },
        ack: () => count("acked"),
      };
    },
  });
  const numbers = builder.setSpout("source", replaying(source), { config: { maxSpoutPending: 500 } });
  const relay = basicBolt({
    input: N,
    output: N,
    execute({ n }, collector) {
      count("relayed");
      collector.emit([n]);
      count("relayEmits");
    },
  });
  const relays = builder.setBolt("relay", relay, { parallelism: "auto" }).shuffleGrouping(numbers);
  const writer = basicBolt({ input: N, execute: () => count("written") });
  builder.setBolt("writer", writer, { parallelism: "auto" }).fieldsGrouping(relays, ["n"]);
});
