import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { FirstAttempts, type FirstsAtReport, rereads } from "../../../src/metrics/first-attempts.ts";
import type { TaskCounter } from "../../../src/metrics/metric-layout.ts";
import { RowTimer } from "../../../src/metrics/row-timer.ts";
import { TaskTimes } from "../../../src/metrics/task-times.ts";
import { seedOf } from "./seed.ts";

class Counted {
  setLevel(): void {}

  readonly by = new Map<TaskCounter, number>();
  add(counter: TaskCounter, amount: number): void {
    assert.ok(Number.isInteger(amount) && amount > 0);
    this.by.set(counter, this.of(counter) + amount);
  }
  of(counter: TaskCounter): number {
    return this.by.get(counter) ?? 0;
  }
}

test("time is divided into what a task did, to the microsecond", (t) => {
  const random = new Prng(seedOf(t));
  const counted = new Counted();
  const times = new TaskTimes(counted, 1_000, () => 0);
  const exact = { busy: 0, blocked: 0, waiting: 0, idle: 0 };
  let nowMs = 1_000;
  for (let step = 0; step < 20_000; step++) {
    const tookMs = random.nextFloat() * 3;
    if (random.below(2) === 0) {
      times.worked(nowMs, nowMs + tookMs);
      exact.busy += tookMs;
    } else {
      exact[times.state] += tookMs;
    }
    nowMs += tookMs;
    if (random.below(3) === 0) times.become((["idle", "blocked", "waiting"] as const)[random.below(3)]!, nowMs);
    if (random.below(20) === 0) times.note(nowMs);
  }
  times.note(nowMs);
  for (const name of ["busy", "blocked", "waiting"] as const) {
    assert.ok(Math.abs(counted.of(`${name}Us`) - exact[name] * 1_000) < 2, name);
  }
});

test("time never counts twice, whatever a clock says", () => {
  const counted = new Counted();
  const times = new TaskTimes(counted, 10, () => 0);
  times.worked(10, 12);
  times.worked(11, 13);
  times.worked(13, 9);
  times.become("blocked", 9);
  times.note(14);
  assert.deepEqual([counted.of("busyUs"), counted.of("blockedUs")], [3_000, 1_000]);
});

test("rows are timed as often as is said, at places that cannot be foretold", (t) => {
  const random = new Prng(seedOf(t));
  for (const rowMs of [0.000_01, 0.000_05, 0.000_2, 0.002, 0.04, 0.05, 40]) {
    const timer = new RowTimer(random, false);
    timer.tune(1_000, 1_000 * rowMs);
    let rows = 0;
    let timed = 0;
    let stoodFor = 0;
    const gaps = new Set<number>();
    while (rows < 400_000 || timed < 2_000) {
      const before = timer.rowsBefore;
      gaps.add(before);
      timer.passed(before);
      assert.equal(timer.rowsBefore, 0);
      rows += before + 1;
      timed++;
      stoodFor += timer.timed();
    }
    assert.ok(Math.abs(stoodFor / rows - 1) < 0.1, `each timed row stands for its share: ${stoodFor} of ${rows}`);
    const costShare = (timed * 0.000_2) / (rows * rowMs);
    assert.ok(costShare <= 0.005 * 1.1 || timer.timedEvery === 1_024 || timer.timedEvery === 1, `cost ${costShare}`);
    assert.equal(timer.timedEvery === 1, rowMs >= 0.04);
    assert.ok(timer.timedEvery === 1 || gaps.size > Math.min(timer.timedEvery, 500), "gaps of many lengths");
  }
});

test("on request every row is timed", () => {
  const timer = new RowTimer(new Prng(1), true);
  timer.tune(1_000, 0.01);
  for (let row = 0; row < 100; row++) {
    assert.equal(timer.rowsBefore, 0);
    assert.equal(timer.timed(), 1);
  }
});

interface SourceReport extends FirstsAtReport {
  readonly done: ReadonlySet<number>;
  readonly position: number;
}

/**
 * Goal:   the sum of first attempts is the number of messages in the source, however often its task is lost.
 * Method: a source of numbered messages; acks come out of order, some fail and are emitted again; positions are
 *         reported now and then; the task dies at random and begins at the last report.
 */
test("first attempts sum to the messages in the source, under losses and replays", (t) => {
  const random = new Prng(seedOf(t));
  for (let round = 0; round < 30; round++) {
    const messages = 200 + random.below(500);
    let firsts = 0;
    let losses = 0;
    let report: SourceReport | null = null;
    let isUsed = false;
    for (let isOver = false; !isOver; ) {
      const begin: SourceReport = report ?? { firsts: 0, comeAgain: 0, done: new Set<number>(), position: 0 };
      const attempts = new FirstAttempts(rereads(firsts, isUsed ? begin : null));
      const done = new Set<number>(begin.done);
      const pending: number[] = [];
      let next = begin.position;
      const emit = (attempt: number) => {
        isUsed = true;
        if (attempts.isFirst(attempt, true)) firsts++;
      };
      for (;;) {
        while (done.has(next)) next++;
        const what = random.below(200);
        if (what < 60 && next < messages && pending.length < 30) {
          pending.push(next++);
          emit(1);
        } else if (what < 140 && pending.length > 0) {
          done.add(pending.splice(random.below(pending.length), 1)[0]!);
        } else if (what < 150 && pending.length > 0) {
          emit(2); // One of them failed, and is pending again.
        } else if (what < 160) {
          const position = Math.min(next, ...pending);
          report = { firsts, comeAgain: pending.length + attempts.rereadsLeft, done: new Set(done), position };
        } else if (what === 199 && losses < 5) {
          losses++;
          break;
        }
        isOver = next === messages && pending.length === 0;
        if (isOver) break;
      }
    }
    assert.equal(firsts, messages, `after ${losses} losses`);
  }
});

test("without positions, and beyond what comes again, each first attempt counts", () => {
  assert.equal(rereads(10, null), 0);
  assert.equal(rereads(10, { firsts: 4, comeAgain: 1 }), 7);
  const attempts = new FirstAttempts(2);
  assert.deepEqual(
    [
      attempts.isFirst(1, false),
      attempts.isFirst(1, true),
      attempts.isFirst(2, true),
      attempts.isFirst(1, true),
      attempts.isFirst(1, true),
    ],
    [true, false, false, false, true],
  );
});
