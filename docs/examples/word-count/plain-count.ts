/**
 * Counts words the plain way: one thread, whole files, regular expressions. `--verify` compares the topology's counts
 * with these, so this file shares no code with the topology on purpose. What a word is stands in `docs/WORDS.md`.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { setImmediate } from "node:timers/promises";

export interface PlainCount {
  readonly counts: Map<string, number>;
  lines: number;
  words: number;
  tooLongRuns: number;
  /** Files that could not be read, with the reason. */
  readonly unreadable: { path: string; reason: string }[];
}

export interface PlainCountSettings {
  /** Aborted to stop between two files. */
  readonly signal?: AbortSignal;
  /** For tests: how much of a file is read at once. */
  readonly pieceBytes?: number;
}

export interface CountDifference {
  /** A word in quotes, or what else was counted. */
  readonly what: string;
  readonly counted: number;
  readonly expected: number;
}

/** Characters that end a run. Without a quantifier, so that no line is long enough to exhaust the matcher's stack. */
const OUTSIDE_RUN = /[^\p{L}\p{M}\p{N}'\u2019]/u;
const SEVERAL_APOSTROPHES = /['\u2019]{2,}/;
const OUTER_APOSTROPHE = /^['\u2019]|['\u2019]$/g;
const LONGEST_WORD = 256;

/** A JavaScript string holds about 512 Mi characters: larger files are read in pieces that end at a line break. */
const PIECE_BYTES = 64 * 1024 * 1024;

export async function plainCount(paths: Iterable<string>, settings: PlainCountSettings = {}): Promise<PlainCount> {
  const { signal, pieceBytes = PIECE_BYTES } = settings;
  const result: PlainCount = { counts: new Map(), lines: 0, words: 0, tooLongRuns: 0, unreadable: [] };
  for (const path of paths) {
    await setImmediate();
    if (signal?.aborted) break;
    try {
      for (const piece of piecesOf(path, pieceBytes)) countPiece(piece, result);
    } catch (error) {
      result.unreadable.push({ path, reason: (error as NodeJS.ErrnoException).code ?? String(error) });
    }
  }
  return result;
}

/** Every word that the two counts disagree on, in order. */
export function compareCounts(
  counted: ReadonlyMap<string, number>,
  expected: ReadonlyMap<string, number>,
): CountDifference[] {
  const differences: CountDifference[] = [];
  for (const [word, count] of expected) {
    const other = counted.get(word) ?? 0;
    if (other !== count) differences.push({ what: `"${word}"`, counted: other, expected: count });
  }
  for (const [word, count] of counted) {
    if (!expected.has(word)) differences.push({ what: `"${word}"`, counted: count, expected: 0 });
  }
  return differences.sort((a, b) => (a.what < b.what ? -1 : 1));
}

function countPiece(bytes: Uint8Array, result: PlainCount): void {
  const lines = new TextDecoder().decode(bytes).split("\n");
  result.lines += lines.length - (bytes.at(-1) === 0x0a || bytes.length === 0 ? 1 : 0);
  for (const line of lines) {
    for (const run of line.split(OUTSIDE_RUN)) {
      if (run === "") continue;
      if (run.includes("'") || run.includes("\u2019")) {
        for (const part of run.split(SEVERAL_APOSTROPHES)) countRun(part.replace(OUTER_APOSTROPHE, ""), result);
      } else {
        countRun(run, result);
      }
    }
  }
}

function countRun(run: string, result: PlainCount): void {
  const word = run.toLowerCase();
  if (word === "") return;
  if (word.length > LONGEST_WORD) {
    result.tooLongRuns++;
    return;
  }
  result.words++;
  result.counts.set(word, (result.counts.get(word) ?? 0) + 1);
}

function* piecesOf(path: string, pieceBytes: number): Generator<Uint8Array> {
  const file = openSync(path, "r");
  try {
    const bytesAtOnce = Math.min(pieceBytes, fstatSync(file).size + 1);
    let rest = Buffer.alloc(0);
    while (true) {
      const bytes = Buffer.allocUnsafe(bytesAtOnce);
      const read = readSync(file, bytes, 0, bytesAtOnce, null);
      if (read === 0) break;
      const whole = Buffer.concat([rest, bytes.subarray(0, read)]);
      const end = whole.lastIndexOf(0x0a) + 1;
      if (end > 0) yield whole.subarray(0, end);
      rest = whole.subarray(end);
    }
    if (rest.length > 0) yield rest;
  } finally {
    closeSync(file);
  }
}
