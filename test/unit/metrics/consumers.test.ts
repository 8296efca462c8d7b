import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { type Disk, realDisk } from "../../../src/base/disk.ts";
import { FaultyDisk } from "../../../src/base/faulty-disk.ts";
import { type Logger, silentLogger } from "../../../src/base/log.ts";
import { allocateMetricWords } from "../../../src/memory/hot-counters.ts";
import { jsonLinesConsumer } from "../../../src/metrics/consumers/json-lines-consumer.ts";
import { logConsumer } from "../../../src/metrics/consumers/log-consumer.ts";
import { type PrometheusMetric, prometheusConsumer } from "../../../src/metrics/consumers/prometheus-consumer.ts";
import { RotatingFile } from "../../../src/metrics/consumers/rotating-file.ts";
import { MetricLayout } from "../../../src/metrics/metric-layout.ts";
import type { MetricsReport } from "../../../src/metrics/metrics-consumer.ts";
import { RunMetrics } from "../../../src/metrics/run-metrics.ts";
import { TaskBlock } from "../../../src/metrics/task-block.ts";
import { TaskMetrics } from "../../../src/metrics/task-metrics.ts";
import { SMALL_PLAN } from "./small-plan.ts";
import { VirtualTimers } from "./virtual-timers.ts";

function withDirectory(run: (directory: string) => void): void {
  const directory = mkdtempSync(path.join(tmpdir(), "stormcell-metrics-"));
  try {
    run(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** A logger that keeps its lines. */
function recordingLogger(lines: { level: string; data: Record<string, unknown>; text: string }[]): Logger {
  const method = (level: string) => (data: object | string, text?: string) => {
    lines.push({ level, data: (typeof data === "string" ? {} : data) as Record<string, unknown>, text: text ?? "" });
  };
  return {
    ...silentLogger,
    level: "info",
    info: method("info"),
    warn: method("warn"),
    error: method("error"),
    isLevelEnabled: () => true,
  };
}

function running(logger: Logger = silentLogger) {
  const layout = new MetricLayout(SMALL_PLAN);
  const words = allocateMetricWords(layout.wordCount);
  const timers = new VirtualTimers(0);
  const { clock, setTimer } = timers;
  const clocks = { clock, wallClock: clock, sharedNowMs: () => 0 };
  const metrics = new RunMetrics({ topology: "small", layout, words, ...clocks, setTimer, logger });
  return { layout, words, timers, metrics, block: (taskId: number) => new TaskBlock(layout, words, taskId) };
}

test("lines go to a file that is put aside when it is full, and none is split or lost", () => {
  withDirectory((directory) => {
    const file = path.join(directory, "metrics.jsonl");
    const lines = new RotatingFile(realDisk, { file, maxBytes: 100, files: 3 });
    for (let number = 10; number < 50; number++) lines.writeLine(`{"line":${number}}`);
    assert.deepEqual(readdirSync(directory).sort(), [
      "metrics.jsonl",
      "metrics.jsonl.1",
      "metrics.jsonl.2",
      "metrics.jsonl.3",
    ]);
    const kept = [".3", ".2", ".1", ""].map((suffix) => readFileSync(file + suffix, "utf8"));
    for (const text of kept) assert.ok(text.length <= 100 && text.endsWith("\n"));
    const numbers = kept.flatMap((text) => text.trimEnd().split("\n")).map((line) => JSON.parse(line).line);
    assert.deepEqual(
      numbers,
      Array.from({ length: numbers.length }, (_, at) => 50 - numbers.length + at),
    );
    assert.ok(numbers.length > 30);
    // One that is longer than a file may be stands alone.
    lines.writeLine("x".repeat(500));
    assert.equal(readFileSync(file, "utf8").length, 501);
    // Another process goes on where this one was.
    new RotatingFile(realDisk, { file, maxBytes: 100, files: 3 }).writeLine("y");
    assert.equal(readFileSync(`${file}.1`, "utf8").length, 501);
  });
});

test("each call of the disk that fails costs one line at most, and leaves no broken one", () => {
  for (const operation of ["stat", "append", "rename"] as const) {
    for (let call = 1; call <= 8; call++) {
      withDirectory((directory) => {
        const file = path.join(directory, "m");
        const disk = new FaultyDisk(realDisk, [{ operation, call, errno: "ENOSPC" }]);
        const lines = new RotatingFile(disk, { file, maxBytes: 60, files: 9 });
        let failed = 0;
        for (let number = 0; number < 30; number++) {
          try {
            lines.writeLine(JSON.stringify({ number }));
          } catch {
            failed++;
          }
        }
        const texts = readdirSync(directory).map((name) => readFileSync(path.join(directory, name), "utf8"));
        const found = texts.flatMap((text) => text.split("\n")).filter((line) => line !== "");
        const numbers = found.map((line) => JSON.parse(line).number as number);
        assert.equal(new Set(numbers).size, numbers.length, `${operation} ${call}`);
        assert.ok(failed <= 1 && numbers.length >= 30 - failed, `${operation} ${call}: ${numbers.length}, ${failed}`);
      });
    }
  }
});

test("a line that a full disk tore is ended before the next", () => {
  withDirectory((directory) => {
    const file = path.join(directory, "m");
    let isFull = true;
    const disk: Disk = {
      ...realDisk,
      append(name, data) {
        if (!isFull) return realDisk.append(name, data);
        realDisk.append(name, data.slice(0, 5));
        throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
      },
    };
    const lines = new RotatingFile(disk, { file, maxBytes: 1_000, files: 1 });
    assert.throws(() => lines.writeLine('{"number":1}'), { code: "ENOSPC" });
    isFull = false;
    lines.writeLine('{"number":2}');
    lines.writeLine('{"number":3}');
    assert.equal(readFileSync(file, "utf8"), '{"num\n{"number":2}\n{"number":3}\n');
  });
});

test("the JSON lines consumer writes a snapshot per interval", async () => {
  const directory = mkdtempSync(path.join(tmpdir(), "stormcell-metrics-"));
  try {
    const file = path.join(directory, "m.jsonl");
    const { timers, metrics, block } = running();
    metrics.register(jsonLinesConsumer({ file }), { intervalMs: 2_000 });
    block(3).add("rowsIn", 3);
    timers.advanceTo(5_000);
    await metrics.end();
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const found = lines.map((line) => JSON.parse(line));
    assert.deepEqual(
      found.map(({ time_stamp }) => time_stamp),
      ["1970-01-01 00:00:02", "1970-01-01 00:00:04", "1970-01-01 00:00:06"],
    );
    assert.equal(found[0].topology, "small");
    assert.deepEqual(Object.keys(found[0].components.split.windows), ["10s", "all"]);
    assert.throws(() => jsonLinesConsumer({ file, maxBytes: 0 }), { code: "CONSUMER_BAD_SETTING" });
    assert.throws(() => jsonLinesConsumer({ file, files: 1.5 }), { code: "CONSUMER_BAD_SETTING" });
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("the log consumer writes one line per interval, with rates", async () => {
  const lines: Parameters<typeof recordingLogger>[0] = [];
  const { timers, metrics, block } = running();
  metrics.register(logConsumer(recordingLogger(lines)), { intervalMs: 10_000 });
  const split = block(3);
  const { executed } = split.inputs.get(0)!;
  for (let i = 0; i < 500; i++) split.words[executed] = (split.words[executed]! + 1) | 0;
  split.execute!.record(4);
  timers.advanceTo(10_000);
  assert.equal(lines.length, 1);
  const { text, data } = lines[0]!;
  assert.equal(text, "metrics");
  const { executedPerSecond, executeP99Ms } = (data.components as Record<string, Record<string, number>>).split!;
  assert.equal(executedPerSecond, 50);
  assert.ok(Math.abs(executeP99Ms! - 4) < 0.2);
  await metrics.end();
});

test("Prometheus gets totals, levels and cumulative buckets", async () => {
  const kept = new Map<string, { get(): Promise<PrometheusMetric> }>();
  const consumer = prometheusConsumer({
    registerMetric: (metric) => {
      const { name } = metric as { name: string };
      assert.ok(!kept.has(name), name);
      kept.set(name, metric as { get(): Promise<PrometheusMetric> });
    },
  });
  const { timers, metrics, block } = running();
  metrics.register(consumer, { intervalMs: 1_000 });
  assert.deepEqual((await kept.get("stormcell_emitted_total")!.get()).values, [], "nothing before the first report");
  const rare = block(3).outputs.get("rare")!;
  const split = block(3);
  split.words[rare.emitted] = 9;
  for (const ms of [0.0001, 0.5, 3, 3, 1e9]) split.execute!.record(ms);
  const user = new TaskMetrics(6, (definition) => metrics.define("count", definition));
  user.counter("hits").increment(4);
  user.gauge("size").set(2.5);
  timers.advanceTo(1_000);
  const valuesOf = async (name: string) => (await kept.get(name)!.get()).values;
  const emitted = await valuesOf("stormcell_emitted_total");
  assert.deepEqual(
    emitted.find(({ labels }) => labels.stream === "rare"),
    { value: 9, labels: { topology: "small", component: "split", stream: "rare" } },
  );
  assert.equal(emitted.length, 4);
  assert.deepEqual(await valuesOf("stormcell_user_total"), [
    { value: 4, labels: { topology: "small", component: "count", metric: "hits" } },
  ]);
  assert.deepEqual(await valuesOf("stormcell_user"), [
    { value: 2.5, labels: { topology: "small", component: "count", metric: "size", task: "6" } },
  ]);
  const values = (await valuesOf("stormcell_execute_seconds")).filter(({ labels }) => labels.component === "split");
  const buckets = values.filter(({ metricName }) => metricName === "stormcell_execute_seconds_bucket");
  const upTo = (seconds: number) =>
    buckets
      .filter(({ labels }) => Number(labels.le) <= seconds)
      .reduce((most, { value }) => Math.max(most, value), 0);
  assert.deepEqual([upTo(2e-6), upTo(0.002), upTo(0.02), upTo(1e6)], [1, 2, 4, 4]);
  assert.deepEqual([buckets.at(-1)!.labels.le, buckets.at(-1)!.value], ["+Inf", 5]);
  for (let at = 1; at < buckets.length; at++) assert.ok(buckets[at]!.value >= buckets[at - 1]!.value);
  assert.equal(values.at(-1)!.value, 5);
  await metrics.end();
});

test("what a consumer throws or rejects is logged, a few times, and touches nobody else", async () => {
  const lines: Parameters<typeof recordingLogger>[0] = [];
  const { timers, metrics } = running(recordingLogger(lines));
  const told: MetricsReport[] = [];
  let isClosed = false;
  metrics.register(
    {
      name: "bad",
      report: () => {
        throw new Error("bad report");
      },
      close: () => Promise.reject(new Error("bad close")),
    },
    { intervalMs: 1_000 },
  );
  metrics.register({ name: "worse", report: () => Promise.reject(new Error("late")) }, { intervalMs: 1_000 });
  metrics.register(
    {
      name: "good",
      report: (report) => void told.push(report),
      close: () => {
        isClosed = true;
      },
    },
    { intervalMs: 1_000 },
  );
  timers.advanceTo(30_500);
  await metrics.end();
  await metrics.end();
  assert.equal(told.length, 31);
  assert.ok(told.at(-1)!.isLast && isClosed);
  const errors = lines.filter(({ level }) => level === "error");
  assert.ok(errors.length >= 5 && errors.length <= 20, `${errors.length} lines`);
  assert.equal(timers.pending, 0, "no timer is left");
  assert.throws(() => metrics.register({ name: "too late", report() {} }, { intervalMs: 1_000 }), {
    code: "CONSUMER_BAD_SETTING",
  });
});

test("a consumer that never answers does not hold up the end", async () => {
  const lines: Parameters<typeof recordingLogger>[0] = [];
  const { timers, metrics } = running(recordingLogger(lines));
  metrics.register({ name: "stuck", report: () => new Promise(() => {}) }, { intervalMs: 1_000 });
  timers.advanceTo(1_000);
  const ended = metrics.end();
  timers.advanceTo(20_000);
  await ended;
  assert.deepEqual(
    lines.map(({ level }) => level),
    ["warn"],
  );
});
