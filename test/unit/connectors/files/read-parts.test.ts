import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { readParts } from "../../../../src/connectors/files/read-parts.ts";

const DEADLINE = { timeout: 10_000 };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "read-parts-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (file: string) => path.join(folder, file);

async function textsOf(options: object = {}): Promise<string[]> {
  const texts: string[] = [];
  for await (const { text } of readParts({ folder, ...options })) texts.push(text);
  return texts;
}

test("whole records of finished and growing parts come in the order of tasks and parts", async () => {
  writeFileSync(at("t~c-1.A.txt"), "1A\n");
  writeFileSync(at("t~c-0.B.txt.tmp"), "0B\n0B, more\n0B, not wh");
  writeFileSync(at("t~c-0.A.txt"), "0A\n0A, more\n");
  writeFileSync(at("t~c-0.AA.txt.tmp"), "0AA\n");
  writeFileSync(at("t~other-0.A.txt"), "other\n");
  writeFileSync(at("notes.txt"), "none\n");
  const own = ["0A", "0A, more", "0B", "0B, more", "0AA", "1A"];
  assert.deepEqual(await textsOf(), [...own, "other"]);
  assert.deepEqual(await textsOf({ component: "c" }), own);
  assert.deepEqual(await textsOf({ topology: "none" }), []);
});

test("records of CSV may hold line ends, and headers are left out", async () => {
  writeFileSync(at("t~c-0.A.csv"), 'n\n1\n"two\nlines"\n');
  writeFileSync(at("t~c-0.B.csv.tmp"), 'n\n"three\nli');
  assert.deepEqual(await textsOf({ format: "csv" }), ["1", '"two\nlines"']);
  assert.deepEqual(await textsOf({ format: "csv", csv: { header: false } }), ["n", "1", '"two\nlines"', "n"]);
});

test("followed, records come as parts grow, are renamed and are cut back", DEADLINE, async () => {
  const stop = new AbortController();
  const seen: string[] = [];
  const steps: (() => void)[] = [
    () => appendFileSync(at("t~c-0.A.txt.tmp"), "two\nthr"),
    () => appendFileSync(at("t~c-0.A.txt.tmp"), "ee\n"),
    () => {
      // A writer that could not write cuts what was not synced, and ends the part.
      truncateSync(at("t~c-0.A.txt.tmp"), "one\ntwo\nthree\n".length);
      appendFileSync(at("t~c-0.A.txt.tmp"), "four\n");
      renameSync(at("t~c-0.A.txt.tmp"), at("t~c-0.A.txt"));
      writeFileSync(at("t~c-0.B.txt.tmp"), "five\n");
    },
    () => stop.abort(),
  ];
  writeFileSync(at("t~c-0.A.txt.tmp"), "one\n");
  for await (const { text } of readParts({ folder, follow: true, pollMs: 5, signal: stop.signal })) {
    seen.push(text);
    if (["one", "two", "three", "five"].includes(text)) steps.shift()!();
  }
  assert.deepEqual(seen, ["one", "two", "three", "four", "five"]);
});

test("followed, a folder that is not there yet is waited for", DEADLINE, async () => {
  const stop = new AbortController();
  const later = at("later");
  const records = readParts({ folder: later, follow: true, pollMs: 1, signal: stop.signal });
  const first = records.next();
  mkdirSync(later);
  writeFileSync(path.join(later, "t~c-0.A.txt.tmp"), "one\n");
  assert.equal((await first).value?.text, "one");
  stop.abort();
  assert.equal((await records.next()).done, true);
});

test("options that are wrong are told at once", () => {
  for (const bad of [
    {},
    { folder, folow: true },
    { folder, pollMs: 0 },
    { folder, csv: {} },
    { folder, signal: 1 },
  ]) {
    assert.throws(() => readParts(bad as { folder: string }), { code: "CONNECTOR_BAD_OPTION" });
  }
});

test("a folder that is not there is an error that names it", async () => {
  await assert.rejects(textsOf({ folder: at("nothing") }), { code: "CONNECTOR_FAILED", message: /nothing/ });
});
