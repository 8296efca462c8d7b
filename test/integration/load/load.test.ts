import assert from "node:assert/strict";
import { test } from "node:test";
import type { Run } from "../../../src/index.ts";
import { runToEnd } from "../../simulation/run-to-end.ts";
import { burst, longStrings, manyTasks, ordered, slowBolt, twoInputs, wideRows } from "./load-topologies.ts";

type Row = [component: string, taskIndex: number, count: number, sum: number, extra: number];

function added(rows: readonly unknown[][] | undefined): { count: number; sum: number; extra: number } {
  const totals = { count: 0, sum: 0, extra: 0 };
  for (const [, , count, sum, extra] of (rows ?? []) as Row[]) {
    totals.count += count;
    totals.sum += sum;
    totals.extra += extra;
  }
  return totals;
}

test("one execute emits 100,000 tuples", async () => {
  for (const workers of [1, 2]) {
    const { rows } = await runToEnd(burst, { options: { tuples: 100_000 }, cluster: { workers } });
    assert.deepEqual(added(rows.counts), { count: 300_000, sum: 3 * 4_999_950_000, extra: 0 });
  }
});

test("64 tasks on two workers", async () => {
  const { rows, summary } = await runToEnd(manyTasks, { options: { tuples: 30_000 }, cluster: { workers: 2 } });
  assert.deepEqual(added(rows.counts), { count: 30_000, sum: 449_985_000, extra: 0 });
  assert.equal(summary.totals.byComponent.second?.executed, 30_000);
});

for (const workers of [1, 2]) {
  test(`a bolt a thousand times slower than its spout holds it back: ${workers} workers`, async () => {
    let waitingMax = 0;
    const started = (run: Run<unknown>) => {
      const timer = setInterval(() => {
        const { items, slow } = run.totals().byComponent;
        waitingMax = Math.max(waitingMax, items!.transferred - slow!.executed);
      }, 10);
      const stop = () => clearInterval(timer);
      run.completed().then(stop, stop);
    };
    const { rows } = await runToEnd(slowBolt, {
      options: { tuples: 6_000, busyMs: 0.2 },
      cluster: { workers, ringBytesMax: 16_384, localQueueRowsMax: 256, localMarkRows: 64 },
      started,
    });
    const { count, extra } = added(rows.counts);
    assert.equal(count, 6_000);
    assert.ok(waitingMax > 0 && waitingMax < 1_500, `${waitingMax} tuples waited`);
    assert.ok(extra < 80 * 2 ** 20, `the heap of the slow bolt's thread grew to ${extra} bytes`);
  });
}

test("a bolt with two inputs of different schema", async () => {
  for (const workers of [1, 2]) {
    const { rows } = await runToEnd(twoInputs, { options: { tuples: 9_000 }, cluster: { workers } });
    assert.deepEqual(added(rows.counts), { count: 6_000, sum: 40_495_500, extra: 40_495_500 / 4 });
  }
});

for (const [ringBytes, textLength] of [
  [4_096, 60],
  [16_384, 300],
  [1_048_576, 20_000],
] as const) {
  test(`rows of every column type arrive as they were sent: rings of ${ringBytes} bytes`, async () => {
    const cluster = { workers: 2, ringBytesMin: ringBytes, ringBytesMax: ringBytes };
    const { rows } = await runToEnd(wideRows, { options: { tuples: 3_000, textLength }, cluster });
    assert.equal(added(rows.counts).count, 3_000);
  });
}

for (const [unit, length] of [
  ["x", 300 * 1024],
  ["é", 300 * 512],
  ["✓", 100 * 1024],
  ["\ud800", 100 * 1024],
] as const) {
  test(`strings of 300 KB pass rings of 1 MiB: ${JSON.stringify(unit)}`, async () => {
    const cluster = { workers: 2, ringBytesMin: 2 ** 20, ringBytesMax: 2 ** 20 };
    const { rows } = await runToEnd(longStrings, { options: { unit, length }, cluster });
    assert.equal(added(rows.counts).count, 10);
  });
}

test("tuples of one task and stream arrive in order, several producers and groupings at once", async () => {
  for (const workers of [1, 2, 3]) {
    const cluster = { workers, ringBytesMin: 8_192, ringBytesMax: 8_192, localQueueRowsMax: 300, localMarkRows: 50 };
    const { summary } = await runToEnd(ordered, { options: { tuples: 20_001 }, cluster });
    assert.equal(summary.totals.byComponent.second?.executed, 3 * 20_001 + 3 * 3 * 6_667);
  }
});
