import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { InvariantError } from "../../../src/base/invariant.ts";
import { allocateCounters, countersShapeOf, SharedCounters } from "../../../src/memory/shared-counters.ts";

test("counts are private until published", () => {
  const buffer = allocateCounters({ ownerCount: 2, cellsPerOwner: 3 });
  const task = new SharedCounters(buffer, 0);
  const reader = new SharedCounters(buffer, 0);
  task.add(1, 5);
  task.add(1, 2);
  task.set(2, 40);
  assert.equal(task.current(1), 7);
  assert.equal(reader.read(1), 0);
  task.publish();
  assert.deepEqual(
    [0, 1, 2].map((cell) => reader.read(cell)),
    [0, 7, 40],
  );
});

test("the whole range of exact numbers survives publishing", () => {
  const numbers = [
    0,
    1,
    -1,
    2 ** 31 - 1,
    2 ** 31,
    -(2 ** 31),
    -(2 ** 31) - 1,
    2 ** 32 - 1,
    2 ** 32,
    -(2 ** 32),
    -(2 ** 32) - 1,
  ];
  numbers.push(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 123_456_789_012_345, -123_456_789_012_345);
  const task = new SharedCounters(allocateCounters({ ownerCount: 1, cellsPerOwner: 1 }), 0);
  for (const number of numbers) {
    task.set(0, number);
    task.publish();
    assert.equal(task.read(0), number);
  }
});

test("tasks do not touch each other's cells, nor cache lines", () => {
  const shape = { ownerCount: 5, cellsPerOwner: 17 };
  const buffer = allocateCounters(shape);
  const tasks = Array.from({ length: shape.ownerCount }, (_, owner) => new SharedCounters(buffer, owner));
  for (const [owner, task] of tasks.entries()) {
    for (let cell = 0; cell < 17; cell++) task.set(cell, owner * 1000 + cell);
    task.publish();
  }
  for (const [owner, task] of tasks.entries()) {
    for (let cell = 0; cell < 17; cell++) assert.equal(task.read(cell), owner * 1000 + cell);
  }
  assert.deepEqual(countersShapeOf(buffer), shape);
  assert.equal(buffer.byteLength, 128 + 5 * 256);
});

test("a restarted task goes on from what was published", () => {
  const buffer = allocateCounters({ ownerCount: 1, cellsPerOwner: 1 });
  const before = new SharedCounters(buffer, 0);
  before.add(0, 10);
  before.publish();
  before.add(0, 3);
  const after = new SharedCounters(buffer, 0);
  after.add(0, 1);
  after.publish();
  assert.equal(before.read(0), 11);
});

test("owners and cells that do not exist stop loudly", () => {
  const buffer = allocateCounters({ ownerCount: 1, cellsPerOwner: 2 });
  assert.throws(() => new SharedCounters(buffer, 1), InvariantError);
  assert.throws(() => new SharedCounters(buffer, 0).read(2), InvariantError);
});

test("a reader never sees half of a number that another thread publishes", async () => {
  const buffer = allocateCounters({ ownerCount: 1, cellsPerOwner: 2 });
  const worker = new Worker(new URL("counters-writer.js", import.meta.url), { workerData: buffer });
  let isRunning = true;
  const ended = new Promise<void>((resolve, reject) => {
    worker.once("exit", () => resolve()).once("error", reject);
  });
  ended.finally(() => {
    isRunning = false;
  });
  const reader = new SharedCounters(buffer, 0);
  const halves = new Set<number>();
  while (isRunning) {
    for (let look = 0; look < 20_000; look++) {
      const value = reader.read(0);
      assert.ok(value === 0 || value === 2 ** 32 - 1 || value === 2 ** 32, `torn: ${value}`);
      halves.add(value);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  await ended;
  assert.ok(halves.size >= 2, "the reader saw the counter move");
});
