import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { inspect } from "node:util";
import { EngineError } from "../../../src/base/engine-error.ts";
import { fields } from "../../../src/tuple/fields.ts";
import { tupleClassFor } from "../../../src/tuple/tuple-class.ts";
import { batchOf } from "./random-rows.ts";

const { columns } = fields("word:string", "count:int32", "extra");
const sources = Array.from({ length: 4 }, (_, i) => ({ component: `component${i}`, stream: `stream${i}` }));
const batch = batchOf(columns, [
  ["a", 1, { x: 1 }],
  ["b", 2, undefined],
]); // Stream 3 of task 9.

type Row = { word: string; count: number; extra: unknown; $input?: string };

test("a tuple shows its row: fields, origin, values", () => {
  const TupleClass = tupleClassFor(columns, { input: "default", hasInputName: false, sources });
  const tuple = new TupleClass(batch, 1);
  const row = tuple as unknown as Row;
  assert.deepEqual([row.word, row.count, row.extra], ["b", 2, undefined]);
  assert.equal("$input" in tuple, false);
  const info = tuple.$;
  assert.deepEqual(
    [info.input, info.sourceComponent, info.sourceStream, info.sourceTask, info.attempt],
    ["default", "component3", "stream3", 9, 0],
  );
  assert.deepEqual(info.values, ["b", 2, undefined]);
  assert.deepEqual(info.select("count", "word"), [2, "b"]);
});

test("select of an unknown field is an error that names the nearest one", () => {
  const TupleClass = tupleClassFor(columns, { input: "default", hasInputName: false, sources });
  assert.throws(
    () => new TupleClass(batch, 0).$.select("wrod"),
    (error) =>
      error instanceof EngineError && error.code === "TUPLE_UNKNOWN_FIELD" && error.remedy.includes('"word"'),
  );
});

test("a bolt with several inputs tells its tuples apart by $input", () => {
  const TupleClass = tupleClassFor(columns, { input: "orders", hasInputName: true, sources });
  const tuple = new TupleClass(batch, 0);
  assert.equal((tuple as unknown as Row).$input, "orders");
  assert.equal(tuple.$.input, "orders");
});

test("inspect and JSON show the fields", () => {
  const TupleClass = tupleClassFor(columns, { input: "default", hasInputName: false, sources });
  const tuple = new TupleClass(batch, 0);
  assert.equal(inspect(tuple), "Tuple { word: 'a', count: 1, extra: { x: 1 } }");
  assert.equal(
    inspect({ deep: { tuple } }, { depth: 2 }),
    "{ deep: { tuple: Tuple { word: 'a', count: 1, extra: [Object] } } }",
  );
  assert.equal(JSON.stringify([tuple]), '[{"word":"a","count":1,"extra":{"x":1}}]');
});

test("fields with the names of JavaScript's own properties are fields", () => {
  const odd = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  const specs = odd.map((name) => ({ name, type: "string" as const, nullable: false }));
  const TupleClass = tupleClassFor(specs, { input: "default", hasInputName: false, sources });
  const tuple = new TupleClass(batchOf(specs, [odd]), 0) as unknown as Record<string, string>;
  for (const name of odd) assert.equal(tuple[name], name);
  assert.equal(JSON.stringify(tuple), JSON.stringify(Object.fromEntries(odd.map((name) => [name, name]))));
});

test("a field cannot be assigned to", () => {
  const TupleClass = tupleClassFor(columns, { input: "default", hasInputName: false, sources });
  const tuple = new TupleClass(batch, 0) as unknown as { word: string };
  assert.throws(() => {
    tuple.word = "other";
  }, TypeError);
});

test("where code may not be made at run time, tuples and appenders work the same", () => {
  const dist = path.resolve(import.meta.dirname, "../../../src");
  const script = `
    const [{ fields }, { tupleClassFor }, { rowAppenderFor }, { TupleBatch }] = await Promise.all(
      ["fields", "tuple-class", "row-appender", "tuple-batch"].map((name) => import(process.argv[1] + "/tuple/" + name + ".js")));
    const { columns } = fields("word:string", "count:int32");
    const batch = new TupleBatch(0, 1, 0, [[], []]);
    const append = rowAppenderFor(columns);
    const appended = [append(batch, ["a", 1]), append(batch, ["b", "x"])];
    const tuple = new (tupleClassFor(columns, { input: "in", hasInputName: true, sources: [] }))(batch, 0);
    console.log(JSON.stringify([appended, tuple, tuple.word, tuple.$input]));`;
  const flags = ["--disallow-code-generation-from-strings", "--input-type=module", "--eval", script, dist];
  const result = spawnSync(process.execPath, flags, { encoding: "utf8" });
  assert.equal(result.stderr, "");
  assert.deepEqual(JSON.parse(result.stdout), [[true, false], { word: "a", count: 1 }, "a", "in"]);
});
