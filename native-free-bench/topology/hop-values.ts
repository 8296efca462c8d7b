import { benchmark } from "../harness/benchmark.ts";
import { STRINGS_NON_ASCII, STRINGS_REPEATED, STRINGS_UNIQUE } from "../input/string-source.ts";
import { runFieldsHop } from "./programs/fields-hop.ts";
import { runStringHop } from "./programs/string-hop.ts";

/**
 * The hop of `one-hop` with dearer tuples, each compared with the plain one of this sitting:
 *
 *     worker 0: [spout] --ring--> worker 1: [sink, reads every field]      threads: 2 and an idle main
 */
export const hopValues = benchmark({
  name: "hop-values",
  question: "How much slower is a hop with strings that are all different, with non-ASCII ones, with four fields?",
  unit: "tuples/s",
  coresNeeded: 2,
  params: {
    smoke: { tuples: 20_000, warmupTuples: 5_000 },
    full: { tuples: 40_000_000, warmupTuples: 8_000_000 },
  },
  sides: {
    repeated: {
      title: "10-character strings, 1,024 distinct",
      run: (params) => runStringHop({ stringKind: STRINGS_REPEATED, ...params }),
    },
    unique: {
      title: "16-character strings built anew, all different",
      run: (params) => runStringHop({ stringKind: STRINGS_UNIQUE, ...params }),
    },
    nonAscii: {
      title: "10-unit strings, not ASCII",
      run: (params) => runStringHop({ stringKind: STRINGS_NON_ASCII, ...params }),
    },
    fourFields: {
      title: "string, int32, float64, string",
      run: ({ tuples, warmupTuples }) =>
        runFieldsHop({ stringKind: STRINGS_REPEATED, tuples: tuples / 2, warmupTuples: warmupTuples / 2 }),
    },
  },
  bars: [
    { kind: "ratio", of: "fourFields", over: "repeated", limit: { atLeast: 0.35 } },
    { kind: "ratio", of: "unique", over: "repeated", limit: { atLeast: 0.4 } },
    { kind: "ratio", of: "nonAscii", over: "repeated", limit: { atLeast: 0.3 } },
  ],
});
