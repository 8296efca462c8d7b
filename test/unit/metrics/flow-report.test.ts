import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import { silentLogger } from "../../../src/base/log.ts";
import { Prng } from "../../../src/base/prng.ts";
import { allocateMetricWords, copyMetricWords } from "../../../src/memory/hot-counters.ts";
import { type FlowReportOptions, flowReport } from "../../../src/metrics/consumers/flow-report.ts";
import { timeStamp } from "../../../src/metrics/consumers/time-stamp.ts";
import type { CountSource } from "../../../src/metrics/count-source.ts";
import { MetricLayout } from "../../../src/metrics/metric-layout.ts";
import { RunMetrics } from "../../../src/metrics/run-metrics.ts";
import { TaskBlock } from "../../../src/metrics/task-block.ts";
import { TaskMetrics } from "../../../src/metrics/task-metrics.ts";
import { seedOf } from "./seed.ts";
import { SMALL_PLAN } from "./small-plan.ts";
import { VirtualTimers } from "./virtual-timers.ts";

/** 2026-11-21 10:00:02.500 UTC. */
const START_MS = Date.UTC(2026, 10, 21, 10, 0, 2, 500);

const FLOW: Readonly<Record<string, CountSource>> = {
  from_words: { component: "words", counter: "firsts" },
  replayed: { component: "words", counter: "replayed" },
  to_count: { component: "count", counter: "executed", from: "split" },
  rare: { component: "split", counter: "emitted", stream: "rare" },
  written: { component: "count", metric: "written" },
};

type Line = Record<string, string | number>;

class Flow {
  readonly layout = new MetricLayout(SMALL_PLAN);
  words = allocateMetricWords(this.layout.wordCount);
  readonly timers = new VirtualTimers(START_MS);
  readonly lines: Line[] = [];
  readonly metrics = new RunMetrics({
    topology: "small",
    layout: this.layout,
    words: this.words,
    clock: this.timers.clock,
    sharedNowMs: () => 0,
    wallClock: this.timers.clock,
    setTimer: this.timers.setTimer,
    logger: silentLogger,
  });
  readonly blocks = new Map([1, 2, 3, 4, 5, 6, 7].map((id) => [id, new TaskBlock(this.layout, this.words, id)]));
  readonly counted: Record<string, number> = { from_words: 0, replayed: 0, to_count: 0, rare: 0, written: 0 };
  user = new Map([6, 7].map((id) => [id, this.userMetricsOf(id)]));
  epoch = 1;

  register(intervalMs: number, options: Partial<FlowReportOptions> = {}): void {
    const write = (line: string) => this.lines.push(JSON.parse(line));
    this.metrics.register(flowReport({ processName: "orders", counts: FLOW, write, ...options }), { intervalMs });
  }

  userMetricsOf(taskId: number): TaskMetrics {
    return new TaskMetrics(taskId, (definition) => this.metrics.define("count", definition));
  }

  count(name: string, taskId: number, word: number): void {
    const block = this.blocks.get(taskId)!;
    block.words[word] = (block.words[word]! + 1) | 0;
    this.counted[name]!++;
  }

  /** Something happens in a task. */
  happen(random: Prng): void {
    const block = (id: number) => this.blocks.get(id)!;
    const [spout, split, count] = [1 + random.below(2), 3 + random.below(3), 6 + random.below(2)];
    const what = random.below(5);
    if (what === 0) this.count("from_words", spout, block(spout).outputs.get("default")!.emitted);
    else if (what === 1) {
      const { emitted, replayed } = block(spout).outputs.get("default")!;
      this.count("replayed", spout, replayed);
      block(spout).words[emitted] = (block(spout).words[emitted]! + 1) | 0;
    } else if (what === 2) this.count("to_count", count, block(count).inputs.get(1)!.executed);
    else if (what === 3) this.count("rare", split, block(split).outputs.get("rare")!.emitted);
    else {
      this.user.get(count)!.counter("written").increment();
      this.counted.written!++;
    }
    // Not asked for: another input, another stream.
    const other = block(count).inputs.get(2)!.executed;
    block(count).words[other] = (block(count).words[other]! + 1) | 0;
  }

  /** A thread with half of the tasks dies: new memory, new blocks for its tasks, the others come over later. */
  lose(random: Prng): void {
    const next = allocateMetricWords(this.layout.wordCount);
    copyMetricWords(this.words, next);
    this.metrics.beginEpoch(++this.epoch, next);
    const half = random.below(2);
    for (let i = 0; i < 20; i++) this.happenOnSurvivors(random, half);
    for (const [id, block] of this.blocks) {
      if (id % 2 === half) this.blocks.set(id, new TaskBlock(this.layout, next, id));
      else block.moveTo(next);
      if (id % 2 === half && this.user.has(id)) this.user.set(id, this.userMetricsOf(id));
    }
    this.words = next;
  }

  happenOnSurvivors(random: Prng, lostHalf: number): void {
    const spout = lostHalf === 0 ? 1 : 2;
    if (random.below(2) === 0)
      this.count("from_words", spout, this.blocks.get(spout)!.outputs.get("default")!.emitted);
    if (random.below(10) === 0) this.metrics.read();
  }
}

function sumOf(lines: readonly Line[], name: string): number {
  return lines.reduce((sum, line) => sum + (line[name] as number), 0);
}

