import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { Doorbell } from "../../../src/memory/doorbell.ts";
import { allocateControl } from "../../../src/memory/run-memory.ts";

/** A pending asynchronous wait does not keep the process alive; this does, and bounds the test. */
async function withKeepAlive<T>(body: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => assert.fail("never woken"), 20_000);
  try {
    return await body();
  } finally {
    clearTimeout(timer);
  }
}

test("a ring between prepareToPark and parkAsync is not slept through", () => {
  const bell = new Doorbell(allocateControl(1), 0);
  bell.prepareToPark();
  bell.ring();
  assert.equal(bell.parkAsync(), null);
});

test("parkAsync without prepareToPark never sleeps", () => {
  const bell = new Doorbell(allocateControl(1), 0);
  assert.equal(bell.parkAsync(), null);
  bell.prepareToPark();
  bell.cancelPark();
  assert.equal(bell.parkAsync(), null);
});

test("a ring wakes the parked owner, and leaves the bell awake", async () => {
  const control = allocateControl(1);
  const bell = new Doorbell(control, 0);
  bell.prepareToPark();
  const parked = bell.parkAsync();
  assert.ok(parked !== null);
  new Doorbell(control, 0).ring();
  await withKeepAlive(() => parked);
  assert.equal(Atomics.load(control, 0), 0);
});

test("thousands of cancelled parks leave exactly one wait outstanding, and it still wakes", async () => {
  const control = allocateControl(1);
  const bell = new Doorbell(control, 0);
  let started = 0;
  const realWaitAsync = Atomics.waitAsync;
  Atomics.waitAsync = ((words: Int32Array, index: number, value: number) => {
    started++;
    return realWaitAsync(words, index, value);
  }) as typeof Atomics.waitAsync;
  try {
    for (let cycle = 0; cycle < 10_000; cycle++) {
      bell.prepareToPark();
      assert.ok(bell.parkAsync() !== null);
      bell.cancelPark();
      if (cycle % 1000 === 0) await turn();
    }
  } finally {
    Atomics.waitAsync = realWaitAsync;
  }
  assert.equal(started, 1);
  bell.prepareToPark();
  const parked = bell.parkAsync();
  assert.ok(parked !== null);
  bell.ring();
  await withKeepAlive(() => parked);
  bell.prepareToPark();
  assert.ok(bell.parkAsync() !== null, "the next cycle parks again");
  bell.ring();
});

test("a ring for an old wait that comes before the new park is not slept through", () => {
  const bell = new Doorbell(allocateControl(1), 0);
  bell.prepareToPark();
  assert.ok(bell.parkAsync() !== null);
  bell.cancelPark();
  bell.prepareToPark();
  bell.ring();
  assert.equal(bell.parkAsync(), null);
});

test("ringAlways wakes an owner whose ringer died between its exchange and its notify", async () => {
  const control = allocateControl(1);
  const bell = new Doorbell(control, 0);
  bell.prepareToPark();
  const parked = bell.parkAsync();
  assert.ok(parked !== null);
  Atomics.exchange(control, 0, 0); // As far as the dead ringer came.
  new Doorbell(control, 0).ring(); // Sees an awake owner, so it cannot help.
  new Doorbell(control, 0).ringAlways();
  await withKeepAlive(() => parked);
});

test("parkBlocking returns at once when rung before, and false when the time is over", () => {
  const control = allocateControl(1);
  const bell = new Doorbell(control, 0);
  bell.prepareToPark();
  bell.ring();
  assert.equal(bell.parkBlocking(10_000), true);
  bell.prepareToPark();
  assert.equal(bell.parkBlocking(1), false);
  assert.equal(Atomics.load(control, 0), 0, "awake after a time-out");
});

test("a thread in parkBlocking is woken by another, even with an asynchronous wait of its own pending", async () => {
  const control = allocateControl(2);
  const worker = new Worker(new URL("doorbell-sleeper.js", import.meta.url), { workerData: control });
  const outcome = new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
  while (Atomics.load(control, 0) !== 1 || Atomics.load(control, 1) !== 1) await turn();
  new Doorbell(control, 0).ring();
  assert.equal(await outcome, true);
  await worker.terminate();
});
