import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { plainCount } from "../../../docs/examples/word-count/plain-count.ts";
import type { FileRange } from "../../../docs/examples/word-count/text-files.ts";
import { PIECE_UNITS_MAX, TextRangeReader } from "../../../docs/examples/word-count/text-range-reader.ts";
import { runsOf, WORD_UNITS_MAX } from "../../../docs/examples/word-count/words.ts";
import { Prng } from "../../../src/base/prng.ts";
import { awkwardBytes, awkwardText, chosenSeed } from "./awkward-text.ts";

test("however a file is cut into ranges and chunks, they hold every line and word of it once", async (t) => {
  const seed = chosenSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new Prng(seed);
  for (let round = 0; round < 600; round++) {
    const bytes = awkwardBytes(random, 200);
    const cuts = Array.from({ length: random.below(6) }, () => random.below(bytes.length + 1));
    await checkRanges(bytes, cuts, 4 + random.below(60));
  }
});

test("line breaks at, before and behind every pair of cuts", async () => {
  const bytes = Buffer.from("ab\ncd\n\nef");
  for (let cut = 0; cut <= bytes.length; cut++) {
    for (let other = cut; other <= bytes.length; other++) await checkRanges(bytes, [cut, other], 64);
  }
});

test("lines longer than a piece lose no word, and runs without end stay one run", async () => {
  const long = PIECE_UNITS_MAX * 3 + 17;
  const lines = [
    "word ".repeat(long / 5),
    "a".repeat(long),
    `${"b".repeat(long)}'${"c".repeat(long)}''d`,
    "e''".repeat(long / 3),
    "f'".repeat(long / 2),
    "漢".repeat(long),
    `x${"𝒜".repeat(long / 2)} tail`,
    `${"g".repeat(PIECE_UNITS_MAX - 1)}'h i`,
    `${"j".repeat(PIECE_UNITS_MAX - 1)}''k l`,
    `${" ".repeat(PIECE_UNITS_MAX - 3)}straddles the cut`,
    "😀".repeat(long / 2),
  ];
  for (const line of lines) await checkRanges(Buffer.from(`before\n${line}\nafter ${line}`), [], 64 * 1024);
  await checkRanges(Buffer.from(lines.join("\n")), [1, long, long * 2, long * 5], 5_000);
});

test("random text around the length of a piece", async (t) => {
  const seed = chosenSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new Prng(seed);
  for (let round = 0; round < 60; round++) {
    const filler = ["z", " ", "漢", "y'", "''", "𝒜"][random.below(6)]!;
    const units = PIECE_UNITS_MAX - 20 + random.below(30);
    const text = [awkwardText(random, 12), filler.repeat(units / filler.length), awkwardText(random, 40)].join("");
    await checkRanges(Buffer.from(text.replaceAll("\n", " ")), [], 8 * 1024);
  }
});

/** Counts the ranges between `cuts` and compares with the plain count of the whole file. */
async function checkRanges(bytes: Buffer, cuts: number[], chunkBytes: number): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "ranges-"));
  try {
    const file = path.join(folder, "text");
    writeFileSync(file, bytes);
    const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
    const ranges = edges.slice(1).map((to, index) => ({ path: file, from: edges[index]!, to }));
    const { unreadable, ...expected } = await plainCount([file]);
    assert.deepEqual(unreadable, []);
    const facts = bytes.length < 1_000 ? JSON.stringify({ bytes: bytes.toString("latin1"), cuts, chunkBytes }) : "";
    assert.deepEqual(countRanges(ranges, Buffer.alloc(chunkBytes)), { ...expected, bytes: bytes.length }, facts);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function countRanges(ranges: FileRange[], chunk: Buffer) {
  const totals = { counts: new Map<string, number>(), lines: 0, words: 0, tooLongRuns: 0, bytes: 0 };
  for (const range of ranges) {
    const reader = new TextRangeReader(range, chunk);
    for (let piece = reader.next(); piece !== null; piece = reader.next()) {
      assert.ok(piece.length <= PIECE_UNITS_MAX);
      for (const run of runsOf(piece)) {
        if (run.length > WORD_UNITS_MAX) {
          totals.tooLongRuns++;
        } else {
          totals.counts.set(run, (totals.counts.get(run) ?? 0) + 1);
          totals.words++;
        }
      }
    }
    reader.close();
    totals.bytes += reader.bytes;
    totals.lines += reader.lines;
  }
  return totals;
}
