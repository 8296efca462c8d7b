// Entry of the process in which sides of one benchmark run: one side in a full run, so that each has a fresh heap and
// fresh optimisation state; all sides, one after the other, at smoke size. Arguments: benchmark, size, sides. The
// measurements go back through the parent's channel.
import { loadBenchmark } from "../benchmarks.ts";
import type { Measurement, Size } from "./benchmark.ts";
import { withResourceUse } from "./resource-use.ts";

export type SideReport =
  | { readonly kind: "measured"; readonly measurements: readonly Measurement[] }
  | { readonly kind: "failed"; readonly side: string; readonly stack: string };

// Whoever waits for the measurement is gone: nothing of it may go on.
process.once("disconnect", () => process.exit(1));

const [name, size, ...sides] = process.argv.slice(2);

async function report(): Promise<SideReport> {
  const measurements: Measurement[] = [];
  for (const side of sides) {
    try {
      const benchmark = await loadBenchmark(name!);
      measurements.push(await withResourceUse(() => benchmark.runSide(side, size as Size)));
    } catch (error) {
      return { kind: "failed", side, stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
  }
  return { kind: "measured", measurements };
}

const result = await report();
// Whatever a side left running does not matter any more: its measurement is complete or its failure known.
process.send!(result, () => process.exit(0));
