import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Machine, settingOf } from "./machine.ts";
import type { BenchmarkResult } from "./run-benchmark.ts";
import { writeWhole } from "./write-whole.ts";

/** What `results/<benchmark>.json` holds: the newest full run; older ones are in the history of the repository. */
export interface ResultFile {
  readonly machine: Machine;
  readonly result: BenchmarkResult;
}

export function writeResultFile(directory: string, file: ResultFile): string {
  const target = path.join(directory, `${file.result.name}.json`);
  writeWhole(target, `${JSON.stringify(file, null, 2)}\n`);
  return target;
}

/** All result files of a directory, by benchmark name; none when there is no such directory. */
export function readResultFiles(directory: string): Map<string, ResultFile> {
  if (!existsSync(directory)) return new Map();
  const names = readdirSync(directory).filter((name) => name.endsWith(".json"));
  const files = names.map((name) => JSON.parse(readFileSync(path.join(directory, name), "utf8")) as ResultFile);
  return new Map(files.map((file) => [file.result.name, file]));
}

/** Throws when the results were taken on more than one machine, kernel or version of Node. */
export function refuseMixedSettings(files: readonly ResultFile[]): void {
  const bySetting = new Map<string, string[]>();
  for (const { machine, result } of files) {
    const setting = settingOf(machine);
    bySetting.set(setting, [...(bySetting.get(setting) ?? []), result.name]);
  }
  if (bySetting.size <= 1) return;
  const lines = [...bySetting].map(([setting, names]) => `  ${setting}: ${names.join(", ")}`);
  throw new Error(
    `these results cannot be put together, as they come from different machines, kernels or Node versions:\n` +
      `${lines.join("\n")}\nrun the benchmarks again on one of them, or ask for it all the same with --mixed`,
  );
}
