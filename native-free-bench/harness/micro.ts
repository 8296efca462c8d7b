import { Bench } from "tinybench";
import type { Side } from "./benchmark.ts";

/** Sizes of a micro benchmark: how long tinybench samples, after how long a warm-up. */
export type MicroParams = { readonly sampleMs: number; readonly warmupMs: number };

export const microParams: { readonly smoke: MicroParams; readonly full: MicroParams } = {
  smoke: { sampleMs: 5, warmupMs: 2 },
  full: { sampleMs: 700, warmupMs: 300 },
};

/**
 * What a micro benchmark times: `run` does `operations` of them, enough that reading the clock (50 ns) does not
 * count.
 */
export interface MicroOperation {
  readonly operations: number;
  /** Called before each `run`, and not timed. */
  prepare?(): void;
  run(): void;
  /** Called once after the timing; throws when the operation did not do what it should. */
  verify(): void;
}

/** A side that measures one operation on one thread: the median nanoseconds of tinybench's samples. */
export function microSide(title: string, setUp: () => MicroOperation): Side<MicroParams> {
  return {
    title,
    async run({ sampleMs, warmupMs }) {
      const operation = setUp();
      const bench = new Bench({ time: sampleMs, warmupTime: warmupMs, throws: true });
      bench.add(title, () => operation.run(), { async: false, beforeEach: () => operation.prepare?.() });
      const [task] = await bench.run();
      operation.verify();
      const result = task!.result;
      if (result.state !== "completed") throw new Error(`${title}: tinybench ended as ${result.state}`);
      const nsPerMs = 1e6 / operation.operations;
      const detail = { p99: result.latency.p99 * nsPerMs, samples: result.latency.samplesCount };
      return { value: result.latency.p50 * nsPerMs, detail };
    },
  };
}
