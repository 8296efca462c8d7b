import { benchmark } from "../harness/benchmark.ts";
import { jetSide } from "../rivals/jet.ts";

/**
 * One hop and the word count beside Hazelcast Jet, which passes references between its two threads and gives no
 * guarantee; ours at default settings and untracked, on the same cores:
 *
 *     [const] -> [null]        [lines] -> [split] --by word--> [count]
 */
const params = {
  smoke: { warmupMs: 150, windowMs: 150, rivalWarmupMs: 100, rivalWindowMs: 200 },
  full: { warmupMs: 3_000, windowMs: 6_000, rivalWarmupMs: 10_000, rivalWindowMs: 6_000 },
};

export const besideJetHop = benchmark({
  name: "beside-jet-hop",
  question: "How fast is one hop beside Hazelcast Jet?",
  list: "full",
  unit: "tuples/s",
  coresNeeded: 2,
  sideTimeoutMs: 120_000,
  params,
  sides: {
    ours: {
      title: "stormcell, default settings",
      async run(sizes) {
        const { runConstHops } = await import("./programs/const-hops.ts");
        return runConstHops({ idBolt: false, acked: false }, sizes);
      },
    },
    jet: jetSide({ shape: "const-null", tasks: 1, inSmoke: false }),
  },
  bars: [
    { kind: "ratio", of: "ours", over: "jet", limit: { atLeast: 1 } },
    { kind: "ratio", of: "ours", over: "jet", figure: "perCore", limit: { atLeast: 1 } },
  ],
});

export const besideJetWordCount = benchmark({
  name: "beside-jet-word-count",
  question: "How fast are words counted beside Hazelcast Jet?",
  list: "full",
  unit: "words/s",
  coresNeeded: 2,
  sideTimeoutMs: 120_000,
  params,
  sides: {
    ours: {
      title: "stormcell, default settings",
      async run(sizes) {
        const { runFileWordCount } = await import("./programs/file-word-count.ts");
        return runFileWordCount(false, sizes);
      },
    },
    jetOne: jetSide({ shape: "word-count", tasks: 1, inSmoke: true }),
    jetTwo: jetSide({ shape: "word-count", tasks: 2, inSmoke: false }),
  },
  bars: [
    { kind: "ratio", of: "ours", over: "jetOne", limit: { atLeast: 1 } },
    { kind: "ratio", of: "ours", over: "jetOne", figure: "perCore", limit: { atLeast: 1 } },
    { kind: "ratio", of: "ours", over: "jetTwo", limit: { atLeast: 1 } },
    { kind: "ratio", of: "ours", over: "jetTwo", figure: "perCore", limit: { atLeast: 1 } },
  ],
});
