import { execFileSync } from "node:child_process";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Params, Size, Whose } from "./benchmark.ts";

/** What a tree says of one of its benchmarks. */
export interface BenchmarkFacts {
  readonly unit: string;
  readonly params: Params;
  readonly sideTimeoutMs: number;
  readonly sides: Readonly<Record<string, { readonly title: string; readonly whose: Whose }>>;
}

/** Older trees do not tell everything: what they leave out is what it was then. */
const PROGRAM = `
  const [module, name, size] = process.argv.slice(1);
  const { benchmarkNames, loadBenchmark } = await import(module);
  if (!benchmarkNames.includes(name)) console.log("null");
  else {
    const b = await loadBenchmark(name);
    const factsOfSide = ([side, title]) => [side, { title, whose: b.whoseIs?.(side) ?? "ours" }];
    const sides = Object.fromEntries(Object.entries(b.sideTitles).map(factsOfSide));
    const { unit, sideTimeoutMs = 60_000 } = b;
    console.log(JSON.stringify({ unit, params: b.paramsOf(size), sideTimeoutMs, sides }));
  }`;

/** Null if the tree has no such benchmark. Asked in a process of its own, since it is another tree's code. */
export function factsOf(root: string, name: string, size: Size): BenchmarkFacts | null {
  const module = pathToFileURL(path.join(root, "dist", "native-free-bench", "benchmarks.js")).href;
  const args = ["--input-type=module", "--eval", PROGRAM, module, name, size];
  const output = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", timeout: 60_000 });
  return JSON.parse(output) as BenchmarkFacts | null;
}
