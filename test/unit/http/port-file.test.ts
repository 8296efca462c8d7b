import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { type PortFile, portFolder, readPortFiles, writePortFile } from "../../../src/http/port-file.ts";

const scratch = mkdtempSync(path.join(tmpdir(), "port-file-"));
after(() => rmSync(scratch, { recursive: true }));
let folders = 0;
const hasUsers = process.getuid !== undefined;

function newFolder(): string {
  folders += 1;
  return path.join(scratch, `folder-${folders}`);
}

function content(change: Partial<PortFile> = {}): PortFile {
  const url = "http://127.0.0.1:8080";
  return { version: 1, pid: process.pid, instance: "i", url, token: "t".repeat(16), startedMs: 1, ...change };
}

test("a file is written for its owner alone, read, and removed by whoever wrote it", () => {
  const folder = newFolder();
  const remove = writePortFile(content(), { folder });
  const file = path.join(folder, `${process.pid}.json`);
  if (hasUsers) assert.deepEqual([statSync(folder).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600]);
  assert.deepEqual(readPortFiles({ folder }), [content()]);

  const removeNewer = writePortFile(content({ instance: "newer" }), { folder });
  remove();
  assert.ok(existsSync(file), "the file of another server was removed");
  removeNewer();
  assert.ok(!existsSync(file));
});

test("files of processes that are gone are removed, and what is no such file is left out", () => {
  const folder = newFolder();
  writePortFile(content({ pid: 1001, startedMs: 5 }), { folder });
  writePortFile(content({ pid: 1002, startedMs: 9 }), { folder });
  writePortFile(content({ pid: 1003 }), { folder });
  writeFileSync(path.join(folder, "1004.json"), "{");
  writeFileSync(path.join(folder, "1005.json"), JSON.stringify(content({ pid: 1 })));
  writeFileSync(path.join(folder, "1006.json"), JSON.stringify({ ...content({ pid: 1006 }), version: 2 }));
  writeFileSync(path.join(folder, "notes.txt"), "mine");
  const found = readPortFiles({ folder, isAlive: (pid) => pid !== 1003 });

  assert.deepEqual(
    found.map(({ pid }) => pid),
    [1002, 1001],
  );
  assert.ok(!existsSync(path.join(folder, "1003.json")));
  assert.ok(existsSync(path.join(folder, "notes.txt")));
});

test("there is nothing to find where there is no folder", () => {
  assert.deepEqual(readPortFiles({ folder: newFolder() }), []);
});

test("a folder that others may use, or that is a link, is refused", { skip: !hasUsers && "no user ids here" }, () => {
  const open = newFolder();
  mkdirSync(open, { mode: 0o700 });
  chmodSync(open, 0o777);
  const link = newFolder();
  mkdirSync(newFolder());
  symlinkSync(open, link);
  const file = newFolder();
  writeFileSync(file, "");
  for (const folder of [open, link, file]) {
    assert.throws(() => writePortFile(content(), { folder }), { code: "UI_FOLDER_UNSAFE" });
  }
  writeFileSync(path.join(open, "1001.json"), JSON.stringify(content({ pid: 1001 })));
  assert.throws(() => readPortFiles({ folder: open, isAlive: () => true }), { code: "UI_FOLDER_UNSAFE" });
});

test("where files are: as told, for the session, or in the system's folder by user", () => {
  assert.equal(portFolder({ STORMCELL_RUN_DIR: scratch, XDG_RUNTIME_DIR: "/x" }), scratch);
  assert.equal(portFolder({ XDG_RUNTIME_DIR: scratch }), path.join(scratch, "stormcell"));
  assert.ok(portFolder({}).startsWith(path.join(tmpdir(), "stormcell-")));
});
