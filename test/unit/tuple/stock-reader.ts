import { ByteBuffer } from "flatbuffers";
import { AnyDecoder } from "../../../src/tuple/codec/any-decoder.ts";
import type { Column } from "../../../src/tuple/codec/generated/column.ts";
import { ColumnType } from "../../../src/tuple/codec/generated/column-type.ts";
import { TextEncoding } from "../../../src/tuple/codec/generated/text-encoding.ts";
import { TupleBatch } from "../../../src/tuple/codec/generated/tuple-batch.ts";
import type { FieldSpec } from "../../../src/tuple/field-spec.ts";

const typeNames = Object.fromEntries(Object.entries(ColumnType).map(([name, type]) => [type, name.toLowerCase()]));

/** Decodes a batch frame by nothing but the generated code, and checks that it says what it is. */
export function decodeWithStockReader(frame: Uint8Array, columns: readonly FieldSpec[]) {
  const buffer = new ByteBuffer(Buffer.from(frame));
  if (!TupleBatch.bufferHasIdentifier(buffer)) throw new Error("no identifier");
  const batch = TupleBatch.getRootAsTupleBatch(buffer);
  if (batch.columnsLength() !== columns.length) throw new Error("wrong number of columns");
  const values = columns.map((spec, k) => columnValues(batch.columns(k)!, spec, batch.count()));
  return {
    stream: batch.stream(),
    sourceTask: batch.sourceTask(),
    epoch: batch.epoch(),
    rows: Array.from({ length: batch.count() }, (_, r) => values.map((column) => column[r])),
    roots: Array.from({ length: batch.count() }, (_, r) => rootsOf(batch, r)),
  };
}

function rootsOf(batch: TupleBatch, row: number): number[] {
  if (batch.rootsLength() === 0) return [];
  const hasLists = batch.rootOffsetsLength() > 0;
  const from = hasLists ? batch.rootOffsets(row)! : row;
  const to = hasLists ? batch.rootOffsets(row + 1)! : row + 1;
  const roots: number[] = [];
  for (let i = from; i < to; i++) roots.push(batch.roots(i)!.slot(), batch.roots(i)!.generation());
  return roots;
}

function columnValues(column: Column, spec: FieldSpec, count: number): unknown[] {
  if (typeNames[column.type()] !== spec.type) throw new Error("wrong column type");
  return Array.from({ length: count }, (_, r) => {
    const isNull = column.validityLength() > 0 && (column.validity(r >> 3)! & (1 << (r & 7))) === 0;
    return isNull ? null : columnValue(column, spec, r);
  });
}

function columnValue(column: Column, spec: FieldSpec, r: number): unknown {
  switch (spec.type) {
    case "int32":
      return column.int32s(r);
    case "float64":
      return column.float64s(r);
    case "int64":
      return column.int64s(r);
    case "bool":
      return column.bools(r) === 1;
    default:
      return cutOut(column, spec, column.offsets(r)!, column.offsets(r + 1)!);
  }
}

function cutOut(column: Column, spec: FieldSpec, from: number, to: number): unknown {
  const stored = column.bytesArray()!;
  const bytes = Buffer.from(stored.buffer, stored.byteOffset, stored.byteLength);
  if (spec.type === "string") {
    if (column.encoding() === TextEncoding.Utf16) return bytes.toString("utf16le", from * 2, to * 2);
    return bytes.toString("latin1", from, to);
  }
  if (spec.type === "bytes") return new Uint8Array(bytes.subarray(from, to));
  const decoder = new AnyDecoder();
  decoder.setMemory(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  return decoder.decode(from, to);
}
