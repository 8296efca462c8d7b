import assert from "node:assert/strict";
import { test } from "node:test";
import { csvHeader, csvWriter, jsonWriter, lineWriter } from "../../../../src/connectors/files/record-writers.ts";
import { CsvRows, columnsInOrder, JsonRows, MissingColumns } from "../../../../src/connectors/files/row-formats.ts";
import { type AnyTuple, fields } from "../../../../src/index.ts";

const All = fields(
  "text:string",
  "maybe:string?",
  "small:int32",
  "real:float64",
  "large:int64",
  "yes:bool",
  "raw:bytes",
  "more",
);
const SHAPE = { separator: ",", quote: '"', charsMax: 1_000_000, isMultiline: true };

const ROW = {
  text: 'a "quoted", text',
  maybe: null,
  small: -7,
  real: 1.5e300,
  large: 9_007_199_254_740_993n,
  yes: true,
  raw: new Uint8Array([0, 255, 10]),
  more: "x",
};

test("a row that is written as JSON is read as it was", () => {
  const record = jsonWriter(All)(ROW as unknown as AnyTuple);
  assert.equal(record.indexOf("\n"), record.length - 1);
  assert.deepEqual(new JsonRows(All).take(record.trimEnd()), Object.values(ROW));
});

test("a row that is written as CSV is read as it was, line ends and empty texts included", () => {
  for (const row of [ROW, { ...ROW, text: "", maybe: "two\r\nlines\n" }, { ...ROW, text: "\n", maybe: "" }]) {
    const text = csvHeader(All, SHAPE) + csvWriter(All, SHAPE)(row as unknown as AnyTuple);
    const rows = new CsvRows(All, SHAPE, null);
    const taken = text
      .split("\n")
      .slice(0, -1)
      .map((line) => rows.take(line));
    assert.deepEqual(taken.at(-1), Object.values(row));
    assert.ok(taken.slice(0, -1).every((value) => value === null));
  }
});

test("a line is one line", () => {
  assert.equal(lineWriter(() => "a")({} as AnyTuple), "a\n");
  for (const bad of ["a\nb", 1 as unknown as string])
    assert.throws(() => lineWriter(() => bad)({} as AnyTuple), { code: "CONNECTOR_FAILED" });
});

test("JSON that does not fit is refused with its reason", () => {
  const rows = new JsonRows(fields("id:int32", "name:string?", "at:int64", "raw:bytes", "toString"));
  const good = { id: 1, name: "a", at: "12", raw: "", toString: 1 };
  assert.deepEqual(rows.take(JSON.stringify(good)), [1, "a", 12n, new Uint8Array(0), 1]);
  const cases: readonly (readonly [object, RegExp])[] = [
    [{ ...good, id: undefined }, /"id" is missing/],
    [{ ...good, id: null }, /"id" is null/],
    [{ ...good, id: 1.5 }, /"id": the number 1.5 is no int32/],
    [{ ...good, id: 2 ** 31 }, /is no int32/],
    [{ ...good, id: "1" }, /"1" is no int32/],
    [{ ...good, name: ["a"] }, /a list is no string/],
    [{ ...good, at: "1.5" }, /is no int64/],
    [{ ...good, at: "9223372036854775808" }, /is no int64/],
    [{ ...good, at: 2 ** 60 }, /is no int64/],
    [{ ...good, raw: "a" }, /is no bytes/],
    [{ ...good, toString: undefined }, /"toString" is missing/],
  ];
  for (const [value, reason] of cases) assert.match(String(rows.take(JSON.stringify(value))), reason);
  for (const [line, reason] of [
    ["{", /^not JSON/],
    ["[1]", /not an object/],
    ["null", /not an object/],
  ] as const) {
    assert.match(String(rows.take(line)), reason);
  }
  assert.equal(rows.take(""), null);
  assert.equal(rows.take("  "), null);
});

test("columns of CSV are found by the header, and typed", () => {
  const Order = fields("price:float64", "id:int32", "paid:bool?");
  const rows = new CsvRows(Order, SHAPE, null);
  assert.equal(rows.take("id,note,paid,price\r"), null);
  assert.deepEqual(rows.take("7,x,true,2.5\r"), [2.5, 7, true]);
  assert.deepEqual(rows.take("8,x,,1e3"), [1000, 8, null]);
  assert.equal(rows.take(""), null);
  assert.match(String(rows.take("8,x,1")), /3 fields instead of 4/);
  assert.match(String(rows.take("8,x,1,")), /"price": "" is no float64/);
  assert.match(String(rows.take('8,x,"",1')), /"paid": "" is no bool/);
  assert.match(String(rows.take("0x8,x,,1")), /"id": "0x8" is no int32/);
  assert.throws(() => new CsvRows(Order, SHAPE, null).take("id,price"), MissingColumns);
  const inOrder = new CsvRows(Order, SHAPE, columnsInOrder(Order));
  assert.deepEqual(inOrder.take("1,2,0"), [1, 2, false]);
});

test("without line ends in quotes, a quote that does not end ends with its line", () => {
  const One = fields("a:string");
  const rows = new CsvRows(One, { ...SHAPE, isMultiline: false }, columnsInOrder(One));
  assert.match(String(rows.take('"a')), /does not end in its line/);
  assert.deepEqual(rows.take("b"), ["b"]);
});
