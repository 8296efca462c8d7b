import type { Measurement } from "../harness/benchmark.ts";
import { verifyWordCounts, WORDS_PER_PASS, zipfLines } from "../input/zipf-lines.ts";

const SPACE = 32;

/**
 * The program without any engine: one loop, one Map.
 *
 *     [lines] -> split -> count      threads: 1
 *
 * It cuts words by character codes, which is half as dear as `split(" ")`, and so do all programs compared with it.
 */
export async function runPlainWordCount(params: { passes: number; warmupPasses: number }): Promise<Measurement> {
  const lines = zipfLines();
  const counts = new Map<string, number>();
  for (let pass = 0; pass < params.warmupPasses; pass++) countLines(lines, counts);
  const startMs = performance.now();
  for (let pass = params.warmupPasses; pass < params.passes; pass++) countLines(lines, counts);
  const seconds = (performance.now() - startMs) / 1_000;
  verifyWordCounts("plain loop", counts, params.passes);
  return { value: ((params.passes - params.warmupPasses) * WORDS_PER_PASS) / seconds, detail: { seconds } };
}

function countLines(lines: readonly string[], counts: Map<string, number>): void {
  for (const line of lines) {
    let start = 0;
    for (let at = 0; at <= line.length; at++) {
      if (at < line.length && line.charCodeAt(at) !== SPACE) continue;
      const word = line.substring(start, at);
      counts.set(word, (counts.get(word) ?? 0) + 1);
      start = at + 1;
    }
  }
}
