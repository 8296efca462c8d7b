import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { zipfLines } from "./zipf-lines.ts";

/** Writes the text of all word counts, lends it to `use`, and removes it. */
export async function withLinesFile<T>(use: (file: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(path.join(os.tmpdir(), "stormcell-bench-"));
  try {
    const file = path.join(directory, "lines.txt");
    writeFileSync(file, `${zipfLines().join("\n")}\n`);
    return await use(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export function readLines(file: string): string[] {
  return readFileSync(file, "utf8").trimEnd().split("\n");
}