test("a line has the stamp, the process and the user's names, in that order", async () => {
  const flow = new Flow();
  flow.register(5_000);
  flow.count("from_words", 1, flow.blocks.get(1)!.outputs.get("default")!.emitted);
  flow.timers.advanceTo(START_MS + 3_000);
  assert.deepEqual(flow.lines, [
    {
      time_stamp: "2026-11-21 10:00:05",
      process_name: "orders",
      from_words: 1,
      replayed: 0,
      to_count: 0,
      rare: 0,
      written: 0,
    },
  ]);
  assert.deepEqual(Object.keys(flow.lines[0]!), ["time_stamp", "process_name", ...Object.keys(FLOW)]);
  await flow.metrics.end();
});

/**
 * Goal:   one line per interval, and lines that sum to the totals.
 * Method: a virtual hour in which the main thread stalls, threads die and counts come at random.
 */
test("over an hour of stalls and deaths each interval has its line, and the lines sum to the totals", async (t) => {
  const random = new Prng(seedOf(t));
  const flow = new Flow();
  flow.register(5_000);
  while (flow.timers.nowMs < START_MS + 3_600_000) {
    for (let i = random.below(20); i > 0; i--) flow.happen(random);
    const toMs = flow.timers.nowMs + random.below(1_500);
    if (random.below(40) === 0) flow.timers.stallTo(toMs + random.below(30_000));
    else flow.timers.advanceTo(toMs);
    if (random.below(100) === 0) flow.lose(random);
  }
  flow.happen(random);
  await flow.metrics.end();
  const first = Date.UTC(2026, 10, 21, 10, 0, 5);
  for (const [at, line] of flow.lines.entries()) {
    assert.equal(line.time_stamp, timeStamp(first + at * 5_000, "utc", false));
    for (const name of Object.keys(FLOW)) assert.ok((line[name] as number) >= 0);
  }
  const lastEnd = Math.ceil(flow.timers.nowMs / 5_000) * 5_000;
  assert.equal(flow.lines.length, (lastEnd - first) / 5_000 + 1);
  for (const name of Object.keys(FLOW)) assert.equal(sumOf(flow.lines, name), flow.counted[name], name);
  assert.ok(flow.counted.written! > 1_000 && flow.epoch > 5);
});

test("what is counted during a stall is in the first of the lines that it delayed", async () => {
  const flow = new Flow();
  flow.register(5_000);
  flow.timers.advanceTo(START_MS + 3_000);
  flow.count("from_words", 2, flow.blocks.get(2)!.outputs.get("default")!.emitted);
  flow.timers.stallTo(START_MS + 13_000);
  assert.deepEqual(
    flow.lines.map((line) => [line.time_stamp, line.from_words]),
    [
      ["2026-11-21 10:00:05", 0],
      ["2026-11-21 10:00:10", 1],
      ["2026-11-21 10:00:15", 0],
    ],
  );
  await flow.metrics.end();
});

test("a line that cannot be written is told by the next one", async () => {
  const flow = new Flow();
  let isFull = true;
  flow.register(1_000, {
    write: (line) => {
      if (isFull) throw new Error("ENOSPC");
      flow.lines.push(JSON.parse(line));
    },
  });
  flow.happen(new Prng(3));
  flow.timers.advanceTo(START_MS + 1_000);
  isFull = false;
  flow.timers.advanceTo(START_MS + 2_000);
  await flow.metrics.end();
  for (const name of Object.keys(FLOW)) assert.equal(sumOf(flow.lines, name), flow.counted[name], name);
});

test("names that lead nowhere are refused when the report is registered", async () => {
  const bad: [Record<string, CountSource>, string, string][] = [
    [{ x: { component: "wrds", counter: "firsts" } }, "FLOW_UNKNOWN_SOURCE", 'ask for "words"'],
    [{ x: { component: "words", counter: "executed" } }, "FLOW_UNKNOWN_SOURCE", "docs/METRICS.md"],
    [{ x: { component: "split", counter: "firsts" } }, "FLOW_UNKNOWN_SOURCE", "docs/METRICS.md"],
    [{ x: { component: "split", counter: "emitted", stream: "rar" } }, "FLOW_UNKNOWN_SOURCE", "rare"],
    [{ x: { component: "count", counter: "executed", from: "out" } }, "FLOW_UNKNOWN_SOURCE", "words:default"],
    [{ x: { component: "count", counter: "errors", stream: "default" } }, "FLOW_UNKNOWN_SOURCE", "errors"],
    [{ x: { component: "nobody", metric: "written" } }, "FLOW_UNKNOWN_SOURCE", "declared"],
    [{ time_stamp: { component: "words", counter: "firsts" } }, "FLOW_BAD_NAME", "time_stamp"],
    [{ 7: { component: "words", counter: "firsts" } }, "FLOW_BAD_NAME", '"7"'],
  ];
  const flow = new Flow();
  for (const [counts, code, text] of bad) {
    assert.throws(
      () => flow.register(1_000, { counts }),
      (error) => error instanceof EngineError && error.code === code && error.message.includes(text),
      JSON.stringify(counts),
    );
  }
  for (const intervalMs of [0, 9, 1.5, Number.NaN, 86_400_001]) {
    assert.throws(() => flow.register(intervalMs), { code: "CONSUMER_BAD_SETTING" });
  }
  flow.timers.advanceTo(START_MS + 2_000);
  assert.deepEqual(flow.lines, [], "what was refused is not told");
  await flow.metrics.end();
});

test("time stamps are those of the zone, with milliseconds where they are needed", () => {
  assert.equal(timeStamp(START_MS, "utc", true), "2026-11-21 10:00:02.500");
  const local = timeStamp(START_MS, "local", false);
  const offsetMs = new Date(START_MS).getTimezoneOffset() * 60_000;
  assert.equal(local, timeStamp(START_MS - offsetMs, "utc", false));
});
