// Entry of the process in which one side of one benchmark runs once: a fresh heap and fresh optimisation state each
// time. Arguments: benchmark, side, size. The measurement goes back through the parent's channel.
import { loadBenchmark } from "../benchmarks.ts";
import type { Measurement, Size } from "./benchmark.ts";

export type SideReport =
  | { readonly kind: "measured"; readonly measurement: Measurement }
  | { readonly kind: "failed"; readonly stack: string };

const [name, side, size] = process.argv.slice(2);

async function report(): Promise<SideReport> {
  try {
    const measurement = await (await loadBenchmark(name!)).runSide(side!, size as Size);
    return { kind: "measured", measurement };
  } catch (error) {
    return { kind: "failed", stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

const result = await report();
// Whatever the side left running does not matter any more: its measurement is complete or its failure known.
process.send!(result, () => process.exit(0));
