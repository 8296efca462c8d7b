import { deepStrictEqual } from "node:assert/strict";
import { frameMemoryOver } from "../../src/base/frame-memory.ts";
import { BatchReader } from "../../src/tuple/codec/batch-reader.ts";
import { BatchWriter } from "../../src/tuple/codec/batch-writer.ts";
import type { ColumnType } from "../../src/tuple/field-spec.ts";
import { benchmark, type Side } from "../harness/benchmark.ts";
import { type MicroOperation, type MicroParams, microParams, microSide } from "../harness/micro.ts";
import { BATCH_ROWS, batchOf, columnOf } from "./columns.ts";

/**
 * A batch of 256 rows with one column, into memory that threads could share and out of it again:
 *
 *     batch -- BatchWriter.prepare, write --> [frame] -- BatchReader.read --> batch      threads: 1
 */
export const microCodec = benchmark({
  name: "micro-codec",
  question: "What does a value of each column type cost to write into a frame, and to read out of one?",
  unit: "ns/value",
  coresNeeded: 1,
  params: microParams,
  sides: {
    ...writeAndRead("string"),
    ...writeAndRead("int32"),
    ...writeAndRead("float64"),
    ...writeAndRead("int64"),
    ...writeAndRead("bool"),
    ...writeAndRead("bytes"),
    ...writeAndRead("any"),
  },
  bars: [],
});

function writeAndRead(type: ColumnType): Record<string, Side<MicroParams>> {
  return {
    [`${type}Write`]: microSide(`write ${type}`, () => codecOf(type).write),
    [`${type}Read`]: microSide(`read ${type}`, () => codecOf(type).read),
  };
}

function codecOf(type: ColumnType): { write: MicroOperation; read: MicroOperation } {
  const columns = [columnOf(type)];
  const writer = new BatchWriter(columns);
  const reader = new BatchReader(columns, [0]);
  const batch = batchOf(type);
  const memory = frameMemoryOver(new ArrayBuffer(256 * 1024));
  const writeFrame = () => {
    writer.prepare(batch, 0, BATCH_ROWS);
    return writer.write(memory, 0);
  };
  let bytes = writeFrame();
  let last = reader.read(memory, 0, bytes);
  const write = () => {
    bytes = writeFrame();
  };
  const read = () => {
    last = reader.read(memory, 0, bytes);
  };
  const verify = () => {
    deepStrictEqual(reader.read(memory, 0, bytes).columns[0], batch.columns[0]);
    deepStrictEqual(last.columns[0], batch.columns[0]);
  };
  return {
    write: { operations: BATCH_ROWS, run: write, verify },
    read: { operations: BATCH_ROWS, run: read, verify },
  };
}
