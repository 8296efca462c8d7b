import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePart, partName, partPrefix } from "../../../../src/connectors/files/part-names.ts";

test("the names of parts go from A to Z, and on with AA; each says which part it is", () => {
  const naming = { prefix: partPrefix("shop", "orders-0"), taskIndex: 12, extension: ".jsonl" };
  assert.equal(partName(naming, 0), "shop~orders-0-12.A.jsonl");
  assert.deepEqual(
    [25, 26, 27, 26 * 27 - 1, 26 * 27].map((index) => partName(naming, index).split(".")[1]),
    ["Z", "AA", "AB", "ZZ", "AAA"],
  );
  for (let index = 0; index < 2_000; index++) {
    const name = partName(naming, index);
    const part = { topology: "shop", component: "orders-0", taskIndex: 12, extension: ".jsonl", index };
    assert.deepEqual(parsePart(name), { ...part, isFinished: true, finishedName: name });
    assert.deepEqual(parsePart(`${name}.tmp`), { ...part, isFinished: false, finishedName: name });
  }
});

test("other files are none", () => {
  for (const file of [
    "orders.jsonl",
    "shop~orders.A.jsonl",
    "shop~orders-0.a.jsonl",
    "shop-orders-0.A.jsonl",
    "a~b~c-0.A",
  ])
    assert.equal(parsePart(file), null, file);
});
