import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { InvariantError } from "../../../src/base/invariant.ts";
import { Barrier } from "../../../src/memory/barrier.ts";
import { Condition } from "../../../src/memory/condition.ts";
import { Latch } from "../../../src/memory/latch.ts";
import { Mutex } from "../../../src/memory/mutex.ts";
import { allocateControl } from "../../../src/memory/run-memory.ts";
import { Semaphore } from "../../../src/memory/semaphore.ts";
import type { LockThreadData } from "./lock-thread.ts";

const GUARDED_WORD = 8;
const HANG_MS = 60_000;

type Roles = readonly LockThreadData["role"][];

/**
 * Runs one thread per role over the same words until all are done; a lost wake-up ends as an error, not as a hang.
 */
async function runThreads(words: Int32Array, roles: Roles, rounds: number): Promise<void> {
  const workers = roles.map((role, thread) => {
    const workerData: LockThreadData = { words, role, thread, threadCount: roles.length, rounds };
    return new Worker(new URL("lock-thread.js", import.meta.url), { workerData });
  });
  const done = workers.map(
    (worker) => new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject)),
  );
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`hung: words ${words.join(" ")}`)), HANG_MS);
  });
  try {
    await Promise.race([Promise.all(done), hang]);
  } finally {
    clearTimeout(timer);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

test("mutex: four threads, blocking, asynchronous and impatient ones, never meet inside", async () => {
  const words = allocateControl(16);
  await runThreads(words, ["mutex", "impatientMutex", "mutexAsync", "mutex"], 3000);
  assert.equal(words[GUARDED_WORD], 12_000);
  assert.equal(words[0], 0, "free at the end");
});

test("mutex: tryLock and timeouts give up, and a lock that becomes free within the time is taken", async () => {
  const words = allocateControl(1);
  const mutex = new Mutex(words, 0);
  assert.equal(mutex.tryLock(), true);
  assert.equal(mutex.tryLock(), false);
  assert.equal(mutex.lock({ timeoutMs: 1 }), false);
  assert.equal(await mutex.lockAsync({ timeoutMs: 1 }), false);
  const later = mutex.lockAsync({ timeoutMs: HANG_MS });
  mutex.unlock();
  assert.equal(await later, true);
  mutex.unlock();
  assert.throws(() => mutex.unlock(), InvariantError);
});

test("semaphore: never more inside than permits, and nobody is left behind", async () => {
  const words = allocateControl(16);
  new Semaphore(words, 0).release(2);
  await runThreads(words, ["semaphore", "semaphore", "semaphore", "semaphore"], 3000);
  assert.deepEqual([...words.subarray(0, 2)], [2, 0], "all permits are back and nobody waits");
  assert.equal(words[GUARDED_WORD + 1], 12_000);
});

test("semaphore: acquiring gives up in time, and takes permits that come within it", async () => {
  const words = allocateControl(2);
  const semaphore = new Semaphore(words, 0);
  assert.equal(semaphore.tryAcquire(), false);
  assert.equal(semaphore.acquire({ timeoutMs: 1 }), false);
  assert.equal(await semaphore.acquireAsync({ timeoutMs: 1 }), false);
  const both = [semaphore.acquireAsync({ timeoutMs: HANG_MS }), semaphore.acquireAsync({ timeoutMs: HANG_MS })];
  semaphore.release(3);
  assert.deepEqual(await Promise.all(both), [true, true]);
  assert.deepEqual([...words], [1, 0]);
});

test("condition: one putter and one taker pass every item through a box for one", async () => {
  const words = allocateControl(16);
  await runThreads(words, ["condition", "condition"], 3000);
  assert.equal(words[GUARDED_WORD + 1], (3000 * 3001) / 2);
});

test("condition: several putters and takers lose no signal", async () => {
  const words = allocateControl(16);
  await runThreads(words, ["condition", "condition", "condition", "condition"], 1000);
  assert.equal(words[GUARDED_WORD + 1], 1000 * 1001);
});

test("condition: a signal between unlock and sleep is not lost; waits end with the mutex held", async () => {
  const words = allocateControl(2);
  const mutex = new Mutex(words, 0);
  const condition = new Condition(words, 1);
  mutex.lock();
  assert.equal(condition.wait(mutex, { timeoutMs: 1 }), false);
  assert.equal(mutex.tryLock(), false, "held again");
  const unlock = mutex.unlock.bind(mutex);
  mutex.unlock = () => {
    unlock();
    condition.notifyOne();
  };
  assert.equal(condition.wait(mutex, { timeoutMs: HANG_MS }), true);
  mutex.unlock = unlock;
  const waiting = condition.waitAsync(mutex, { timeoutMs: HANG_MS });
  assert.equal(mutex.tryLock(), true, "released while waiting");
  condition.notifyAll();
  mutex.unlock();
  assert.equal(await waiting, true);
  assert.equal(mutex.tryLock(), false, "held again");
});

test("barrier: nobody goes on before all arrived, over many generations", async () => {
  const words = allocateControl(16);
  Atomics.store(words, 0, 0xfff0 << 16); // So that the generation wraps on the way.
  await runThreads(words, ["barrier", "barrier", "barrier", "barrier"], 1000);
  assert.equal(words[0]! & 0xffff, 0);
});

test("barrier: an arrival that timed out is taken back", async () => {
  const words = allocateControl(1);
  const barrier = new Barrier(words, 0, 2);
  assert.equal(barrier.wait({ timeoutMs: 1 }), false);
  assert.equal(await barrier.waitAsync({ timeoutMs: 1 }), false);
  const first = barrier.waitAsync({ timeoutMs: HANG_MS });
  assert.equal(barrier.wait({ timeoutMs: HANG_MS }), true);
  assert.equal(await first, true);
  assert.throws(() => new Barrier(words, 0, 0), InvariantError);
});

test("latch: holds all until the count is 0, then stays open", async () => {
  const words = allocateControl(16);
  const gate = new Latch(words, 0);
  const through = new Latch(words, 1);
  gate.reset(2);
  through.reset(3);
  const threads = runThreads(words, ["latch", "latch", "latch"], 1);
  gate.countDown();
  assert.equal(gate.wait({ timeoutMs: 1 }), false);
  assert.equal(Atomics.load(words, GUARDED_WORD), 0, "nobody is through");
  gate.countDown();
  assert.equal(await through.waitAsync({ timeoutMs: HANG_MS }), true);
  await threads;
  assert.equal(words[GUARDED_WORD], 3);
  assert.equal(gate.wait(), true);
  assert.throws(() => gate.countDown(), InvariantError);
});
