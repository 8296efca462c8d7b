import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import { allocateMetricWords, copyMetricWords } from "../../../src/memory/hot-counters.ts";
import {
  INPUT_COUNTERS,
  MetricLayout,
  OUTPUT_COUNTERS,
  type OutputCounter,
  TASK_COUNTERS,
  TASK_LEVELS,
} from "../../../src/metrics/metric-layout.ts";
import { MetricsReader } from "../../../src/metrics/metrics-reader.ts";
import { TaskBlock } from "../../../src/metrics/task-block.ts";
import { seedOf } from "./seed.ts";
import { SMALL_PLAN } from "./small-plan.ts";

const layout = new MetricLayout(SMALL_PLAN);
const TASKS = [1, 2, 3, 4, 5, 6, 7, 8];

test("each task has a block of its own, from a cache line on, and the blocks fill the memory", () => {
  let end = 0;
  for (const taskId of TASKS) {
    const { firstWord, shape } = layout.placeOf(taskId);
    assert.equal(firstWord, end);
    assert.equal(firstWord % 32, 0);
    end += shape.blockWords;
  }
  assert.equal(layout.wordCount, end);
  assert.deepEqual(
    layout.components.map(({ id, counterCount }) => [id, counterCount]),
    [
      ["words", TASK_COUNTERS.length + 6],
      ["split", TASK_COUNTERS.length + 4 + 3],
      ["count", TASK_COUNTERS.length + 2 + 6],
      ["out", TASK_COUNTERS.length + 3],
    ],
  );
});

/** Every word that a task's thread may count in, with a number of its own. */
function fill(block: TaskBlock, next: () => number): number[] {
  const put: number[] = [];
  const add = (word: number) => {
    const amount = next();
    block.words[word] = (block.words[word]! + amount) | 0;
    put.push(amount);
  };
  for (const name of TASK_COUNTERS) {
    const amount = next();
    block.add(name, amount);
    put.push(amount);
  }
  for (const output of block.outputs.values()) {
    for (const name of OUTPUT_COUNTERS) if (output[name] >= 0) add(output[name]);
  }
  for (const input of block.inputs.values()) for (const name of INPUT_COUNTERS) add(input[name]);
  return put;
}

/** Counters by number, of each output of each spout's task. */
function outputsOfSources(): Record<OutputCounter, number>[] {
  return TASKS.flatMap((taskId) => {
    const { shape, firstCounter } = layout.placeOf(taskId);
    const outputs = shape.outputs.filter(({ count }) => count === OUTPUT_COUNTERS.length);
    return outputs.map(({ first }) => {
      const places = OUTPUT_COUNTERS.map((name, at) => [name, firstCounter + first + at] as const);
      return Object.fromEntries(places) as Record<OutputCounter, number>;
    });
  });
}

test("what each task counts is read at its place, and nowhere else", (t) => {
  const random = new Prng(seedOf(t));
  const words = allocateMetricWords(layout.wordCount);
  const reader = new MetricsReader(layout, words, () => 0);
  const expected = new Float64Array(layout.counterCount);
  const expectedFirsts = new Map<number, number>();
  const blocks = TASKS.map((taskId) => new TaskBlock(layout, words, taskId));
  for (let round = 0; round < 20; round++) {
    for (const [at, block] of blocks.entries()) {
      const { firstCounter } = layout.placeOf(TASKS[at]!);
      for (const [counter, amount] of fill(block, () => random.below(2 ** 30)).entries()) {
        expected[firstCounter + counter] = expected[firstCounter + counter]! + amount;
      }
      block.carry();
    }
    // Nobody counts these: they follow from two others, and never fall.
    for (const { emitted, replayed, firsts } of outputsOfSources()) {
      expectedFirsts.set(firsts, Math.max(expectedFirsts.get(firsts) ?? 0, expected[emitted]! - expected[replayed]!));
    }
    for (const [firsts, count] of expectedFirsts) expected[firsts] = count;
    reader.read();
    assert.deepEqual(reader.counters, expected);
  }
  for (const [at, block] of blocks.entries()) {
    for (const [level, name] of TASK_LEVELS.entries()) block.setLevel(name, at * 100 + level);
  }
  for (const [at, taskId] of TASKS.entries()) {
    for (const [level, name] of TASK_LEVELS.entries()) assert.equal(reader.levelOf(taskId, name), at * 100 + level);
  }
  reader.read();
  assert.deepEqual(reader.counters, expected, "levels are no counters");
});

test("bolts have execute and process, spouts complete; those of a component are added up", () => {
  const words = allocateMetricWords(layout.wordCount);
  const reader = new MetricsReader(layout, words, () => 0);
  const [spout, bolt, other] = [1, 3, 5].map((taskId) => new TaskBlock(layout, words, taskId));
  assert.equal(spout!.execute, null);
  assert.equal(bolt!.complete, null);
  bolt!.execute!.record(1);
  other!.execute!.record(1);
  bolt!.process!.record(2);
  spout!.complete!.record(3);
  reader.read();
  const sum = (component: string, name: "execute" | "process" | "complete") =>
    reader.countsOf(reader.histogramIndex(component, name)).reduce((total, count) => total + count, 0);
  assert.deepEqual([sum("split", "execute"), sum("split", "process"), sum("words", "complete")], [2, 1, 1]);
  assert.equal(sum("count", "execute"), 0);
  assert.equal(reader.histogramIndex("words", "execute"), -1);
  assert.equal(reader.maxUnitsOf(reader.histogramIndex("split", "process")), 2 * 15_625);
});

/**
 * Goal:   an epoch change loses no count and doubles none.
 * Method: task 3 dies; main copies everything; task 4, a survivor, counts on in the old memory before it comes over;
 *         task 3 is made again over what stands there.
 */
test("counts go on in the memory of a new epoch", () => {
  const old = allocateMetricWords(layout.wordCount);
  const reader = new MetricsReader(layout, old, () => 0);
  const lost = new TaskBlock(layout, old, 3);
  const survivor = new TaskBlock(layout, old, 4);
  lost.add("rowsIn", 5);
  lost.setLevel("executing", 7);
  lost.execute!.record(1);
  survivor.add("rowsIn", 10);
  survivor.execute!.record(1);
  reader.read();
  const next = allocateMetricWords(layout.wordCount);
  lost.add("rowsIn", 1);
  copyMetricWords(old, next);
  reader.moveTo(next);
  survivor.add("rowsIn", 100);
  survivor.execute!.record(1);
  reader.read();
  survivor.moveTo(next);
  const again = new TaskBlock(layout, next, 3);
  lost.add("rowsIn", 50); // A thread that hangs in native code may write on: where nobody reads.
  again.add("rowsIn", 1000);
  survivor.add("rowsIn", 10_000);
  survivor.execute!.record(1);
  again.execute!.record(1);
  reader.read();
  const rowsIn = (taskId: number) =>
    reader.counters[layout.placeOf(taskId).firstCounter + TASK_COUNTERS.indexOf("rowsIn")];
  assert.deepEqual([rowsIn(3), rowsIn(4)], [1006, 10_110]);
  assert.equal(reader.levelOf(3, "executing"), 0);
  const executions = reader.countsOf(reader.histogramIndex("split", "execute"));
  assert.equal(
    executions.reduce((total, count) => total + count, 0),
    5,
  );
});
