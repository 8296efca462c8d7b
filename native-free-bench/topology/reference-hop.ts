import { benchmark } from "../harness/benchmark.ts";
import { STRINGS_NON_ASCII, STRINGS_REPEATED, STRINGS_UNIQUE } from "../input/string-source.ts";
import { runReferenceFieldsHop } from "../reference/fields-hop.ts";
import { runReferenceStringHop } from "../reference/string-hop.ts";
import { runObjectArraysHop } from "../rivals/object-arrays-hop.ts";

/**
 * What two threads can do when the program is written for one shape, and what Node gives without shared memory:
 *
 *     [producer] --ring--> [sink]        [producer] --postMessage, arrays of 1,000 objects--> [sink]      threads: 2
 */
export const referenceHop = benchmark({
  name: "reference-hop",
  question: "How fast do hand-written programs carry tuples between two threads?",
  unit: "tuples/s",
  coresNeeded: 2,
  params: {
    smoke: { tuples: 20_000, warmupTuples: 5_000, rivalTuples: 20_000 },
    full: { tuples: 60_000_000, warmupTuples: 10_000_000, rivalTuples: 10_000_000 },
  },
  sides: {
    repeated: {
      title: "10-character strings, 1,024 distinct",
      run: (params) => runReferenceStringHop({ ...params, stringKind: STRINGS_REPEATED }),
    },
    unique: {
      title: "16-character strings, all different",
      run: (params) => runReferenceStringHop({ ...params, stringKind: STRINGS_UNIQUE }),
    },
    nonAscii: {
      title: "10-unit strings, not ASCII",
      run: (params) => runReferenceStringHop({ ...params, stringKind: STRINGS_NON_ASCII }),
    },
    fourFields: {
      title: "string, int32, float64, string",
      run: ({ tuples, warmupTuples }) =>
        runReferenceFieldsHop({ tuples: tuples / 2, warmupTuples: warmupTuples / 2, stringKind: STRINGS_REPEATED }),
    },
    postMessage: {
      whose: "rival",
      title: "postMessage, arrays of 1,000 objects",
      run: ({ rivalTuples }) => runObjectArraysHop({ tuples: rivalTuples, warmupTuples: rivalTuples / 4 }),
    },
  },
  bars: [],
});
