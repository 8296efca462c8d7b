import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { RollingWindows, type WindowName } from "../../../src/metrics/rolling-windows.ts";
import { seedOf } from "./seed.ts";

const SPANS: readonly (readonly [WindowName, number, number])[] = [
  ["10s", 10_000, 1_000],
  ["10m", 600_000, 30_000],
  ["3h", 10_800_000, 540_000],
  ["1d", 86_400_000, 4_320_000],
];

/** The longest time from one note to the next. */
const NOTE_MS_MAX = 1_300;

test("before a window is full it holds everything since the start", () => {
  const windows = new RollingWindows<number>(5_000);
  windows.note(6_000, () => 1);
  for (const name of ["10s", "10m", "3h", "1d", "all"] as const) {
    assert.deepEqual(windows.startOf(name, 7_000), { totals: null, spanMs: 2_000 });
  }
});

/**
 * Goal:   a window begins at a true total, at least as old as it is long and at most a slot older; slots are bounded.
 * Method: two days, a note each second, a little early or late; the total is the time itself.
 */
test("over two days each window covers its length, and at most a slot and a note more", (t) => {
  const random = new Prng(seedOf(t));
  const windows = new RollingWindows<number>(0);
  let notedMs = 0;
  for (let second = 1; second <= 2 * 86_400; second++) {
    notedMs = second * 1_000 + random.below(300) - 150;
    windows.note(notedMs, () => notedMs);
    if (random.below(50) > 0) continue;
    for (const [name, lengthMs, slotMs] of SPANS) {
      const { totals, spanMs } = windows.startOf(name, notedMs);
      assert.equal(spanMs, notedMs - (totals ?? 0));
      if (totals === null) assert.ok(notedMs < lengthMs + slotMs + NOTE_MS_MAX, `${name} never begins`);
      else assert.ok(spanMs >= lengthMs && spanMs <= lengthMs + slotMs + NOTE_MS_MAX, `${name} covers ${spanMs} ms`);
    }
  }
  assert.deepEqual(windows.startOf("all", notedMs), { totals: null, spanMs: notedMs });
  assert.ok(windows.slotCount <= 11 + 21 + 21 + 21 + 4, `${windows.slotCount} slots`);
});

test("a stall makes a window longer, not wrong", () => {
  const windows = new RollingWindows<number>(0);
  for (let second = 1; second <= 20; second++) windows.note(second * 1_000, () => second);
  windows.note(80_000, () => 80);
  assert.deepEqual(windows.startOf("10s", 80_000), { totals: 20, spanMs: 60_000 });
  windows.note(81_000, () => 81);
  assert.deepEqual(windows.startOf("10s", 90_000), { totals: 80, spanMs: 10_000 });
});

test("totals are copied once however many windows keep them, and not at all where no slot is due", () => {
  const windows = new RollingWindows<number>(0);
  let copies = 0;
  for (let ms = 1_000; ms <= 4_320_000; ms += 1_000) windows.note(ms, () => ++copies);
  assert.equal(copies, 4_320);
  windows.note(4_320_400, () => ++copies);
  assert.equal(copies, 4_320);
});
