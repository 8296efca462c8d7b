import type { Benchmark } from "./benchmark.ts";

export interface Choice {
  /** Names of benchmarks, or beginnings of several. */
  readonly wanted: readonly string[];
  /** What to choose if nothing is named: the core list, or everything. */
  readonly everything: boolean;
}

/** The benchmarks to run, in the order in which they are declared. */
export function chooseBenchmarks<B extends Pick<Benchmark, "name" | "list">>(
  all: readonly B[],
  { wanted, everything }: Choice,
): readonly B[] {
  if (wanted.length === 0) return everything ? all : all.filter(({ list }) => list === "core");
  const names = all.map(({ name }) => name);
  const unknown = wanted.filter((prefix) => !names.some((name) => name.startsWith(prefix)));
  if (unknown.length > 0)
    throw new Error(`no benchmark is called "${unknown.join('", "')}"; there are: ${names.join(", ")}`);
  // A name that is whole means itself alone, even when others begin with it.
  const means = (word: string, name: string) => (names.includes(word) ? word === name : name.startsWith(word));
  return all.filter(({ name }) => wanted.some((word) => means(word, name)));
}
