import { benchmark } from "../harness/benchmark.ts";
import { runManySchemas } from "./programs/many-schemas.ts";

/**
 * Sixteen lines, spouts and sinks of a line on different workers; all of one schema, or each of its own:
 *
 *     worker 0: [rows 0] --ring--> worker 1: [sink 0]
 *     worker 1: [rows 1] --ring--> worker 0: [sink 1]      and so on, 16 lines      threads: 2 and an idle main
 */
export const manySchemas = benchmark({
  name: "many-schemas",
  question: "What does it cost that one engine serves sixteen schemas and bolt classes at once?",
  unit: "ns/hop",
  coresNeeded: 2,
  params: { smoke: { tuples: 1_000, warmupTuples: 200 }, full: { tuples: 1_500_000, warmupTuples: 400_000 } },
  sides: {
    sixteen: { title: "sixteen schemas and classes", run: (params) => runManySchemas({ schemas: 16, ...params }) },
    single: { title: "the same lines, one schema", run: (params) => runManySchemas({ schemas: 1, ...params }) },
  },
  bars: [{ kind: "ratio", of: "sixteen", over: "single", limit: { atMost: 1.5 } }],
});
