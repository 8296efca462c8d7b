import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineError } from "../../../src/base/engine-error.ts";
import { fields } from "../../../src/tuple/fields.ts";

/** As a program without types would call it. */
const untyped = fields as unknown as (...specs: string[]) => unknown;

function faultOf(call: () => unknown): EngineError {
  try {
    call();
  } catch (error) {
    assert.ok(error instanceof EngineError);
    return error;
  }
  assert.fail("nothing was thrown");
}

test("fields are parsed into columns, in order", () => {
  assert.deepEqual(fields("sku:string", " qty : int32 ", "note:string?", "extra").columns, [
    { name: "sku", type: "string", nullable: false },
    { name: "qty", type: "int32", nullable: false },
    { name: "note", type: "string", nullable: true },
    { name: "extra", type: "any", nullable: false },
  ]);
  assert.deepEqual(fields("a", "b:bytes").specs, ["a", "b:bytes"]);
  assert.deepEqual(fields().columns, []);
});

test("each mistake has its code, and the remedy names what was probably meant", () => {
  assert.equal(faultOf(() => untyped("")).code, "FIELDS_EMPTY_NAME");
  assert.equal(faultOf(() => untyped(" :string")).code, "FIELDS_EMPTY_NAME");
  assert.equal(faultOf(() => untyped("$id:string")).code, "FIELDS_RESERVED_NAME");
  assert.equal(faultOf(() => untyped("a:string", "b", "a:int32")).code, "FIELDS_DUPLICATE_NAME");
  const misspelt = faultOf(() => untyped("word:strng?"));
  assert.equal(misspelt.code, "FIELDS_UNKNOWN_TYPE");
  assert.match(misspelt.remedy, /"word:string\?"/);
  assert.match(faultOf(() => untyped("count:integer")).remedy, /"count:int32"/);
  assert.match(faultOf(() => untyped("count:qqqqqq")).remedy, /one of these/);
  assert.equal(faultOf(() => untyped("word:")).code, "FIELDS_UNKNOWN_TYPE");
  assert.equal(faultOf(() => untyped("word:String")).code, "FIELDS_UNKNOWN_TYPE");
});

test("a declaration cannot be changed afterwards", () => {
  const declared = fields("a:int32");
  assert.throws(() => ((declared.columns as unknown[])[0] = 1), TypeError);
  assert.throws(() => ((declared.columns[0] as { name: string }).name = "b"), TypeError);
});
