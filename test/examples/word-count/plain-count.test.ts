import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { compareCounts, plainCount } from "../../../docs/examples/word-count/plain-count.ts";

test("the plain count of a small file is what a reader would count", async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, "fox.txt");
  writeFileSync(file, "\ufeffThe fox's den.\r\nthe FOX'S den'\n\n'the' end");
  const { counts, ...totals } = await plainCount([file]);
  assert.deepEqual([...counts].sort(), [
    ["den", 2],
    ["end", 1],
    ["fox's", 2],
    ["the", 3],
  ]);
  assert.deepEqual(totals, { lines: 4, words: 8, tooLongRuns: 0, unreadable: [] });
});

test("reading a file in small pieces changes nothing", async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, "pieces.txt");
  writeFileSync(file, `one two\nthree\n${"four ".repeat(40)}\n\n漢字 five`);
  const whole = await plainCount([file]);
  for (const pieceBytes of [1, 2, 7, 64]) assert.deepEqual(await plainCount([file], { pieceBytes }), whole);
  assert.equal(whole.words, 45);
  assert.equal(whole.lines, 5);
});

test("a file that cannot be read is named, and the others are counted", async (t) => {
  const folder = temporaryFolder(t);
  const file = path.join(folder, "there.txt");
  writeFileSync(file, "here");
  const gone = path.join(folder, "gone.txt");
  const result = await plainCount([gone, file]);
  assert.deepEqual(result.unreadable, [{ path: gone, reason: "ENOENT" }]);
  assert.equal(result.words, 1);
});

test("comparing counts finds missing, additional and miscounted words", () => {
  const counted = new Map([
    ["same", 1],
    ["more", 3],
    ["added", 1],
  ]);
  const expected = new Map([
    ["same", 1],
    ["more", 2],
    ["missing", 5],
  ]);
  assert.deepEqual(compareCounts(counted, expected), [
    { what: '"added"', counted: 1, expected: 0 },
    { what: '"missing"', counted: 0, expected: 5 },
    { what: '"more"', counted: 3, expected: 2 },
  ]);
  assert.deepEqual(compareCounts(expected, expected), []);
});

function temporaryFolder(t: test.TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "plain-count-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
