import assert from "node:assert/strict";
import { test } from "node:test";
import type { RecordsBatch } from "@platformatic/kafka";
import { type AbortedTransaction, readableBatches } from "../../../../src/connectors/kafka/readable-batches.ts";

const TRANSACTIONAL = 1 << 4;
const CONTROL = 1 << 5;
const ABORT = 0;
const COMMIT = 1;

function batch(first: number, records: number, attributes = 0, producer = -1): RecordsBatch {
  return {
    firstOffset: BigInt(first),
    lastOffsetDelta: records - 1,
    attributes,
    producerId: BigInt(producer),
    records: [],
  } as unknown as RecordsBatch;
}

function marker(offset: number, producer: number, type: number): RecordsBatch {
  const key = Buffer.alloc(4);
  key.writeInt16BE(type, 2);
  return { ...batch(offset, 1, TRANSACTIONAL | CONTROL, producer), records: [{ key }] } as unknown as RecordsBatch;
}

function firstsOf(batches: readonly RecordsBatch[], aborted: readonly [number, number][]): number[] {
  const transactions: AbortedTransaction[] = aborted.map(([producerId, firstOffset]) => ({
    producerId: BigInt(producerId),
    firstOffset: BigInt(firstOffset),
  }));
  return readableBatches(batches, transactions).map(({ firstOffset }) => Number(firstOffset));
}

test("markers are left out, and what was committed stays", () => {
  const log = [batch(0, 5), batch(5, 3, TRANSACTIONAL, 1), marker(8, 1, COMMIT), batch(9, 1)];
  assert.deepEqual(firstsOf(log, []), [0, 5, 9]);
});

test("of one producer several transactions are given up, and one between them is not", () => {
  const log = [
    batch(0, 2, TRANSACTIONAL, 1),
    marker(2, 1, ABORT),
    batch(3, 2, TRANSACTIONAL, 1),
    marker(5, 1, COMMIT),
    batch(6, 2, TRANSACTIONAL, 1),
    marker(8, 1, ABORT),
    batch(9, 1, TRANSACTIONAL, 1),
  ];
  const aborted: [number, number][] = [
    [1, 6],
    [1, 0],
  ];
  assert.deepEqual(firstsOf(log, aborted), [3, 9]);
});

test("a transaction whose end is not in the answer is given up all the same; others beside it are not", () => {
  const log = [
    batch(0, 2, TRANSACTIONAL, 1),
    batch(2, 2, TRANSACTIONAL, 2),
    batch(4, 1),
    batch(5, 1, TRANSACTIONAL, 1),
  ];
  assert.deepEqual(firstsOf(log, [[1, 0]]), [2, 4]);
});
