/**
 * Goal:   what is on the disk is there in the right order: a name before its records are acked, records before a
 *         part is called complete; and nothing is touched that is another's.
 * Method: the calls of the system, written down over real files.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { type FileAccess, localFiles, type WritableFile } from "../../../../src/connectors/files/local-files.ts";
import { PartWriter } from "../../../../src/connectors/files/part-writer.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "part-writer-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Real files, and what was done with them. */
function recording(calls: string[]): FileAccess {
  const nameOf = (file: string) => path.relative(root, file);
  const watched = <F extends WritableFile>(file: F, name: string): F => ({
    ...file,
    facts: () => file.facts(),
    write(bytes: Uint8Array, position: number) {
      if (bytes.length > 0) calls.push(`write ${name}`);
      file.write(bytes, position);
    },
    async sync() {
      await file.sync();
      calls.push(`sync ${name}`);
    },
    truncate(bytes: number) {
      calls.push(`cut ${name} to ${bytes}`);
      file.truncate(bytes);
    },
    close: () => file.close(),
  });
  return {
    ...localFiles,
    create: (file) => {
      calls.push(`create ${nameOf(file)}`);
      return watched(localFiles.create(file), nameOf(file));
    },
    openToRepair(file) {
      const opened = localFiles.openToRepair(file);
      return { ...watched(opened, nameOf(file)), read: (...where) => opened.read(...where) };
    },
    rename(from, to) {
      calls.push(`rename ${nameOf(from)}`);
      localFiles.rename(from, to);
    },
    async syncFolder(folder) {
      await localFiles.syncFolder(folder);
      calls.push(`sync /${nameOf(folder)}`);
    },
  };
}

function writerIn(folder: string, changes: { readonly checkOwner?: () => void; readonly header?: string } = {}) {
  const calls: string[] = [];
  const settings = { prefix: "t~c", taskIndex: 0, extension: ".txt", quote: null, header: "", checkOwner: () => {} };
  const writer = new PartWriter({
    ...settings,
    ...changes,
    folder: path.join(root, folder),
    access: recording(calls),
  });
  return { calls, writer };
}

test("folders, names, records and the complete part are on the disk in this order", async () => {
  const { calls, writer } = writerIn("a/b");
  await writer.start();
  assert.deepEqual(calls.splice(0).sort(), ["sync /", "sync /a"], "the names of the folders that were made");
  await writer.write("one\n", 1, 0);
  await writer.sync();
  const part = "a/b/t~c-0.A.txt.tmp";
  assert.deepEqual(calls.splice(0), [`create ${part}`, "sync /a/b", `write ${part}`, `sync ${part}`]);
  await writer.finish();
  assert.deepEqual(calls, [`rename ${part}`, "sync /a/b"]);
});

test("what is recovered is cut and on the disk before it is called complete", async () => {
  writeFileSync(path.join(root, "t~c-0.A.txt.tmp"), "one\ntw");
  const { calls, writer } = writerIn("");
  await writer.start();
  const part = "t~c-0.A.txt.tmp";
  assert.deepEqual(calls, [`cut ${part} to 4`, `sync ${part}`, `rename ${part}`, "sync /"]);
});

test("what was not synced is cut off, and the cut is on the disk before the part is called complete", async () => {
  const { calls, writer } = writerIn("");
  await writer.start();
  await writer.write("one\n", 1, 0);
  await writer.sync();
  await writer.write("two\n", 1, 0);
  calls.length = 0;
  await writer.giveUp();
  const part = "t~c-0.A.txt.tmp";
  assert.deepEqual(calls, [`cut ${part} to 4`, `sync ${part}`, `rename ${part}`, "sync /"]);
});

test("a finished part is not taken away by another of its name", async () => {
  const { writer } = writerIn("");
  await writer.start();
  await writer.write("mine\n", 1, 0);
  await writer.sync();
  writeFileSync(path.join(root, "t~c-0.A.txt"), "theirs\n");
  await assert.rejects(writer.finish(), /a finished part of this name/);
  assert.equal(readFileSync(path.join(root, "t~c-0.A.txt"), "utf8"), "theirs\n");
  assert.equal(readFileSync(path.join(root, "t~c-0.A.txt.tmp"), "utf8"), "mine\n");
});

test("who does not own the files any more writes nothing, and completes nothing", async () => {
  let isOwner = true;
  const checkOwner = () => {
    if (!isOwner) throw new Error("another has them");
  };
  const { calls, writer } = writerIn("", { checkOwner });
  await writer.start();
  isOwner = false;
  await assert.rejects(writer.write("one\n", 1, 0), /another has them/);
  assert.deepEqual(readdirSync(root), []);
  isOwner = true;
  await writer.write("one\n", 1, 0);
  await writer.sync();
  isOwner = false;
  calls.length = 0;
  await assert.rejects(writer.finish(), /another has them/);
  await assert.rejects(writer.giveUp(), /another has them/);
  assert.deepEqual(calls, []);
  assert.ok(existsSync(path.join(root, "t~c-0.A.txt.tmp")));
});

test("parts of other tasks, topologies and endings are left as they are", async () => {
  const others = ["t~c-1.A.txt.tmp", "t~cc-0.A.txt.tmp", "tt~c-0.A.txt.tmp", "t~c-0.A.csv.tmp", "t~c-0.a.txt.tmp"];
  mkdirSync(path.join(root, "out"));
  for (const name of others) writeFileSync(path.join(root, "out", name), "theirs");
  const { calls, writer } = writerIn("out");
  assert.deepEqual(await writer.start(), []);
  assert.deepEqual([calls, readdirSync(path.join(root, "out")).sort()], [[], others.sort()]);
});
