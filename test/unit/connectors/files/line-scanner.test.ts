/**
 * Goal:   every line of a file is found exactly once, whatever ranges and chunks it is read in.
 * Method: random bytes, cut into random ranges and chunks, against a split of the whole; positions are tried by
 *         going on at each of them. SEED repeats a run.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../../src/base/prng.ts";
import { LineScanner, type ScannerSettings } from "../../../../src/connectors/files/line-scanner.ts";
import { SEED } from "./random-seed.ts";

interface FoundLine {
  readonly offset: number;
  readonly next: number;
  readonly text: string;
}

type Settings = Partial<ScannerSettings> & { readonly chunkBytes: () => number };

/** Reads bytes from `offset` on in chunks; long lines are found too, with the text "long". */
function scan(bytes: Uint8Array, { chunkBytes, ...settings }: Settings): FoundLine[] {
  const found: FoundLine[] = [];
  const scanner = new LineScanner({
    offset: 0,
    to: bytes.length,
    isMidLine: false,
    lineBytesMax: 1_000_000,
    onLongLine: (offset) => found.push({ offset, next: -1, text: "long" }),
    ...settings,
  });
  let position = settings.offset ?? 0;
  for (;;) {
    for (let line = scanner.next(); line !== null; line = scanner.next()) {
      found.push({ offset: scanner.lineOffset, next: scanner.nextOffset, text: line });
    }
    if (scanner.isOver) return found;
    const room = scanner.room();
    const chunk = bytes.subarray(position, position + Math.min(room.length, chunkBytes()));
    room.set(chunk);
    position += chunk.length;
    if (chunk.length === 0) scanner.end();
    else scanner.filled(chunk.length);
  }
}

/** By the rule itself: bytes between line feeds; a byte order mark and carriage returns before them left out. */
function splitLines(bytes: Buffer): FoundLine[] {
  const lines: FoundLine[] = [];
  const hasMark = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  for (let offset = hasMark ? 3 : 0; offset < bytes.length; ) {
    let end = offset;
    while (end < bytes.length && bytes[end] !== 10) end++;
    const next = Math.min(bytes.length, end + 1);
    const textEnd = end > offset && bytes[end - 1] === 13 ? end - 1 : end;
    lines.push({ offset, next, text: bytes.toString("utf8", offset, textEnd) });
    offset = next;
  }
  return lines;
}

const SIGNS = ["\n", "\n", "\r\n", "a", "bc", " ", "é", "日本", "🌩", "\r", '"', "x".repeat(40)];

function randomText(prng: Prng, pieces: number, asciiOnly: boolean): Buffer {
  const parts: Buffer[] = prng.below(4) === 0 ? [Buffer.from([0xef, 0xbb, 0xbf])] : [];
  for (let k = 0; k < pieces; k++) {
    const sign = SIGNS[prng.below(SIGNS.length)]!;
    if (!asciiOnly || sign.charCodeAt(0) < 128) parts.push(Buffer.from(sign));
    // Bytes that are no UTF-8.
    if (!asciiOnly && prng.below(20) === 0) parts.push(Buffer.from([0x80 + prng.below(128)]));
  }
  return Buffer.concat(parts);
}

/** Of the whole file: cuts in ascending order, with both ends. */
function randomCuts(prng: Prng, bytes: number): number[] {
  const inner = Array.from({ length: prng.below(8) }, () => prng.below(bytes + 1));
  return [0, ...inner, bytes].sort((a, b) => a - b);
}

test("each line is found once, whatever the ranges and the chunks are", (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const prng = new Prng(SEED);
  for (let round = 0; round < 400; round++) {
    const bytes = randomText(prng, prng.below(200), round % 3 === 0);
    const expected = splitLines(bytes);
    const cuts = randomCuts(prng, bytes.length);
    const chunkBytes = () => 1 + prng.below(round % 2 === 0 ? 5 : 300);
    const found: FoundLine[] = [];
    for (let k = 1; k < cuts.length; k++) {
      const [from, to] = [cuts[k - 1]!, cuts[k]!];
      if (from === to) continue;
      found.push(...scan(bytes, { offset: Math.max(0, from - 1), to, isMidLine: from > 0, chunkBytes }));
    }
    assert.deepEqual(found, expected, `round ${round}, cuts ${cuts}, bytes ${bytes.toString("hex")}`);
  }
});

test("a scanner that goes on at a line's end finds the lines behind it", (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const prng = new Prng(SEED + 1);
  for (let round = 0; round < 50; round++) {
    const bytes = randomText(prng, 60, false);
    const expected = splitLines(bytes);
    for (let k = 0; k < expected.length; k++) {
      const offset = expected[k]!.next;
      const found = scan(bytes, { offset, chunkBytes: () => 1 + prng.below(50) });
      assert.deepEqual(found, expected.slice(k + 1), `round ${round}, from ${offset}`);
    }
  }
});

test("lines that are too long are told by their place, and those around them are found", (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const prng = new Prng(SEED + 2);
  for (let round = 0; round < 300; round++) {
    const lineBytesMax = 1 + prng.below(60);
    const bytes = randomText(prng, prng.below(120), round % 2 === 0);
    const expected = splitLines(bytes).map((line) => {
      const lineBytes = bytes.subarray(line.offset, line.next);
      const ending = lineBytes.at(-1) === 10 ? (lineBytes.at(-2) === 13 ? 2 : 1) : lineBytes.at(-1) === 13 ? 1 : 0;
      const isLong = lineBytes.length - ending > lineBytesMax;
      return isLong ? { offset: line.offset, text: "long" } : { offset: line.offset, text: line.text };
    });
    const found = scan(bytes, { lineBytesMax, chunkBytes: () => 1 + prng.below(100) });
    const shown = found.map(({ offset, text }) => ({ offset, text }));
    assert.deepEqual(shown, expected, `round ${round}, at most ${lineBytesMax}, bytes ${bytes.toString("hex")}`);
  }
});

test("text longer than a piece and longer than the buffer comes as it is", () => {
  const long = "long ".repeat(200_000);
  const lines = ["short", long, "", `${long}é`, ...Array.from({ length: 5_000 }, (_, n) => `line ${n}`), "end"];
  const found = scan(Buffer.from(lines.join("\n")), { lineBytesMax: 2_000_000, chunkBytes: () => 100_000 });
  assert.deepEqual(
    found.map(({ text }) => text),
    lines,
  );
});

test("a long line is given up before all of it is in memory", () => {
  const bytes = Buffer.from(`${"x".repeat(3_000_000)}\nnext\n`);
  const long: number[] = [];
  const found = scan(bytes, {
    lineBytesMax: 1000,
    chunkBytes: () => 65_536,
    onLongLine: (_offset, beginning) => long.push(beginning.length),
  });
  assert.deepEqual(
    found.map(({ text }) => text),
    ["next"],
  );
  assert.ok(long.length === 1 && long[0]! < 300_000, String(long));
});
