import assert from "node:assert/strict";
import { test } from "node:test";
import { RowBatches } from "../../../../src/connectors/redis/row-batches.ts";

/** Batches whose ends the test decides. */
function batches(plan: { batchRows: number; lingerMs: number; inFlightMax: number }) {
  const sent: { rows: readonly number[]; end(): void }[] = [];
  const made = new RowBatches<number>(plan, (rows) => new Promise((resolve) => sent.push({ rows, end: resolve })));
  return { sent, made };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a full batch leaves at once, the rest after lingerMs", async () => {
  const { sent, made } = batches({ batchRows: 3, lingerMs: 1, inFlightMax: 9 });
  for (let row = 0; row < 4; row++) assert.equal(made.add(row), undefined);
  assert.deepEqual(
    sent.map(({ rows }) => rows),
    [[0, 1, 2]],
  );
  while (sent.length < 2) await turn();
  assert.deepEqual(sent[1]!.rows, [3]);
  assert.equal(made.rowsInFlight, 4);
});

test("beyond inFlightMax whoever adds waits until there is room", async () => {
  const { sent, made } = batches({ batchRows: 2, lingerMs: 1000, inFlightMax: 1 });
  assert.equal(made.add(0), undefined);
  assert.equal(made.add(1), undefined, "under way, and what comes is gathered");
  assert.equal(made.add(2), undefined);
  let hasRoom = false;
  const room = Promise.resolve(made.add(3)).then(() => {
    hasRoom = true;
  });
  await turn();
  assert.equal(hasRoom, false);
  sent[0]!.end();
  await room;
  assert.deepEqual(sent[1]!.rows, [2, 3]);
  assert.equal(made.rowsInFlight, 2);
});

test("settle sends what there is and waits for all of it", async () => {
  const { sent, made } = batches({ batchRows: 2, lingerMs: 60_000, inFlightMax: 1 });
  await made.settle();
  for (const row of [0, 1, 2]) void made.add(row);
  let isSettled = false;
  const settled = made.settle().then(() => {
    isSettled = true;
  });
  assert.equal(sent.length, 1);
  sent[0]!.end();
  await turn();
  assert.equal(isSettled, false, "the rest is under way");
  sent[1]!.end();
  await settled;
  assert.deepEqual(
    sent.map(({ rows }) => rows),
    [[0, 1], [2]],
  );
});

test("rows leave in the order in which they came, also those that were held back", async () => {
  const { sent, made } = batches({ batchRows: 2, lingerMs: 60_000, inFlightMax: 1 });
  for (let row = 0; row < 7; row++) void made.add(row);
  const settled = made.settle();
  for (let k = 0; k < 4; k++) {
    sent[k]!.end();
    await turn();
  }
  await settled;
  assert.deepEqual(
    sent.map(({ rows }) => rows),
    [[0, 1], [2, 3], [4, 5], [6]],
  );
});
