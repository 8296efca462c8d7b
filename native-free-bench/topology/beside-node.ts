import { benchmark } from "../harness/benchmark.ts";
import { STRINGS_REPEATED } from "../input/string-source.ts";
import { runStreamHop, runStreamWordCount } from "../rivals/node-streams.ts";
import { runObjectArraysHop } from "../rivals/object-arrays-hop.ts";
import { qtopologySkipReason, runQtopologyHop } from "../rivals/qtopology.ts";

/**
 * What a Node developer would take for one hop: each its own way to get strings from a producer to a sink that reads
 * them. Streams stay on one thread, the others cross to a second one.
 *
 *     [strings] -> [sink: checksum]
 */
export const besideNodeHop = benchmark({
  name: "beside-node-hop",
  question: "How fast is one hop beside what Node and its libraries offer?",
  list: "full",
  unit: "tuples/s",
  coresNeeded: 2,
  params: {
    smoke: { tuples: 20_000, warmupTuples: 5_000, rivalTuples: 20_000, singleTuples: 2_000 },
    full: { tuples: 60_000_000, warmupTuples: 10_000_000, rivalTuples: 10_000_000, singleTuples: 400_000 },
  },
  sides: {
    ours: {
      title: "stormcell, default settings",
      async run({ tuples, warmupTuples }) {
        const { runStringHop } = await import("./programs/string-hop.ts");
        return runStringHop({ stringKind: STRINGS_REPEATED, tuples, warmupTuples });
      },
    },
    postMessage: {
      whose: "rival",
      title: "postMessage, arrays of 1,000 objects",
      run: ({ rivalTuples }) => runObjectArraysHop({ tuples: rivalTuples, warmupTuples: rivalTuples / 4 }),
    },
    streams: {
      whose: "rival",
      title: "Node streams, one thread",
      run: ({ rivalTuples }) => runStreamHop({ tuples: rivalTuples, warmupTuples: rivalTuples / 4 }),
    },
    piscinaBatched: {
      whose: "rival",
      title: "Piscina, a task per 1,000 strings",
      run: ({ rivalTuples }) => piscinaHop(rivalTuples, 1_000),
    },
    piscinaSingle: {
      whose: "rival",
      title: "Piscina, a task per string",
      run: ({ singleTuples }) => piscinaHop(singleTuples, 1),
    },
    qtopology: {
      whose: "rival",
      title: "qtopology, one thread",
      skipReason: qtopologySkipReason,
      run: ({ singleTuples }) => runQtopologyHop({ tuples: singleTuples, warmupTuples: singleTuples / 4 }),
    },
  },
  bars: [
    { kind: "ratio", of: "ours", over: "postMessage", limit: { atLeast: 1 } },
    { kind: "ratio", of: "ours", over: "streams", limit: { atLeast: 1 } },
    { kind: "ratio", of: "ours", over: "piscinaBatched", limit: { atLeast: 1 } },
  ],
});

async function piscinaHop(tuples: number, textsPerTask: number) {
  const { runPiscinaHop } = await import("../rivals/piscina.ts");
  return runPiscinaHop({ tuples, warmupTuples: tuples / 4, textsPerTask });
}

/** The word count likewise: `[lines] -> [split] -> [count]`, every answer compared word by word. */
export const besideNodeWordCount = benchmark({
  name: "beside-node-word-count",
  question: "How fast are words counted beside what Node and its libraries offer?",
  list: "full",
  unit: "words/s",
  coresNeeded: 2,
  params: {
    smoke: { passes: 3, warmupPasses: 1, streamPasses: 2, singlePasses: 2 },
    full: { passes: 300, warmupPasses: 60, streamPasses: 80, singlePasses: 20 },
  },
  sides: {
    ours: {
      title: "stormcell, default settings",
      async run({ passes, warmupPasses }) {
        const { runWordCount } = await import("./programs/word-count.ts");
        return runWordCount(2, { passes, warmupPasses, parallelism: "auto" });
      },
    },
    streams: {
      whose: "rival",
      title: "Node streams, one thread",
      run: ({ streamPasses }) => runStreamWordCount({ passes: streamPasses, warmupPasses: 1 }),
    },
    piscinaBatched: {
      whose: "rival",
      title: "Piscina, a task per 1,000 lines",
      run: ({ passes, warmupPasses }) => piscinaWordCount(passes, warmupPasses, 1_000),
    },
    piscinaSingle: {
      whose: "rival",
      title: "Piscina, a task per line",
      run: ({ singlePasses }) => piscinaWordCount(singlePasses, 1, 1),
    },
  },
  bars: [{ kind: "ratio", of: "ours", over: "streams", limit: { atLeast: 1 } }],
});

async function piscinaWordCount(passes: number, warmupPasses: number, linesPerTask: number) {
  const { runPiscinaWordCount } = await import("../rivals/piscina.ts");
  return runPiscinaWordCount({ passes, warmupPasses, linesPerTask });
}
