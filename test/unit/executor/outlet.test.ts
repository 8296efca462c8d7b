import assert from "node:assert/strict";
import { test } from "node:test";
import { Outlet } from "../../../src/engine/executor/outlet.ts";
import { kindsOf } from "../../../src/tuple/column-kind.ts";
import { fields } from "../../../src/tuple/fields.ts";
import { rowAppenderFor } from "../../../src/tuple/row-appender.ts";
import type { TupleBatch } from "../../../src/tuple/tuple-batch.ts";

/** An outlet whose batches are kept, and the sweep of the loop around it. */
function makeOutlet() {
  const sent: TupleBatch[] = [];
  const owner = {
    taskId: 1,
    sweep: 1,
    outletOpened(): void {},
    batchShipped(): void {},
    backlogChanged(): void {},
    outletFailed(error: unknown): void {
      throw error;
    },
  };
  const link = {
    keepsBatch: true,
    rowsGone: 0,
    trySend: (batch: TupleBatch) => sent.push(batch) > 0,
    trySignal: () => true,
    holdsBack(): void {},
    pendingRows: () => 0,
  };
  const { columns } = fields("id:int32", "part:float64", "text:string?");
  const schema = { component: "c", stream: "s", columns, kinds: kindsOf(columns), append: rowAppenderFor(columns) };
  const outlet = new Outlet(owner, link, {
    edgeIndex: 0,
    targetTask: 2,
    consumer: "d",
    schema,
    epoch: 0,
    isFeedback: false,
    batchRowsMax: 16,
    batchRowsFirst: 1,
    guard: null,
  });
  return { outlet, owner, sent };
}

test("rows that come once in a while are sent one by one, without waiting for a flush", () => {
  const { outlet, owner, sent } = makeOutlet();
  for (let row = 0; row < 20; row++) {
    outlet.append([row, row / 2, null]);
    assert.equal(sent.length, row + 1);
    owner.sweep++;
  }
});

test("rows that come one after the other get batches that grow to the most", () => {
  const { outlet, sent } = makeOutlet();
  for (let row = 0; row < 400; row++) outlet.append([row, row / 2, row % 3 === 0 ? null : `text ${row}`]);
  assert.deepEqual(sent.map((batch) => batch.count).slice(0, 6), [1, 1, 2, 3, 4, 5]);
  assert.equal(sent.at(-1)?.count, 16);
  // What has room for more rows than came must still hold just what came.
  let row = 0;
  for (const { count, columns } of sent) {
    for (let i = 0; i < count; i++, row++) {
      const text = row % 3 === 0 ? null : `text ${row}`;
      assert.deepEqual([columns[0]![i], columns[1]![i], columns[2]![i]], [row, row / 2, text]);
    }
  }
});
