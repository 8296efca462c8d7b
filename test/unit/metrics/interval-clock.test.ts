import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { type Interval, IntervalClock } from "../../../src/metrics/interval-clock.ts";
import { SteadyWallClock } from "../../../src/metrics/steady-wall-clock.ts";
import { seedOf } from "./seed.ts";
import { VirtualTimers } from "./virtual-timers.ts";

function started(startMs: number, intervalMs: number) {
  const timers = new VirtualTimers(startMs);
  const told: Interval[] = [];
  const clock = new IntervalClock({
    intervalMs,
    clock: timers.clock,
    setTimer: timers.setTimer,
    ended: (it) => told.push(it),
  });
  return { timers, told, clock };
}

const endsOf = (told: readonly Interval[]) => told.map(({ endMs }) => endMs);

test("intervals end at multiples of their length, the first may be shorter", () => {
  const { timers, told, clock } = started(12_345, 5_000);
  timers.advanceTo(30_000);
  assert.deepEqual(endsOf(told), [15_000, 20_000, 25_000, 30_000]);
  assert.ok(told.every(({ lateMs, isLast }) => lateMs === 0 && !isLast));
  clock.stop();
});

test("each interval that ended during a stall is told, the oldest first", () => {
  const { timers, told } = started(0, 1_000);
  timers.advanceTo(2_500);
  timers.stallTo(6_300);
  assert.deepEqual(endsOf(told), [1_000, 2_000, 3_000, 4_000, 5_000, 6_000]);
  assert.deepEqual(told.at(-1), { endMs: 6_000, intervalMs: 1_000, lateMs: 300, isLast: false });
});

test("the last one covers the rest and bears the end of the interval under way", () => {
  const { timers, told, clock } = started(0, 1_000);
  timers.advanceTo(2_500);
  clock.stop();
  clock.stop();
  timers.advanceTo(10_000);
  assert.deepEqual(endsOf(told), [1_000, 2_000, 3_000]);
  assert.deepEqual(told.at(-1), { endMs: 3_000, intervalMs: 1_000, lateMs: -500, isLast: true });
  assert.equal(timers.pending, 0);
});

test("whoever stops late has what ended told before the last", () => {
  const { timers, told, clock } = started(0, 1_000);
  timers.nowMs = 3_200; // The timers had no turn.
  clock.stop();
  assert.deepEqual(endsOf(told), [1_000, 2_000, 3_000, 4_000]);
  assert.deepEqual(
    told.map(({ isLast }) => isLast),
    [false, false, false, true],
  );
});

test("right on a boundary that is told by the stop itself nothing is left to tell", () => {
  const { timers, told, clock } = started(0, 1_000);
  timers.nowMs = 1_000;
  clock.stop();
  assert.deepEqual(endsOf(told), [1_000]);
  // Told before: what was counted since, at the same moment, has its line.
  const again = started(0, 1_000);
  again.timers.advanceTo(1_000);
  again.clock.stop();
  assert.deepEqual(endsOf(again.told), [1_000, 2_000]);
});

test("a timer that comes early tells nothing and waits on", () => {
  const { timers, told } = started(0, 1_000);
  const [first] = [timers.setTimer];
  const early = new IntervalClock({
    intervalMs: 1_000,
    clock: timers.clock,
    setTimer: (call, delayMs) => first(call, delayMs > 5 ? delayMs - 2 : delayMs),
    ended: (it) => told.push(it),
  });
  timers.advanceTo(999);
  assert.deepEqual(told, []);
  timers.advanceTo(1_000);
  assert.deepEqual(endsOf(told), [1_000, 1_000], "one of each clock");
  early.stop();
});

test("after a sleep of a week every interval is told, with turns for others in between", () => {
  const { timers, told } = started(0, 60_000);
  timers.nowMs = 7 * 86_400_000;
  let turns = 0;
  while (timers.pending > 0 && told.length < 7 * 1_440) {
    turns++;
    timers.advanceTo(timers.nowMs);
    if (turns > 1_000) break;
  }
  assert.equal(told.length, 7 * 1_440);
  for (const [at, { endMs }] of told.entries()) assert.equal(endMs, (at + 1) * 60_000);
});

/**
 * Goal:   none missing, none doubled, whatever the timers and the wall clock do.
 * Method: an hour of random stalls; the wall clock leaps, is set back, and runs a little fast or slow.
 */
test("over an hour of stalls and a wall clock that is set, the ends follow each other", (t) => {
  const random = new Prng(seedOf(t));
  const timers = new VirtualTimers(0);
  let offsetMs = 1_700_000_000_123;
  const wall = { nowMs: () => Math.floor(timers.nowMs + offsetMs) };
  const told: Interval[] = [];
  const clock = new IntervalClock({
    intervalMs: 5_000,
    clock: new SteadyWallClock(wall, timers.clock),
    setTimer: timers.setTimer,
    ended: (it) => told.push(it),
  });
  while (timers.nowMs < 3_600_000) {
    const stepMs = random.below(4_000);
    if (random.below(10) === 0) timers.stallTo(timers.nowMs + random.below(20_000));
    else timers.advanceTo(timers.nowMs + stepMs);
    offsetMs += random.nextFloat() - 0.5;
    if (random.below(100) === 0) offsetMs += random.below(120_000) - 60_000;
  }
  clock.stop();
  for (let at = 1; at < told.length; at++) assert.equal(told[at]!.endMs, told[at - 1]!.endMs + 5_000);
  assert.ok(told.length >= 715, `${told.length} intervals`);
  assert.equal(told.filter(({ isLast }) => isLast).length, 1);
});

test("a clock that is set back goes on at its pace, and is followed where it goes forward", () => {
  const timers = new VirtualTimers(0);
  let offsetMs = 1_000_000;
  const steady = new SteadyWallClock({ nowMs: () => timers.nowMs + offsetMs }, timers.clock);
  assert.equal(steady.nowMs(), 1_000_000);
  timers.nowMs = 100;
  offsetMs -= 3_600_000;
  assert.equal(steady.nowMs(), 1_000_100);
  timers.nowMs = 5_100;
  assert.equal(steady.nowMs(), 1_005_100);
  offsetMs += 3_600_000;
  assert.equal(steady.nowMs(), 1_005_100);
  offsetMs += 10_000;
  assert.equal(steady.nowMs(), 1_015_100, "a leap forward is followed");
  offsetMs -= 100;
  assert.equal(steady.nowMs(), 1_015_100, "a small step back holds the clock");
  timers.nowMs = 5_300;
  assert.equal(steady.nowMs(), 1_015_200, "and it is with the wall clock again");
});
