import { closeSync, openSync, readSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Measurement } from "../harness/benchmark.ts";
import type { LinkedFiles } from "../input/linked-files.ts";

const CHUNK_BYTES = 256 * 1024;

/** Lines and their characters, counted by whoever reads. */
class LineCount {
  lines = 0;
  chars = 0;
  #timedLines = 0;
  #startMs = 0;

  /** Everything before is warm-up. */
  start(): void {
    this.#timedLines = -this.lines;
    this.#startMs = performance.now();
  }

  finish({ paths, linesPerFile, charsPerFile }: LinkedFiles): Measurement {
    const seconds = (performance.now() - this.#startMs) / 1_000;
    const expected = { lines: paths.length * linesPerFile, chars: paths.length * charsPerFile };
    if (this.lines !== expected.lines || this.chars !== expected.chars)
      throw new Error(`bare loop: ${this.lines} lines of ${this.chars} signs, not ${JSON.stringify(expected)}`);
    return { value: (this.#timedLines + this.lines) / seconds, detail: { seconds } };
  }
}

/** The least that a program does that reads lines: chunks made text, cut at line feeds. */
export async function runBareLines(files: LinkedFiles, warmupFiles: number): Promise<Measurement> {
  const count = new LineCount();
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (const [index, path] of files.paths.entries()) {
    if (index === warmupFiles) count.start();
    readFileLines(path, chunk, count);
  }
  return count.finish(files);
}

function readFileLines(path: string, chunk: Buffer, count: LineCount): void {
  const file = openSync(path, "r");
  let rest = "";
  for (let bytes = readSync(file, chunk); bytes > 0; bytes = readSync(file, chunk)) {
    const text = rest + chunk.toString("utf8", 0, bytes);
    let at = 0;
    for (let feed = text.indexOf("\n"); feed >= 0; feed = text.indexOf("\n", at)) {
      const line = text.slice(at, feed);
      count.lines++;
      count.chars += line.length;
      at = feed + 1;
    }
    rest = text.slice(at);
  }
  closeSync(file);
}

/** What Node itself offers for it. */
export async function runNodeLines(files: LinkedFiles, warmupFiles: number): Promise<Measurement> {
  const count = new LineCount();
  for (const [index, path] of files.paths.entries()) {
    if (index === warmupFiles) count.start();
    await using file = await open(path);
    for await (const line of file.readLines()) {
      count.lines++;
      count.chars += line.length;
    }
  }
  return count.finish(files);
}
