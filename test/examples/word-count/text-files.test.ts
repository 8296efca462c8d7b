import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test from "node:test";
import { findTextFiles, shareOfWork, type TextFile } from "../../../docs/examples/word-count/text-files.ts";
import { EngineError } from "../../../src/base/engine-error.ts";
import { Prng } from "../../../src/base/prng.ts";
import { chosenSeed } from "./awkward-text.ts";

test("text files are found in every depth, binary ones and links are not counted", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(path.join(folder, "deep", "er"), { recursive: true });
  const write = (name: string, content: string | Buffer) => writeFileSync(path.join(folder, name), content);
  write("b.txt", "text");
  write("empty", "");
  write("deep/er/a.md", "more text");
  write("zero-early.bin", Buffer.from("abc\0def"));
  write("zero-at-the-edge.bin", `${"x".repeat(8191)}\0`);
  write("zero-late.txt", `${"x".repeat(8192)}\0`);
  symlinkSync(folder, path.join(folder, "deep", "loop"));
  symlinkSync(path.join(folder, "b.txt"), path.join(folder, "link.txt"));

  const found = findTextFiles([folder]);

  assert.deepEqual(
    found.files.map((file) => [path.relative(folder, file.path), file.bytes]),
    [
      ["b.txt", 4],
      ["deep/er/a.md", 9],
      ["empty", 0],
      ["zero-late.txt", 8193],
    ],
  );
  assert.equal(found.binaryFiles, 2);
  assert.equal(found.otherEntries, 2);
  assert.deepEqual(found.unreadable, []);
});

test("overlapping and repeated paths give each file once, and a named link is followed", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(path.join(folder, "in"));
  writeFileSync(path.join(folder, "in", "a.txt"), "a");
  symlinkSync(path.join(folder, "in"), path.join(folder, "named-link"));
  const paths = [folder, path.join(folder, "in"), path.join(folder, "in", "a.txt"), path.join(folder, "named-link")];
  assert.equal(findTextFiles(paths).files.length, 1);
  assert.equal(findTextFiles([path.join(folder, "named-link")]).files.length, 1);
});

test("a named path that does not exist is a coded error", (t) => {
  const missing = path.join(temporaryFolder(t), "missing");
  assert.throws(
    () => findTextFiles([missing]),
    (error) => error instanceof EngineError && error.code === "INPUT_NOT_FOUND" && error.message.includes(missing),
  );
});

test("files and folders without permission are reported, and the rest is found", (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(path.join(folder, "locked"));
  writeFileSync(path.join(folder, "secret.txt"), "secret");
  writeFileSync(path.join(folder, "open.txt"), "open");
  chmodSync(path.join(folder, "locked"), 0);
  chmodSync(path.join(folder, "secret.txt"), 0);
  chmodSync(folder, 0o755);
  const found = findAsOrdinaryUser(folder);
  assert.deepEqual(found.unreadable.map((entry) => `${path.basename(entry.path)} ${entry.reason}`).sort(), [
    "locked EACCES",
    "secret.txt EACCES",
  ]);
  assert.deepEqual(
    found.files.map((file) => path.basename(file.path)),
    ["open.txt"],
  );
});

test("every byte of every file is in exactly one task's share, and the shares are even", (t) => {
  const seed = chosenSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = new Prng(seed);
  for (let round = 0; round < 50; round++) {
    const sizes = Array.from({ length: random.below(60) }, () => random.below(4_000) ** 2 * random.below(2));
    const files = sizes.map((bytes, index) => ({ path: `file-${index}`, bytes }));
    const taskCount = 1 + random.below(8);
    const shares = Array.from({ length: taskCount }, (_, task) => shareOfWork(files, task, taskCount));
    for (const file of files) checkCovered(file, shares.flat());
    const loads = shares.map((ranges) => ranges.reduce((sum, range) => sum + range.to - range.from, 0));
    const largest = Math.max(0, ...shares.flat().map((range) => range.to - range.from));
    assert.ok(Math.max(...loads) - Math.min(...loads) <= largest + sizes.length, `${loads} by up to ${largest}`);
  }
});

test("one huge file is divided evenly over all tasks", () => {
  const files = [{ path: "huge", bytes: 10 * 2 ** 30 }];
  const loads = [0, 1, 2, 3].map((task) =>
    shareOfWork(files, task, 4).reduce((sum, range) => sum + range.to - range.from, 0),
  );
  assert.ok(Math.max(...loads) - Math.min(...loads) <= 4, String(loads));
});

function checkCovered(file: TextFile, ranges: { path: string; from: number; to: number }[]): void {
  const own = ranges.filter((range) => range.path === file.path).sort((a, b) => a.from - b.from);
  assert.equal(own[0]!.from, 0);
  assert.equal(own.at(-1)!.to, file.bytes);
  for (let index = 1; index < own.length; index++) assert.equal(own[index]!.from, own[index - 1]!.to);
}

/** Permissions do not bind the super-user: then another process looks, as nobody. */
function findAsOrdinaryUser(folder: string): ReturnType<typeof findTextFiles> {
  if (process.getuid?.() !== 0) return findTextFiles([folder]);
  const url = import.meta.resolve("../../../docs/examples/word-count/text-files.js");
  const script = `process.setgid(65534); process.setuid(65534);
    console.log(JSON.stringify(findTextFiles([${JSON.stringify(folder)}])))`;
  const program = `import { findTextFiles } from ${JSON.stringify(url)}; ${script}`;
  const child = spawnSync(process.execPath, ["--input-type=module", "--eval", program], { encoding: "utf8" });
  assert.equal(child.status, 0, child.stderr);
  return JSON.parse(child.stdout);
}

function temporaryFolder(t: test.TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "text-files-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}
