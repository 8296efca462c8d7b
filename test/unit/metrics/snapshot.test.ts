import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLogger } from "../../../src/base/log.ts";
import { Prng } from "../../../src/base/prng.ts";
import { allocateMetricWords } from "../../../src/memory/hot-counters.ts";
import { type MeteredPlan, MetricLayout } from "../../../src/metrics/metric-layout.ts";
import { RunMetrics } from "../../../src/metrics/run-metrics.ts";
import { TaskBlock } from "../../../src/metrics/task-block.ts";
import { seedOf } from "./seed.ts";
import { SMALL_PLAN } from "./small-plan.ts";
import { VirtualTimers } from "./virtual-timers.ts";

function running(plan: MeteredPlan = SMALL_PLAN, startMs = 0) {
  const layout = new MetricLayout(plan);
  const words = allocateMetricWords(layout.wordCount);
  const timers = new VirtualTimers(startMs);
  const metrics = new RunMetrics({
    topology: "small",
    layout,
    words,
    clock: timers.clock,
    sharedNowMs: () => 0,
    wallClock: timers.clock,
    setTimer: timers.setTimer,
    logger: silentLogger,
  });
  const blocks = plan.tasks.map((task) => (task === null ? null : new TaskBlock(layout, words, task.taskId)));
  return { layout, words, timers, metrics, block: (taskId: number) => blocks[taskId]! };
}

function count(block: TaskBlock, word: number, amount: number): void {
  block.words[word] = (block.words[word]! + amount) | 0;
}

/**
 * Goal:   every number of a snapshot is what was counted in its window.
 * Method: random counts for two virtual minutes, kept in a plain list with their times; each window is added up anew.
 */
test("counts of each window are those of a recount", (t) => {
  const random = new Prng(seedOf(t));
  const { timers, metrics, block } = running();
  const events: { atMs: number; task: number; rows: number }[] = [];
  for (let second = 0; second < 700; second++) {
    for (let i = random.below(4); i > 0; i--) {
      const task = 3 + random.below(3);
      const rows = random.below(1_000);
      count(block(task), block(task).inputs.get(0)!.executed, rows);
      count(block(task), block(task).outputs.get("default")!.emitted, 2 * rows);
      events.push({ atMs: timers.nowMs, task, rows });
    }
    timers.advanceTo(timers.nowMs + 1_000);
    if (random.below(20) > 0) continue;
    const { components, windows, uptimeMs } = metrics.snapshot();
    assert.equal(uptimeMs, timers.nowMs);
    for (const [name, window] of Object.entries(components.split!.windows)) {
      const since = timers.nowMs - window.spanMs;
      const inWindow = events.filter(({ atMs }) => atMs >= since);
      const expected = inWindow.reduce((sum, { rows }) => sum + rows, 0);
      assert.equal(window.counts.executed, expected, `${name} at ${timers.nowMs}`);
      assert.equal(window.counts.emitted, 2 * expected);
      assert.equal(windows[name as "all"]!.counts.executed, expected);
      for (const task of components.split!.tasks) {
        const own = inWindow.filter((event) => event.task === task.taskId);
        const rows = own.reduce((sum, event) => sum + event.rows, 0);
        assert.equal(task.windows[name as "all"]!.counts.executed, rows);
      }
    }
  }
});

test("streams and inputs keep apart what belongs to each; a topology's acks are its spouts'", () => {
  const { timers, metrics, block } = running();
  const words = block(1).outputs.get("default")!;
  count(block(1), words.emitted, 10);
  count(block(1), words.transferred, 20);
  count(block(2), words.firsts, 0);
  count(block(1), words.firsts, 8);
  count(block(1), words.replayed, 2);
  count(block(1), words.acked, 7);
  count(block(1), words.failed, 3);
  block(1).add("timedOut", 3);
  count(block(3), block(3).outputs.get("rare")!.emitted, 5);
  count(block(6), block(6).inputs.get(1)!.acked, 100);
  count(block(6), block(6).inputs.get(2)!.executed, 4);
  block(1).setLevel("pendingTrees", 6);
  block(2).setLevel("pendingTrees", 5);
  timers.advanceTo(2_000);
  const { components, windows } = metrics.snapshot({ windows: ["all"] });
  const all = (component: string) => components[component]!.windows.all!;
  assert.deepEqual(all("words").outputs.default, {
    emitted: 10,
    transferred: 20,
    firsts: 8,
    replayed: 2,
    acked: 7,
    failed: 3,
  });
  assert.deepEqual([all("words").counts.acked, all("words").counts.timedOut], [7, 3]);
  const rare = { emitted: 5, transferred: 0, firsts: 0, replayed: 0, acked: 0, failed: 0 };
  assert.deepEqual(all("split").outputs.rare, rare, "a stream that nobody reads transfers nothing");
  assert.deepEqual(all("count").inputs, [
    { component: "split", stream: "default", input: "default", executed: 0, acked: 100, failed: 0 },
    { component: "words", stream: "default", input: "sentences", executed: 4, acked: 0, failed: 0 },
  ]);
  assert.deepEqual([windows.all!.counts.acked, windows.all!.counts.failed], [7, 3]);
  assert.equal(all("count").counts.acked, 100);
  assert.equal(components.words!.levels.pendingTrees, 11);
  assert.deepEqual(Object.keys(components.words!.windows), ["all"]);
  assert.equal(metrics.snapshot({ tasks: false }).components.words!.tasks.length, 0);
});

