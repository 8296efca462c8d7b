/*
 * Goal:   a thread's loop takes up work however it is announced, soon, and stays parked when there is none.
 * Method: a real loop around a scripted executor; work is announced by another thread's doorbell, by a timer that
 *         becomes due, and by code of this thread that emits; also all of them at random, many thousand times.
 * Oracle: the count of work done; the order of turns, microtasks and immediates of this one thread.
 */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { realClock } from "../../../src/base/clock.ts";
import { Prng } from "../../../src/base/prng.ts";
import type { Executor } from "../../../src/engine/executor/executor.ts";
import { ThreadLoop } from "../../../src/engine/worker/thread-loop.ts";
import { Doorbell } from "../../../src/memory/doorbell.ts";
import { RoomWanted } from "../../../src/memory/room-wanted.ts";
import { allocateControl } from "../../../src/memory/run-memory.ts";

const BELL = 0;
const ROOM_WANTED = 32;

/** Does the work that is pending, and knows how often it was asked. */
class ScriptedExecutor {
  pending = 0;
  done = 0;
  looks = 0;
  dueMs = Number.POSITIVE_INFINITY;
  lastNowMs = 0;

  doWork(): number {
    this.looks++;
    this.lastNowMs = realClock.nowMs();
    const work = this.pending;
    this.pending = 0;
    this.done += work;
    return work;
  }

  nextDeadlineMs(): number {
    return this.dueMs;
  }

  wantsRoom(): boolean {
    return false;
  }
}

function startLoop(t: TestContext, spinMs = 0) {
  const control = allocateControl(64);
  const executor = new ScriptedExecutor();
  const loop = new ThreadLoop({
    executor: executor as unknown as Executor,
    clock: realClock,
    doorbell: new Doorbell(control, BELL),
    roomWanted: new RoomWanted(control, ROOM_WANTED),
    turnMs: 0.2,
    spinMs,
    onTurn: () => {},
    onError: (error) => assert.fail(String(error)),
  });
  // A pending wait does not keep the process alive; this does, and bounds the test.
  const bound = setTimeout(() => assert.fail("the loop never woke"), 20_000);
  t.after(() => {
    clearTimeout(bound);
    loop.stop();
  });
  return { executor, loop, ringer: new Doorbell(control, BELL) };
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}

/** Parked: the loop has looked, and looks no more. */
async function parked({ executor, loop }: { executor: ScriptedExecutor; loop: ThreadLoop }): Promise<void> {
  loop.schedule();
  await until(() => executor.looks > 0);
  for (let looks = -1; looks !== executor.looks; ) {
    looks = executor.looks;
    await turn();
    await turn();
  }
}

test("what a parked thread's own code emits is taken up when that code has ended, once a round", async (t) => {
  const parts = startLoop(t);
  await parked(parts);
  const { executor, loop } = parts;
  executor.pending = 1;
  loop.schedule();
  assert.equal(executor.done, 0, "not inside of the caller");
  await Promise.resolve();
  assert.equal(executor.done, 1, "before anything else of the event loop");
  for (let emitted = 0; emitted < 10; emitted++) {
    executor.pending++;
    loop.schedule();
    await Promise.resolve();
  }
  assert.equal(executor.done, 1, "what follows in the same round is collected");
  await turn();
  await turn();
  assert.equal(executor.done, 11);
});

test("a loop that has worked looks on for spinMs, over as many turns as that takes", async (t) => {
  const parts = startLoop(t, 10_000);
  await parked(parts);
  const { executor, loop } = parts;
  executor.pending = 1;
  loop.schedule();
  await until(() => executor.done === 1);
  for (let turns = 0; turns < 20; turns++) {
    const { looks } = executor;
    await turn();
    await turn();
    assert.ok(executor.looks > looks, `parked after ${turns} turns`);
  }
});

test("a ring wakes a parked loop, ring after ring", async (t) => {
  const parts = startLoop(t);
  await parked(parts);
  const { executor, ringer } = parts;
  for (let rings = 1; rings <= 2_000; rings++) {
    executor.pending = 1;
    ringer.ring();
    await until(() => executor.done === rings);
  }
});

test("a timer that finds nothing leaves the loop parked, and a ring still wakes it", async (t) => {
  const parts = startLoop(t);
  const { executor, loop, ringer } = parts;
  executor.dueMs = realClock.nowMs() + 1;
  await parked(parts);
  const startMs = realClock.nowMs();
  executor.doWork = function () {
    this.dueMs = realClock.nowMs() + 1;
    return ScriptedExecutor.prototype.doWork.call(this);
  };
  const looks = executor.looks;
  await until(() => executor.looks >= looks + 20);
  const tookMs = realClock.nowMs() - startMs;
  assert.ok(tookMs >= 10, `20 looks, one at a timer of 1 ms, took ${tookMs} ms`);
  executor.dueMs = Number.POSITIVE_INFINITY;
  executor.doWork = ScriptedExecutor.prototype.doWork;
  executor.pending = 1;
  ringer.ring();
  await until(() => executor.done === 1);
  executor.pending = 1;
  loop.schedule();
  await until(() => executor.done === 2);
});

test("no announcement is lost, however rings, timers and own code meet", async (t) => {
  const seed = Number(process.env.SEED ?? Date.now() % 1e9);
  t.diagnostic(`SEED=${seed}`);
  const random = new Prng(seed);
  for (const spinMs of [0, 0.05]) {
    const { executor, loop, ringer } = startLoop(t, spinMs);
    loop.schedule();
    let announced = 0;
    for (let step = 0; step < 5_000; step++) {
      for (let burst = random.below(4); burst >= 0; burst--) {
        executor.pending++;
        announced++;
        const kind = random.below(4);
        if (kind === 0) loop.schedule();
        else ringer.ring();
        // Between the announcements: nothing, the microtasks, or a round of the event loop.
        if (kind === 2) await Promise.resolve();
        if (kind === 3) await turn();
        if (random.below(8) === 0) executor.dueMs = realClock.nowMs() + 1;
        if (random.below(8) === 0) executor.dueMs = Number.POSITIVE_INFINITY;
      }
      await until(() => executor.done === announced);
    }
  }
});
