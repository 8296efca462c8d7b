import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import { Prng } from "../../../src/base/prng.ts";
import { TaskMetrics, USER_METRICS_MAX } from "../../../src/metrics/task-metrics.ts";
import { UserMetricBook } from "../../../src/metrics/user-metric-book.ts";
import { seedOf } from "./seed.ts";

/** Tasks of one component whose definitions go straight to a book. */
function component() {
  const book = new UserMetricBook(0);
  const task = (taskId: number) =>
    new TaskMetrics(taskId, (definition) => assert.ok(book.define("cache", structuredCloneOf(definition))));
  return { book, task };
}

/** As a message between threads: another object over the same memory. */
function structuredCloneOf<T>(value: T): T {
  return structuredClone(value);
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof EngineError ? error.code : String(error);
  }
  return "nothing thrown";
}

test("counters and meters add up over tasks, far beyond 32 bits", (t) => {
  const random = new Prng(seedOf(t));
  const { book, task } = component();
  const tasks = [task(1), task(2), task(3)];
  let expected = 0;
  for (let round = 0; round < 300; round++) {
    const metrics = tasks[random.below(3)]!;
    const by = random.below(2) === 0 ? random.below(10) : random.below(2 ** 31);
    metrics.counter("misses").increment(by);
    metrics.meter("rows").mark(2);
    expected += by;
    if (random.below(10) === 0) metrics.poll();
    book.read(1_000 * round);
    assert.equal(book.totalOf("cache", "misses"), expected);
  }
  assert.ok(expected > 2 ** 34);
  const { misses, rows } = book.snapshotOf("cache", 300_000, ["10s", "all"]);
  assert.deepEqual(misses, { kind: "counter", count: expected });
  assert.ok(rows?.kind === "meter" && rows.count === 600);
  assert.deepEqual(rows.perSecond, { "10s": 1.8, all: 2 });
  tasks[0]!.counter("misses").increment();
  book.read(300_001);
  assert.equal(book.totalOf("cache", "misses"), expected + 1, "the default is one");
});

test("gauges keep the value of each task; functions are asked by poll, and what they throw changes nothing", () => {
  const { book, task } = component();
  const [first, second] = [task(1), task(2)];
  let size = 3.5;
  first.gauge("size", () => {
    if (size < 0) throw new Error("closed");
    return size;
  });
  second.gauge("size").set(-0.5);
  first.poll();
  size = -1;
  first.poll();
  const expected = { kind: "gauge", sum: 3, min: -0.5, max: 3.5, mean: 1.5, byTask: { 1: 3.5, 2: -0.5 } };
  assert.deepEqual(book.snapshotOf("cache", 0).size, expected);
  first.retire();
  size = 9;
  first.poll();
  assert.deepEqual(book.snapshotOf("cache", 0).size, expected, "an instance that was given up is not asked");
  first.gauge("size", () => 7);
  first.poll();
  assert.equal((book.snapshotOf("cache", 0).size as { sum: number }).sum, 6.5);
});

test("histograms of tasks are merged, in the unit of the values, and have windows", () => {
  const { book, task } = component();
  const [first, second] = [task(1), task(2)];
  for (let i = 0; i < 90; i++) first.histogram("ms", { resolution: 0.001 }).record(1);
  for (let i = 0; i < 10; i++) second.histogram("ms", { resolution: 0.001 }).record(100);
  for (let second = 1; second <= 20; second++) book.read(second * 1_000);
  first.histogram("ms").record(5);
  book.read(21_000);
  const found = book.snapshotOf("cache", 21_000, ["10s", "all"]).ms;
  assert.ok(found?.kind === "histogram");
  const { "10s": short, all } = found.windows;
  assert.deepEqual([short!.count, all!.count], [1, 101]);
  assert.ok(Math.abs(all!.p50 - 1) < 0.04 && Math.abs(all!.p99 - 100) < 4 && Math.abs(all!.max - 100) < 0.001);
});

test("what a task counted before its thread was lost is added to what it counts after", () => {
  const { book, task } = component();
  const lost = task(1);
  lost.counter("rows").increment(10);
  lost.histogram("ms").record(2);
  lost.gauge("size").set(5);
  book.read(1_000);
  lost.counter("rows").increment(5);
  lost.histogram("ms").record(2);
  const again = task(1);
  again.counter("rows").increment(100);
  again.histogram("ms").record(2);
  again.gauge("size");
  lost.counter("rows").increment(1_000); // A thread that hangs may write on: where nobody reads.
  book.read(2_000);
  assert.equal(book.totalOf("cache", "rows"), 115);
  const { ms, size } = book.snapshotOf("cache", 2_000, ["all"]);
  assert.equal((ms as { windows: { all: { count: number } } }).windows.all.count, 3);
  assert.deepEqual((size as { byTask: object }).byTask, { 1: 0 }, "a gauge holds of a moment");
});

test("the same name and kind give the same metric; a second kind is refused", () => {
  const { task } = component();
  const metrics = task(1);
  assert.equal(metrics.counter("a"), metrics.counter("a"));
  assert.equal(
    codeOf(() => metrics.gauge("a")),
    "METRIC_KIND_DIFFERS",
  );
});

test("bad names, values, resolutions and too many metrics are refused", () => {
  const { task } = component();
  const metrics = task(1);
  for (const name of ["", "__own", "a b", "../a", 7 as unknown as string]) {
    assert.equal(
      codeOf(() => metrics.counter(name)),
      "METRIC_BAD_NAME",
      String(name),
    );
  }
  for (const by of [-1, 0.5, Number.NaN, 2 ** 31, "1" as unknown as number]) {
    assert.equal(
      codeOf(() => metrics.counter("c").increment(by)),
      "METRIC_BAD_VALUE",
      String(by),
    );
    assert.equal(
      codeOf(() => metrics.meter("m").mark(by)),
      "METRIC_BAD_VALUE",
      String(by),
    );
  }
  for (const value of [-1, Number.NaN]) {
    assert.equal(
      codeOf(() => metrics.histogram("h").record(value)),
      "METRIC_BAD_VALUE",
    );
  }
  for (const resolution of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.equal(
      codeOf(() => metrics.histogram("x", { resolution })),
      "METRIC_BAD_RESOLUTION",
    );
  }
  for (let made = 3; made < USER_METRICS_MAX; made++) metrics.counter(`c${made}`);
  assert.equal(
    codeOf(() => metrics.counter("one-more")),
    "METRIC_TOO_MANY",
  );
  metrics.counter("c5").increment();
});

test("a task whose kind or resolution differs from that of others is left out", () => {
  const book = new UserMetricBook(0);
  const told: boolean[] = [];
  const task = (taskId: number) => new TaskMetrics(taskId, (definition) => told.push(book.define("c", definition)));
  task(1).counter("a").increment();
  task(2).meter("a").mark(5);
  task(1).histogram("h", { resolution: 1 }).record(1);
  task(2).histogram("h", { resolution: 0.5 }).record(1);
  book.read(1_000);
  assert.deepEqual(told, [true, false, true, false]);
  assert.deepEqual(book.snapshotOf("c", 1_000).a, { kind: "counter", count: 1 });
});
