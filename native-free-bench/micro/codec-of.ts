import { deepStrictEqual } from "node:assert/strict";
import { frameMemoryOver } from "../../src/base/frame-memory.ts";
import { BatchReader } from "../../src/tuple/codec/batch-reader.ts";
import { BatchWriter } from "../../src/tuple/codec/batch-writer.ts";
import type { ColumnType } from "../../src/tuple/field-spec.ts";
import type { MicroOperation } from "../harness/micro.ts";
import { batchOf, columnOf } from "./columns.ts";

/** Room for a batch of long strings, written as UTF-16. */
const FRAME_BYTES = 2 * 2 ** 20;

/** Writing and reading a batch with one column of these values, over and over. */
export function codecOf(type: ColumnType, values: unknown[]): { write: MicroOperation; read: MicroOperation } {
  const columns = [columnOf(type)];
  const writer = new BatchWriter(columns);
  const reader = new BatchReader(columns, [0]);
  const batch = batchOf(values);
  const memory = frameMemoryOver(new ArrayBuffer(FRAME_BYTES));
  const writeFrame = () => {
    writer.prepare(batch, 0, batch.count);
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
    write: { operations: batch.count, run: write, verify },
    read: { operations: batch.count, run: read, verify },
  };
}
