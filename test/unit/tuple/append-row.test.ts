import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { appendRow } from "../../../src/tuple/append-row.ts";
import { checkRow, checkValue, rowError } from "../../../src/tuple/check-value.ts";
import { kindsOf } from "../../../src/tuple/column-kind.ts";
import type { ColumnType, FieldSpec } from "../../../src/tuple/field-spec.ts";
import { fields } from "../../../src/tuple/fields.ts";
import { rowAppenderFor } from "../../../src/tuple/row-appender.ts";
import type { TupleBatch } from "../../../src/tuple/tuple-batch.ts";
import { anyColumns, anyData, anyRow, batchOf, runs } from "./random-rows.ts";

const wildValue = fc.oneof(
  anyData,
  fc.constantFrom<unknown>(
    () => 1,
    Symbol("s"),
    new (class Point {})(),
    [() => 1],
    2 ** 63,
    2n ** 63n,
    /x/,
    new Error("e"),
  ),
);

const spec = (type: ColumnType, nullable = false): FieldSpec => ({ name: "f", type, nullable });

test("the emit path, made for the schema or not, accepts exactly the rows that checkRow accepts", () => {
  const cases = anyColumns.chain((columns) =>
    fc.record({
      columns: fc.constant(columns),
      values: fc.oneof(
        anyRow(columns),
        fc.array(wildValue, { minLength: columns.length, maxLength: columns.length }),
        fc.array(wildValue, { maxLength: 7 }),
      ),
    }),
  );
  fc.assert(
    fc.property(cases, ({ columns, values }) => {
      const batch = batchOf(columns, []);
      const compiled = batchOf(columns, []);
      assert.equal(appendRow(kindsOf(columns), batch, values), checkRow(columns, values) === null);
      assert.equal(rowAppenderFor(columns)(compiled, values), checkRow(columns, values) === null);
      assert.equal(compiled.count, batch.count);
      const rowsIn = (appended: TupleBatch) => appended.columns.map((column) => column.slice(0, appended.count));
      assert.deepEqual(rowsIn(compiled), rowsIn(batch));
      if (batch.count === 1) {
        // An int32 has no -0.
        const expected = values.map((value, k) => (columns[k]!.type === "int32" && value === 0 ? 0 : value));
        assert.deepEqual(
          rowsIn(batch),
          expected.map((value) => [value]),
        );
      }
    }),
    runs(1000),
  );
});

test("a refused row leaves the batch as it was", () => {
  const { columns } = fields("word:string", "count:int32");
  const kinds = kindsOf(columns);
  const batch = batchOf(columns, []);
  assert.ok(appendRow(kinds, batch, ["a", 1]));
  assert.ok(!rowAppenderFor(columns)(batch, ["b", "two"]));
  assert.deepEqual(batch.columns, [["a"], [1]]);
  assert.ok(!appendRow(kinds, batch, ["b", "two"]));
  assert.ok(!appendRow(kinds, batch, ["b"]));
  assert.ok(!appendRow(kinds, batch, ["b", 2, 3]));
  assert.ok(!appendRow(kinds, batch, "b2" as unknown as unknown[]));
  assert.ok(!appendRow(kinds, batch, undefined as unknown as unknown[]));
  assert.equal(batch.count, 1);
  assert.ok(appendRow(kinds, batch, ["c", 3]));
  assert.deepEqual(
    batch.columns.map((column) => column.slice(0, batch.count)),
    [
      ["a", "c"],
      [1, 3],
    ],
  );
});

test("what each type accepts", () => {
  const accepted: [ColumnType, unknown[]][] = [
    ["string", ["", "\ud800"]],
    ["int32", [0, -0, 2 ** 31 - 1, -(2 ** 31)]],
    ["float64", [0.5, Number.NaN, -0, Infinity]],
    ["int64", [0n, 2n ** 63n - 1n, -(2n ** 63n)]],
    ["bool", [true, false]],
    ["bytes", [new Uint8Array(2), Buffer.from("x")]],
    ["any", [undefined, null, 1n, { a: [new Map([[1, new Set([2])]])] }, Object.create(null)]],
  ];
  for (const [type, values] of accepted)
    for (const value of values) assert.equal(checkValue(spec(type), value), null, type);
  const refused: [ColumnType, unknown[]][] = [
    ["string", [1, undefined, null, new String("x")]],
    ["int32", ["1", 0.5, 2 ** 31, Number.NaN, 1n, undefined, null]],
    ["float64", ["1", 1n, undefined, null]],
    ["int64", [1, 2n ** 63n, undefined, null]],
    ["bool", [0, "true", undefined, null]],
    ["bytes", ["x", [1], new ArrayBuffer(1), new Int8Array(1), undefined, null]],
    ["any", [() => 1, Symbol("s"), new (class Point {})(), { a: { b: [() => 1] } }, new WeakMap(), /x/]],
  ];
  for (const [type, values] of refused)
    for (const value of values) assert.notEqual(checkValue(spec(type), value), null, type);
  for (const [type] of refused) assert.equal(checkValue(spec(type, true), null), null);
  assert.notEqual(checkValue(spec("string", true), undefined), null);
});

test("minus zero becomes zero in an int32 column, as a frame would make it", () => {
  for (const declared of ["count:int32", "count:int32?"] as const) {
    const { columns } = fields(declared);
    const batch = batchOf(columns, []);
    assert.ok(appendRow(kindsOf(columns), batch, [-0]));
    assert.ok(rowAppenderFor(columns)(batch, [-0]));
    assert.ok(Object.is(batch.columns[0]![0], 0));
    assert.ok(Object.is(batch.columns[0]![1], 0));
  }
});

test("the error of a bad value names component, stream, field and value", () => {
  const { columns } = fields("word:string", "count:int32");
  const error = rowError({ component: "split", stream: "default", columns, values: ["a", "7"] });
  assert.equal(error.code, "TUPLE_VALUE_INVALID");
  for (const part of ["split", "default", "count", "'7'", "int32"]) assert.ok(error.message.includes(part), part);
  const short = rowError({ component: "split", stream: "default", columns, values: ["a"] });
  assert.match(short.problem, /1 value for 2 fields/);
  const deep = { a: [1, { "not a name": () => 1 }] };
  const anyError = rowError({ component: "c", stream: "s", columns: fields("extra").columns, values: [deep] });
  assert.match(anyError.problem, /a function at \.a\[1\]\["not a name"\]/);
});