test("shares sum to 1, capacity is that of the busiest task, latency is from exact sums", () => {
  const { timers, metrics, block } = running();
  block(3).add("busyUs", 500_000);
  block(3).add("executeUs", 400_000);
  block(3).add("blockedUs", 100_000);
  block(3).add("waitingUs", 200_000);
  block(4).add("busyUs", 1_500_000); // A clock that is ahead of main's: no share is above 1.
  block(4).add("executeUs", 900_000);
  count(block(3), block(3).inputs.get(0)!.executed, 1_300);
  block(3).add("batchesIn", 10);
  block(3).add("rowsIn", 1_300);
  timers.advanceTo(1_000);
  const { components } = metrics.snapshot({ windows: ["all"] });
  const split = components.split!;
  const task = (taskId: number) => split.tasks.find((each) => each.taskId === taskId)!.windows.all!;
  close(task(3).shares, { busy: 0.5, blocked: 0.1, waiting: 0.2, idle: 0.2 });
  close(task(4).shares, { busy: 1, blocked: 0, waiting: 0, idle: 0 });
  close(task(5).shares, { busy: 0, blocked: 0, waiting: 0, idle: 1 });
  close({ capacity: task(3).capacity! }, { capacity: 0.6 });
  close({ capacity: split.windows.all!.capacity! }, { capacity: 0.9 });
  close({ executeMs: split.windows.all!.executeMs! }, { executeMs: 1 });
  assert.equal(split.windows.all!.meanBatchRows, 130);
  assert.equal(components.words!.windows.all!.capacity, null);
  assert.equal(task(5).executeMs, null);
});

function close(found: object, expected: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(expected)) {
    const is = (found as Record<string, number>)[name]!;
    assert.ok(Math.abs(is - value) < 1e-9, `${name}: ${is} for ${value}`);
  }
}

test("histograms have windows: what is old leaves the short one", () => {
  const { timers, metrics, block } = running();
  for (let i = 0; i < 100; i++) block(3).execute!.record(50);
  timers.advanceTo(30_000);
  for (let i = 0; i < 100; i++) block(4).execute!.record(2);
  block(1).complete!.record(7);
  timers.advanceTo(31_000);
  const { components, windows } = metrics.snapshot();
  const short = components.split!.windows["10s"]!.execute!;
  const all = components.split!.windows.all!.execute!;
  assert.deepEqual([short.count, all.count], [100, 200]);
  assert.ok(Math.abs(short.p99 - 2) < 0.07 && Math.abs(all.p99 - 50) < 1.6 && Math.abs(all.p50 - 2) < 0.07);
  assert.ok(short.max < 2.2 && Math.abs(all.max - 50) < 1e-3);
  assert.equal(components.split!.windows.all!.complete, null);
  assert.equal(windows["10s"]!.complete!.count, 1);
  timers.advanceTo(60_000);
  assert.equal(metrics.snapshot().components.split!.windows["10s"]!.execute, null);
});

test("a snapshot is plain data", () => {
  const { timers, metrics } = running();
  timers.advanceTo(3_000);
  const snapshot = metrics.snapshot();
  assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), structuredClone(snapshot));
  assert.deepEqual([snapshot.topology, snapshot.epoch, snapshot.timeMs], ["small", 1, 3_000]);
});

test("a snapshot of 200 components and 2,000 tasks takes a few ms", (t) => {
  const components = Array.from(
    { length: 200 },
    (_, at) => ({ id: `c${at}`, kind: at === 0 ? "spout" : "bolt" }) as const,
  );
  const plan: MeteredPlan = {
    components,
    tasks: [null, ...Array.from({ length: 2_000 }, (_, at) => ({ taskId: at + 1, component: `c${at % 200}` }))],
    streams: components.map(({ id }) => ({ component: id, stream: "default" })),
    edges: components.slice(1).map(({ id }, at) => ({ streamIndex: at, consumer: id, input: "default" })),
  };
  const { timers, metrics, block } = running(plan);
  for (let second = 1; second <= 40; second++) {
    for (let task = 1; task <= 2_000; task++) {
      block(task).add("busyUs", 1000);
      (block(task).execute ?? block(task).complete)!.record(task % 90);
    }
    timers.advanceTo(second * 1_000);
  }
  const times = { read: 1e9, oneWindow: 1e9, brief: 1e9, full: 1e9 };
  const least = (name: keyof typeof times, run: () => void) => {
    const startMs = performance.now();
    run();
    times[name] = Math.min(times[name], performance.now() - startMs);
  };
  for (let round = 0; round < 12; round++) {
    for (let task = 1; task <= 2_000; task++) (block(task).execute ?? block(task).complete)!.record(task % 90);
    least("read", () => metrics.read());
    least("oneWindow", () => metrics.snapshot({ windows: ["10s"], tasks: false }));
    least("brief", () => metrics.snapshot({ tasks: false }));
    least("full", () => metrics.snapshot());
  }
  t.diagnostic(`ms: ${JSON.stringify(times)}`);
  // Far more than it takes on an idle machine: tests run beside others.
  assert.ok(times.read < 40 && times.oneWindow < 20 && times.brief < 60, JSON.stringify(times));
});
