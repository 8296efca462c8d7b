import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Machine } from "./machine.ts";
import type { BenchmarkResult } from "./run-benchmark.ts";

/** What `results/<benchmark>.json` holds: the newest full run; older ones are in the history of the repository. */
export interface ResultFile {
  readonly machine: Machine;
  readonly result: BenchmarkResult;
}

export function writeResultFile(directory: string, file: ResultFile): string {
  mkdirSync(directory, { recursive: true });
  const target = path.join(directory, `${file.result.name}.json`);
  writeFileSync(target, `${JSON.stringify(file, null, 2)}\n`);
  return target;
}

/** All result files of a directory, by benchmark name; none when there is no such directory. */
export function readResultFiles(directory: string): Map<string, ResultFile> {
  if (!existsSync(directory)) return new Map();
  const names = readdirSync(directory).filter((name) => name.endsWith(".json"));
  const files = names.map((name) => JSON.parse(readFileSync(path.join(directory, name), "utf8")) as ResultFile);
  return new Map(files.map((file) => [file.result.name, file]));
}
