import { type Benchmark, benchmark, type Side } from "../harness/benchmark.ts";
import { type StormShape, stormBest, stormDefaults, stormSide } from "../rivals/storm.ts";

/**
 * Shapes of Storm's own performance suite, ours at default settings beside Storm at its best and at its default ones.
 * The same text on both sides, counted at the sink over a window of the same length, everything on the same cores:
 *
 *     const-null      [const] -> [null]                 one task each
 *     const-id-null   [const] -> [id] -> [null]         one task each
 *     word-count      [lines] -> [split] --fields--> [count]
 *
 * Storm passes references from thread to thread of its one process; here a tuple that crosses to another worker is
 * written and read.
 */
const params = {
  smoke: { warmupMs: 150, windowMs: 150, rivalWarmupMs: 100, rivalWindowMs: 200 },
  full: { warmupMs: 3_000, windowMs: 6_000, rivalWarmupMs: 12_000, rivalWindowMs: 6_000 },
};

interface Row {
  readonly shape: StormShape;
  readonly acked: boolean;
  /** How many times as fast as Storm's best. */
  readonly atLeast: number;
  /** One row stands for all at smoke size: starting Storm takes seconds. */
  readonly stormInSmoke?: boolean;
}

export const besideStormConstNull = row({ shape: "const-null", acked: false, atLeast: 2.5 });
export const besideStormConstNullAcked = row({ shape: "const-null", acked: true, atLeast: 8 });
export const besideStormConstIdNull = row({ shape: "const-id-null", acked: false, atLeast: 2.5 });
export const besideStormConstIdNullAcked = row({
  shape: "const-id-null",
  acked: true,
  atLeast: 8,
  stormInSmoke: true,
});
export const besideStormWordCount = row({ shape: "word-count", acked: false, atLeast: 2.2 });
export const besideStormWordCountAcked = row({ shape: "word-count", acked: true, atLeast: 5, stormInSmoke: true });

function row({ shape, acked, atLeast, stormInSmoke = false }: Row): Benchmark {
  return benchmark({
    name: `beside-storm-${shape}${acked ? "-acked" : ""}`,
    question: `How fast is ${shape} beside Storm, ${acked ? "every tuple tracked" : "nothing tracked"}?`,
    list: "full",
    unit: shape === "word-count" ? "words/s" : "tuples/s",
    coresNeeded: 2,
    sideTimeoutMs: 150_000,
    params,
    sides: {
      ours: ourSide(shape, acked),
      stormBest: stormSide({ shape, acked, settings: stormBest(shape, acked), inSmoke: stormInSmoke }),
      stormDefaults: stormSide({ shape, acked, settings: stormDefaults, inSmoke: false }),
    },
    bars: [
      { kind: "ratio", of: "ours", over: "stormBest", withoutSlowHalf: true, limit: { atLeast } },
      { kind: "value", of: "ours", figure: "peakRssMb", limit: { atMost: 300 } },
    ],
  });
}

function ourSide(shape: StormShape, acked: boolean): Side<typeof params.full> {
  return {
    title: "stormcell, default settings",
    async run(sizes) {
      if (shape === "word-count") {
        const { runFileWordCount } = await import("./programs/file-word-count.ts");
        return runFileWordCount(acked, sizes);
      }
      const { runConstHops } = await import("./programs/const-hops.ts");
      return runConstHops({ idBolt: shape === "const-id-null", acked }, sizes);
    },
  };
}
