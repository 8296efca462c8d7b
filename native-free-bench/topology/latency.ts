import { benchmark, type Measurement } from "../harness/benchmark.ts";
import { quantile } from "../harness/statistics.ts";
import { measureLatencies } from "./programs/relay-line.ts";

/**
 * One tuple at a time through a topology at rest, every thread parked, measured from the moment the tuple was due:
 *
 *     main: feeder --ring--> worker 0: [relay] --ring--> worker 1: [answer] --ring--> main: output
 *           due                                          executed                     replied
 */
export const latency = benchmark({
  name: "latency",
  question: "How long does a single tuple take through an idle topology on two workers?",
  unit: "ms, median of a run",
  coresNeeded: 2,
  params: { smoke: { count: 5, warmupCount: 2 }, full: { count: 400, warmupCount: 100 } },
  sides: {
    executed: {
      title: "feeder, bolt, bolt on the other worker",
      run: async (params) => summary((await measureLatencies(params.count, params.warmupCount)).executedMs),
    },
    replied: {
      title: "and back to the program's output",
      run: async (params) => summary((await measureLatencies(params.count, params.warmupCount)).repliedMs),
    },
  },
  bars: [{ kind: "value", of: "executed", limit: { atMost: 0.15 } }],
});

function summary(latenciesMs: readonly number[]): Measurement {
  const detail = { p90: quantile(latenciesMs, 0.9), p99: quantile(latenciesMs, 0.99), max: Math.max(...latenciesMs) };
  return { value: quantile(latenciesMs, 0.5), detail };
}
