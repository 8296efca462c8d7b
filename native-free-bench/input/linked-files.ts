import { linkSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** Files of the same lines under different names, on the disk once. */
export interface LinkedFiles {
  readonly paths: readonly string[];
  readonly linesPerFile: number;
  /** Of the lines of one file, without their ends. */
  readonly charsPerFile: number;
}

const LINE_CHARS = 100;

/** Makes so many names for a file of so many lines of 100 signs, lends them to `use`, and removes them. */
export async function withLinkedFiles<T>(lines: number, names: number, use: (files: LinkedFiles) => Promise<T>) {
  const folder = mkdtempSync(path.join(os.tmpdir(), "stormcell-bench-"));
  try {
    const first = path.join(folder, "0.txt");
    const text = Array.from({ length: lines }, (_, n) =>
      `${n} `.padEnd(LINE_CHARS, "vehicle 17 at 52.5 13.4, "),
    ).join("\n");
    writeFileSync(first, `${text}\n`);
    const paths = Array.from({ length: names }, (_, name) => path.join(folder, `${name}.txt`));
    for (const other of paths.slice(1)) linkSync(first, other);
    return await use({ paths, linesPerFile: lines, charsPerFile: lines * LINE_CHARS });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
