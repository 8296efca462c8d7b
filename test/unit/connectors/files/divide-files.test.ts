import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../../src/base/prng.ts";
import { type FileRange, shareName, shareOf } from "../../../../src/connectors/files/divide-files.ts";
import type { ListedFile } from "../../../../src/connectors/files/list-files.ts";
import { SEED } from "./random-seed.ts";

const RANGE_BYTES = 1000;

function fileOf(path: string, bytes: number): ListedFile {
  return { path, bytes, device: 1, inode: path.length, modifiedMs: 0 };
}

function shares(files: readonly ListedFile[], taskCount: number, isAgreed: boolean): FileRange[][] {
  return Array.from({ length: taskCount }, (_, taskIndex) =>
    shareOf({
      files,
      isAgreed,
      rangeBytes: RANGE_BYTES,
      wayOf: ({ path }) => (path.endsWith(".gz") ? "packed" : path.endsWith(".csv") ? "whole" : "split"),
      taskIndex,
      taskCount,
    }),
  );
}

const NAMES = [".txt", ".gz", ".csv"];

test("every byte of every file is read by one task", (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const prng = new Prng(SEED);
  for (let round = 0; round < 200; round++) {
    const files = Array.from({ length: prng.below(10) }, (_, k) =>
      fileOf(`f${k}${NAMES[prng.below(3)]}`, prng.below(20_000)),
    );
    const taskCount = 1 + prng.below(6);
    const all = shares(files, taskCount, round % 2 === 0).flat();
    for (const file of files) {
      const ranges = all.filter((range) => range.file === file).sort((a, b) => a.from - b.from);
      assert.ok(ranges.length >= 1);
      let at = 0;
      for (const { from, to } of ranges) {
        assert.equal(from, at, `${file.path}, round ${round}`);
        at = Math.min(to, file.bytes);
      }
      assert.equal(at, file.bytes);
      if (!file.path.endsWith(".txt")) assert.equal(ranges.length, 1);
    }
  }
});

test("an agreed list is divided evenly", () => {
  const files = [fileOf("a.gz", 5000), fileOf("b.gz", 5000), fileOf("c.gz", 5000), fileOf("d.txt", 45_000)];
  const bytes = shares(files, 3, true).map((share) =>
    share.reduce((sum, { file, from, to }) => sum + Math.min(to, file.bytes) - from, 0),
  );
  assert.ok(Math.max(...bytes) - Math.min(...bytes) <= RANGE_BYTES, String(bytes));
});

test("tasks that found different sizes, or a file more, leave nothing out and read nothing twice", (t) => {
  t.diagnostic(`SEED=${SEED}`);
  const prng = new Prng(SEED);
  for (let round = 0; round < 100; round++) {
    const files = Array.from({ length: 1 + prng.below(5) }, (_, k) => fileOf(`f${k}.txt`, prng.below(8_000)));
    const taskCount = 1 + prng.below(4);
    const owners = new Map<string, number>();
    for (let task = 0; task < taskCount; task++) {
      // Each task sees files that have grown by then, and one that is new.
      const seen = [
        ...files.map(({ path, bytes }) => fileOf(path, bytes + prng.below(3_000))),
        fileOf("e.txt", task),
      ];
      for (const { file, from, to } of shares(seen, taskCount, false)[task]!) {
        for (let at = from; at < to; at += RANGE_BYTES) {
          const key = `${file.path} ${at}`;
          assert.ok(!owners.has(key), `${key} is read twice, round ${round}`);
          owners.set(key, task);
        }
      }
    }
    for (const { path, bytes } of files) {
      for (let at = 0; at < bytes; at += RANGE_BYTES) assert.ok(owners.has(`${path} ${at}`), `${path} ${at}`);
    }
  }
});

test("the name of a share tells other files, sizes and ranges", () => {
  const names = [
    [fileOf("a.txt", 100)],
    [fileOf("a.txt", 101)],
    [fileOf("b.txt", 100)],
    [fileOf("a.txt", 100), fileOf("b.txt", 0)],
    [{ ...fileOf("a.txt", 100), inode: 77 }],
  ].map((files) => shareName(shares(files, 1, true)[0]!));
  assert.equal(new Set(names).size, names.length);
  assert.equal(shareName(shares([fileOf("a.txt", 100)], 1, true)[0]!), names[0]);
});
