import assert from "node:assert/strict";
import { arrivalKey, type Expectation } from "./random-oracle.ts";
import type { RandomPlan, RandomSubscription } from "./random-plan.ts";

type ReportRow = [
  consumer: string,
  taskIndex: number,
  source: string,
  stream: string,
  sourceTask: number,
  key: string,
  count: number,
  sum: number,
];

/** Compares what a random topology's tasks report with what had to reach them, and each grouping with its promise. */
export function checkReports(plan: RandomPlan, expected: Expectation, reports: readonly unknown[][]): void {
  const rows = reports as ReportRow[];
  const actual: Expectation = new Map();
  for (const [consumer, , source, stream, , key, count, sum] of rows) {
    const place = arrivalKey(consumer, source, stream, key);
    const arrivals = actual.get(place) ?? { count: 0, sum: 0 };
    arrivals.count += count;
    arrivals.sum = (arrivals.sum + sum) >>> 0;
    actual.set(place, arrivals);
  }
  assert.deepEqual(new Map([...actual].sort()), new Map([...expected].sort()));
  for (const consumer of plan.components) {
    for (const subscription of consumer.subscriptions) {
      const own = rows.filter(
        (row) => row[0] === consumer.id && row[2] === subscription.source && row[3] === subscription.stream,
      );
      checkGrouping(`${consumer.id} from ${subscription.source}`, subscription, consumer.parallelism, own);
    }
  }
}

function checkGrouping(
  place: string,
  { grouping }: RandomSubscription,
  parallelism: number,
  rows: readonly ReportRow[],
): void {
  if (grouping === "fields") {
    for (const tasks of tasksByKey(rows)) assert.equal(tasks.size, 1, `${place}: a key on several tasks`);
  } else if (grouping === "partialKey") {
    for (const tasks of tasksByKey(rows)) assert.ok(tasks.size <= 2, `${place}: a key on more than two tasks`);
  } else if (grouping === "global") {
    assert.ok(
      rows.every(([, taskIndex]) => taskIndex === 0),
      `${place}: global reached another task`,
    );
  } else if (grouping === "shuffle") {
    for (const sourceTask of new Set(rows.map((row) => row[4]))) {
      const counts = new Array<number>(parallelism).fill(0);
      for (const row of rows) if (row[4] === sourceTask) counts[row[1]]! += row[6];
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${place}: shuffle gave ${counts}`);
    }
  }
}

function tasksByKey(rows: readonly ReportRow[]): Set<number>[] {
  const found = new Map<string, Set<number>>();
  for (const row of rows) found.set(row[5], (found.get(row[5]) ?? new Set()).add(row[1]));
  return [...found.values()];
}
