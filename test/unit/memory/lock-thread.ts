import { parentPort, workerData } from "node:worker_threads";
import { invariant } from "../../../src/base/invariant.ts";
import { Barrier } from "../../../src/memory/barrier.ts";
import { Condition } from "../../../src/memory/condition.ts";
import { Latch } from "../../../src/memory/latch.ts";
import { Mutex } from "../../../src/memory/mutex.ts";
import { Semaphore } from "../../../src/memory/semaphore.ts";

/**
 * One thread of `locks.test.ts`. Words 0 to 7 belong to the primitives, 8 and up to the data that they guard, which
 * is read and written plainly on purpose: only a working primitive keeps it right.
 */
export interface LockThreadData {
  readonly words: Int32Array;
  readonly role: keyof typeof roles;
  readonly thread: number;
  readonly threadCount: number;
  readonly rounds: number;
}

export const GUARDED_WORD = 8;

const { words, role, thread, threadCount, rounds } = workerData as LockThreadData;

function bump(): void {
  words[GUARDED_WORD] = words[GUARDED_WORD]! + 1;
}

const roles = {
  mutex(): void {
    const mutex = new Mutex(words, 0);
    for (let round = 0; round < rounds; round++) {
      invariant(mutex.lock(), "no time limit");
      bump();
      mutex.unlock();
    }
  },

  /** Gives up often: a lock that is handed to one who gave up would be lost to all. */
  impatientMutex(): void {
    const mutex = new Mutex(words, 0);
    for (let round = 0; round < rounds; ) {
      if (!mutex.lock({ timeoutMs: round % 3 === 0 ? 0 : 0.05 })) continue;
      bump();
      mutex.unlock();
      round++;
    }
  },

  async mutexAsync(): Promise<void> {
    const mutex = new Mutex(words, 0);
    for (let round = 0; round < rounds; round++) {
      invariant(await mutex.lockAsync(), "no time limit");
      bump();
      mutex.unlock();
    }
  },

  semaphore(): void {
    const semaphore = new Semaphore(words, 0);
    for (let round = 0; round < rounds; round++) {
      invariant(semaphore.acquire(), "no time limit");
      const inside = Atomics.add(words, GUARDED_WORD, 1) + 1;
      invariant(inside <= 2, "at most as many threads inside as permits");
      Atomics.sub(words, GUARDED_WORD, 1);
      Atomics.add(words, GUARDED_WORD + 1, 1);
      semaphore.release();
    }
  },

  /**
   * A box for one item: even threads put, odd threads take. Word 8 says whether it is full, word 9 adds up what was
   * taken.
   */
  condition(): void {
    const mutex = new Mutex(words, 0);
    const changed = new Condition(words, 1);
    const isPutting = thread % 2 === 0;
    for (let round = 0; round < rounds; round++) {
      mutex.lock();
      while ((words[GUARDED_WORD] !== 0) === isPutting) changed.wait(mutex);
      if (isPutting) {
        words[GUARDED_WORD] = round + 1;
      } else {
        words[GUARDED_WORD + 1] = words[GUARDED_WORD + 1]! + words[GUARDED_WORD]!;
        words[GUARDED_WORD] = 0;
      }
      if (threadCount === 2) changed.notifyOne();
      else changed.notifyAll();
      mutex.unlock();
    }
  },

  barrier(): void {
    const barrier = new Barrier(words, 0, threadCount);
    for (let round = 1; round <= rounds; round++) {
      words[GUARDED_WORD + thread] = round;
      invariant(barrier.wait(), "no time limit");
      for (let other = 0; other < threadCount; other++) {
        invariant(words[GUARDED_WORD + other] === round, "all arrived before anyone went on");
      }
      invariant(barrier.wait(), "no time limit");
    }
  },

  latch(): void {
    const gate = new Latch(words, 0);
    invariant(gate.wait(), "no time limit");
    bumpAtomically();
    new Latch(words, 1).countDown();
  },
};

function bumpAtomically(): void {
  Atomics.add(words, GUARDED_WORD, 1);
}

await roles[role]();
parentPort!.postMessage("done");
