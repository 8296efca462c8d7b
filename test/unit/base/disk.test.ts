import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import type { Disk } from "../../../src/base/disk.ts";
import { realDisk } from "../../../src/base/disk.ts";
import { type DiskOperation, FaultyDisk } from "../../../src/base/faulty-disk.ts";

function withDirectory(run: (directory: string) => void): void {
  const directory = mkdtempSync(path.join(tmpdir(), "stormcell-disk-"));
  try {
    run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function readAll(disk: Disk, file: string): string {
  const opened = disk.open(file);
  const parts: Buffer[] = [];
  const buffer = Buffer.alloc(7);
  for (let position = 0; ; ) {
    const bytes = opened.read(buffer, 0, buffer.length, position);
    if (bytes === 0) break;
    parts.push(Buffer.from(buffer.subarray(0, bytes)));
    position += bytes;
  }
  opened.close();
  opened.close();
  return Buffer.concat(parts).toString();
}

test("files are written, appended to, read whole and in pieces", () => {
  withDirectory((directory) => {
    const file = path.join(directory, "a.txt");
    realDisk.writeFile(file, "one two ");
    realDisk.append(file, "three four");
    assert.equal(realDisk.readFile(file).toString(), "one two three four");
    assert.equal(readAll(realDisk, file), "one two three four");
    assert.deepEqual(realDisk.stat(file)?.bytes, 18);
    assert.equal(realDisk.stat(directory)?.kind, "directory");
    assert.equal(realDisk.stat(path.join(directory, "none")), null);
  });
});

test("a closed file cannot be read", () => {
  withDirectory((directory) => {
    const file = path.join(directory, "a.txt");
    realDisk.writeFile(file, "x");
    const opened = realDisk.open(file);
    opened.close();
    assert.throws(() => opened.read(Buffer.alloc(1), 0, 1, 0), { code: "EBADF" });
  });
});

test("a directory is listed to its depth, sorted, without following links", () => {
  withDirectory((directory) => {
    mkdirSync(path.join(directory, "b", "c"), { recursive: true });
    for (const name of ["z.txt", "b/y.txt", "b/c/x.txt", "B.txt"]) writeFileSync(path.join(directory, name), "");
    symlinkSync(directory, path.join(directory, "b", "loop"));
    const relative = realDisk.readDir(directory).map((file) => path.relative(directory, file));
    assert.deepEqual(relative, ["B.txt", "b/c/x.txt", "b/y.txt", "z.txt"]);
  });
});

test("a write that fails leaves the old content and no part of the new", () => {
  withDirectory((directory) => {
    const file = path.join(directory, "a.txt");
    realDisk.writeFile(file, "old");
    const unwritable = 7 as unknown as Uint8Array; // Refused only when the new file is open already.
    assert.throws(() => realDisk.writeFile(file, unwritable));
    assert.throws(() => realDisk.writeFile(directory, "a directory is in the way"));
    assert.equal(realDisk.readFile(file).toString(), "old");
    assert.deepEqual(readdirSync(directory), ["a.txt"]);
    assert.throws(() => realDisk.writeFile(path.join(directory, "no", "such.txt"), "x"), { code: "ENOENT" });
  });
});

test("a file is renamed over another", () => {
  withDirectory((directory) => {
    const [from, to] = [path.join(directory, "a.txt"), path.join(directory, "b.txt")];
    realDisk.writeFile(from, "new");
    realDisk.writeFile(to, "old");
    realDisk.rename(from, to);
    assert.deepEqual(readdirSync(directory), ["b.txt"]);
    assert.equal(realDisk.readFile(to).toString(), "new");
    assert.throws(() => realDisk.rename(from, to), { code: "ENOENT" });
  });
});

test("the k-th call of an operation fails as told, the others pass", () => {
  withDirectory((directory) => {
    const file = path.join(directory, "a.txt");
    const calls: Record<DiskOperation, (disk: Disk) => unknown> = {
      writeFile: (disk) => disk.writeFile(file, "hello disk"),
      append: (disk) => disk.append(file, "!"),
      readFile: (disk) => disk.readFile(file),
      stat: (disk) => disk.stat(file),
      readDir: (disk) => disk.readDir(directory),
      open: (disk) => disk.open(file).close(),
      close: (disk) => disk.open(file).close(),
      read: (disk) => readAll(disk, file),
      // To itself: nothing changes for the other calls.
      rename: (disk) => disk.rename(file, file),
    };
    for (const operation of Object.keys(calls) as DiskOperation[]) {
      const disk = new FaultyDisk(realDisk, [{ operation, call: 2, errno: "EIO" }]);
      if (operation !== "read") calls[operation](disk);
      assert.throws(() => calls[operation](disk), { code: "EIO" }, operation);
      calls[operation](disk);
      assert.ok(disk.calls(operation) >= 3, operation);
    }
  });
});

test("short reads give less, and a reader that goes on sees everything", () => {
  withDirectory((directory) => {
    const file = path.join(directory, "a.txt");
    realDisk.writeFile(file, "hello disk");
    const disk = new FaultyDisk(realDisk, [{ operation: "read", call: 1, shortBytes: 1 }]);
    assert.equal(readAll(disk, file), "hello disk");
    assert.equal(disk.calls("read"), 4); // 1, 7 and 2 bytes, then the end.
  });
});
