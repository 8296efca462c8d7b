import { basicBolt, defineTopology, fields, spout } from "../../src/index.ts";

export interface LoopOptions {
  readonly tuples: number;
  /** How often each tuple goes around before it leaves. */
  readonly circulations: number;
  /** Rounds in which each tuple becomes two. */
  readonly doublings: number;
  readonly parallelism: number;
  readonly payloadLength: number;
  /** Tuples that one execute sends back at once, for the first tuple only. */
  readonly burst: number;
  /** Every tuple of the spout is a tree, which goes around with it. */
  readonly tracked: boolean;
}

export const LOOP_DEFAULTS: LoopOptions = {
  tuples: 400,
  circulations: 12,
  doublings: 0,
  parallelism: 1,
  payloadLength: 300,
  burst: 0,
  tracked: false,
};

const Ball = fields("n:int32", "left:int32", "payload:string");
const Count = fields("component:string", "count:int32", "sum:float64");

/** A cycle of two bolts: tuples enter at "throw", go around by way of "return", and leave after so many rounds. */
export const loopTopology = defineTopology(import.meta.url, (builder, options: LoopOptions) => {
  const { tuples, circulations, parallelism, payloadLength, tracked } = options;
  const payload = "x".repeat(payloadLength);
  const balls = builder.setSpout(
    "balls",
    spout({
      output: Ball,
      create: (_context, collector) => {
        let n = 0;
        return {
          nextTuple() {
            if (n === tuples) return "exhausted";
            const id = n++;
            if (tracked) collector.emit([id, circulations, payload], id);
            else collector.emit([id, circulations, payload]);
            return undefined;
          },
        };
      },
    }),
  );
  const thrown = builder
    .setBolt(
      "throw",
      basicBolt({ input: Ball, output: Ball, execute: (ball, out) => out.emit([ball.n, ball.left, ball.payload]) }),
      { parallelism },
    )
    .shuffleGrouping(balls);
  const returned = builder.setBolt("return", returnBolt(options), { parallelism }).shuffleGrouping(thrown);
  thrown.shuffleGrouping(returned.stream("again"), { feedback: true });
  const counted = builder
    .setBolt(
      "count",
      basicBolt({
        input: Ball,
        output: Count,
        create: () => {
          let count = 0;
          let sum = 0;
          return {
            execute(ball) {
              count++;
              sum += ball.n;
            },
            onEnd: (collector) => collector.emit(["count", count, sum]),
          };
        },
      }),
    )
    .globalGrouping(returned.stream("out"));
  return { counts: builder.output(counted) };
});

function returnBolt({ circulations, doublings, burst, payloadLength }: LoopOptions) {
  return basicBolt({
    input: Ball,
    output: { again: Ball, out: Ball },
    create: () => {
      return {
        execute(ball, collector) {
          if (ball.left === 0) {
            collector.emitTo("out", [ball.n, 0, ""]);
            return;
          }
          const copies = circulations - ball.left < doublings ? 2 : 1;
          const payload = "y".repeat(payloadLength);
          for (let copy = 0; copy < copies; copy++) collector.emitTo("again", [ball.n, ball.left - 1, payload]);
          if (ball.n !== 0 || ball.left !== circulations) return;
          for (let extra = 0; extra < burst; extra++) collector.emitTo("again", [0, 0, payload]);
        },
      };
    },
  });
}
