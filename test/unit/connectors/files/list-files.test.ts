import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { listFiles } from "../../../../src/connectors/files/list-files.ts";
import { matchesPart, parseGlob } from "../../../../src/connectors/files/match-glob.ts";

const root = mkdtempSync(path.join(tmpdir(), "list-files-"));
after(() => rmSync(root, { recursive: true }));

for (const file of [
  "a.txt",
  "b.txt",
  "c.log",
  ".hidden.txt",
  "part.jsonl.tmp",
  "draft[1].txt",
  "sub/d.txt",
  "sub/deep/e.txt",
  "sub/.secret/f.txt",
  "other/g-1.csv",
  "other/g-2.csv",
  "other/h-1.csv",
]) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), "x");
}
symlinkSync(path.join(root, "a.txt"), path.join(root, "link.txt"));
symlinkSync(path.join(root, "sub"), path.join(root, "linked"));

function found(...patterns: string[]): string[] {
  return listFiles(patterns.map((pattern) => path.join(root, pattern))).map((file) => path.relative(root, file.path));
}

test("a folder stands for what is below it, but for hidden and unfinished files and for links", () => {
  const all = ["a.txt", "b.txt", "c.log", "draft[1].txt", "other/g-1.csv", "other/g-2.csv", "other/h-1.csv"];
  assert.deepEqual(found("."), [...all, "sub/d.txt", "sub/deep/e.txt"]);
  assert.deepEqual(found("sub"), ["sub/d.txt", "sub/deep/e.txt"]);
});

test("links are followed where they are named, and a file with two names is found once", () => {
  assert.deepEqual(found("linked"), ["linked/d.txt", "linked/deep/e.txt"]);
  assert.deepEqual(found("a.txt", "link.txt", "a.txt", "*.txt"), ["a.txt", "b.txt", "draft[1].txt"]);
  assert.deepEqual(found("sub", "linked").length, 2);
});

test("patterns find what they say", () => {
  assert.deepEqual(found("*.txt"), ["a.txt", "b.txt", "draft[1].txt"]);
  assert.deepEqual(found("?.txt"), ["a.txt", "b.txt"]);
  assert.deepEqual(found("[!b-z].txt"), ["a.txt"]);
  assert.deepEqual(found(".h*.txt"), [".hidden.txt"]);
  assert.deepEqual(found("**/*.txt"), ["a.txt", "b.txt", "draft[1].txt", "sub/d.txt", "sub/deep/e.txt"]);
  assert.deepEqual(found("sub/**"), ["sub/d.txt", "sub/deep/e.txt"]);
  assert.deepEqual(found("sub/**/e.txt"), ["sub/deep/e.txt"]);
  assert.deepEqual(found("**/**/**/**/e.txt"), ["sub/deep/e.txt"]);
  assert.deepEqual(found("{other,sub}/{g-*,d}.{csv,txt}"), ["other/g-1.csv", "other/g-2.csv", "sub/d.txt"]);
  assert.deepEqual(found("*/g-[12].csv"), ["other/g-1.csv", "other/g-2.csv"]);
  assert.deepEqual(found("draft[1].txt"), ["draft[1].txt"], "a name is what it says before it is a pattern");
});

test("what does not exist, and a pattern that nothing matches, is an error that names it", () => {
  for (const missing of ["nothing.txt", "*.nothing", "{a", "[a", "nothing/*.txt"]) {
    assert.throws(() => found(missing), { code: "INPUT_NOT_FOUND" }, missing);
  }
});

test("a folder that cannot be read is an error", {
  skip: process.getuid?.() === 0 && "root may read everything",
}, () => {
  const closed = path.join(root, "closed");
  mkdirSync(closed);
  chmodSync(closed, 0);
  try {
    assert.throws(() => found("closed"), { code: "CONNECTOR_FAILED", message: /closed/ });
  } finally {
    chmodSync(closed, 0o700);
    rmSync(closed, { recursive: true });
  }
});

test("patterns match names sign by sign", () => {
  const matches = (pattern: string, name: string) =>
    parseGlob(pattern)!.some(([part]) => part !== "folders" && matchesPart(part!, name));
  for (const [pattern, name] of [
    ["a+b(c).txt?", "a+b(c).txt1"],
    ["*", "日本"],
    ["?", "🌩"],
    ["[a-c]x", "bx"],
    ["[]]", "]"],
    ["[!]]", "a"],
    ["{a,b{c,d}}e", "bde"],
    ["x{,y}", "x"],
  ] as const) {
    assert.ok(matches(pattern, name), `${pattern} ${name}`);
  }
  for (const [pattern, name] of [
    ["*", ".hidden"],
    ["a.c", "abc"],
    ["[!a]x", "ax"],
    ["?", "ab"],
    ["a*b", "ab/b"],
  ] as const) {
    assert.ok(!matches(pattern, name) || name.includes("/"), `${pattern} ${name}`);
  }
  assert.equal(parseGlob("{a,b"), null);
  assert.equal(parseGlob("a}"), null);
  assert.equal(parseGlob("[z-a]"), null);
  assert.equal(parseGlob("{a,b}".repeat(11)), null, "2,048 alternatives are too many");
});

test("odd names are names, and one that is no UTF-8 is told, not left out", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "odd-names-"));
  try {
    const names = [
      "line\nend.txt",
      " space .txt",
      "-dash.txt",
      "back\\slash.txt",
      "\ufffd.txt",
      "\u00e9.txt",
      "e\u0301.txt",
    ];
    for (const name of names) writeFileSync(path.join(folder, name), "x");
    const expected = names.map((name) => path.join(folder, name)).sort();
    for (const named of [folder, path.join(folder, "*.txt"), path.join(folder, "**")]) {
      assert.deepEqual(
        listFiles(named).map((file) => file.path),
        expected,
      );
    }
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0x61, 0xe9]), Buffer.from(".txt")]), "x");
    for (const named of [folder, path.join(folder, "*.txt"), path.join(folder, "**")]) {
      assert.throws(() => listFiles(named), /a name that is no UTF-8/);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
