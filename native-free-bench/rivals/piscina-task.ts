// What Piscina's threads run.
import { foldString } from "../input/content-checksum.ts";

let tuples = 0;
let checksum = 0;

/** One string, or an array of them. */
export function fold(texts: string | readonly string[]): void {
  if (typeof texts === "string") {
    checksum = foldString(checksum, texts);
    tuples++;
    return;
  }
  for (const text of texts) checksum = foldString(checksum, text);
  tuples += texts.length;
}

export function foldReport(): { tuples: number; checksum: number } {
  return { tuples, checksum };
}

const SPACE = 32;

/** The counts of some lines, which the caller adds up. */
export function count(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    let start = 0;
    for (let at = 0; at <= line.length; at++) {
      if (at < line.length && line.charCodeAt(at) !== SPACE) continue;
      const word = line.substring(start, at);
      counts.set(word, (counts.get(word) ?? 0) + 1);
      start = at + 1;
    }
  }
  return counts;
}
