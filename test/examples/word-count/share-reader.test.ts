import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { ShareReader } from "../../../docs/examples/word-count/share-reader.ts";
import type { UnreadablePath } from "../../../docs/examples/word-count/text-files.ts";

test("a share is read range by range; what cannot be read is reported, the rest goes on", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "share-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const [first, gone, second] = ["first", "gone", "second"].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(first, "one\n\ntwo\n");
  writeFileSync(second, "three\nfour");
  const ranges = [
    { path: first, from: 0, to: 9 },
    { path: gone, from: 0, to: 10 },
    // A folder opens like a file, and fails at the first read.
    { path: folder, from: 0, to: 10 },
    { path: second, from: 0, to: 3 },
    { path: second, from: 3, to: 10 },
  ];
  const unreadable: UnreadablePath[] = [];
  const share = new ShareReader(ranges, (entry) => unreadable.push(entry));

  const lines: string[] = [];
  for (let line = share.next(); line !== null; line = share.next()) lines.push(line);

  assert.deepEqual(lines, ["one", "two", "three", "four"]);
  assert.deepEqual(unreadable, [
    { path: gone, reason: "ENOENT" },
    { path: folder, reason: "EISDIR" },
  ]);
  assert.deepEqual(share.takeProgress(), { files: 2, bytes: 19, lines: 5 });
  assert.deepEqual(share.takeProgress(), { files: 0, bytes: 0, lines: 0 });
  assert.equal(share.next(), null);
});

test("progress is told in parts that add up while a file is being read", (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), "share-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = path.join(folder, "long");
  const text = "some words in a line\n".repeat(40_000);
  writeFileSync(file, text);
  const share = new ShareReader([{ path: file, from: 0, to: text.length }], ({ path }) => assert.fail(path));
  const sums = { files: 0, bytes: 0, lines: 0 };
  let parts = 0;
  for (let line: string | null = ""; line !== null; ) {
    line = share.next();
    if (line !== null && share.bytesRead < 100_000) continue;
    const { files, bytes, lines } = share.takeProgress();
    sums.files += files;
    sums.bytes += bytes;
    sums.lines += lines;
    parts++;
  }
  assert.deepEqual(sums, { files: 1, bytes: text.length, lines: 40_000 });
  assert.ok(parts >= 4, `${parts} parts`);
});
