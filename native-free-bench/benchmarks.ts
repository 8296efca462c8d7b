import type { Benchmark } from "./harness/benchmark.ts";

/**
 * Every benchmark, in the order in which they are reported. Loaded one at a time, so that a side's process holds its own
 * shape's code and nothing else.
 */
const loaders: Readonly<Record<string, () => Promise<Benchmark>>> = {
  "reference-hop": async () => (await import("./topology/reference-hop.ts")).referenceHop,
  "reference-word-count": async () => (await import("./topology/reference-word-count.ts")).referenceWordCount,
};

export const benchmarkNames: readonly string[] = Object.keys(loaders);

export async function loadBenchmark(name: string): Promise<Benchmark> {
  const load = loaders[name];
  if (load === undefined)
    throw new Error(`no benchmark is called "${name}"; there are: ${benchmarkNames.join(", ")}`);
  const loaded = await load();
  if (loaded.name !== name) throw new Error(`benchmark "${name}" calls itself "${loaded.name}"`);
  return loaded;
}
