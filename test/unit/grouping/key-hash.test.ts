import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInThisContext } from "node:vm";
import { keyGroupOf } from "../../../src/grouping/key-groups.ts";
import { hashKey } from "../../../src/grouping/key-hash.ts";
import type { ColumnType } from "../../../src/tuple/field-spec.ts";

function hashOf(types: readonly ColumnType[], values: readonly unknown[]): number {
  return hashKey(
    values,
    values.map((_, i) => i),
    types,
  );
}

function publishedVectors() {
  const page = readFileSync(new URL("../../../../docs/GROUPINGS.md", import.meta.url), "utf8");
  const rows = page.matchAll(/^\| ([a-z0-9, ]+?) +\| `(.+)` +\| ([0-9a-f]{8}) +\| (\d+) +\|$/gm);
  return [...rows].map(([, types, key, hash, group]) => ({
    types: types!.split(", ") as ColumnType[],
    key: key!,
    values: runInThisContext(key!) as unknown[],
    hash: Number.parseInt(hash!, 16),
    group: Number(group),
  }));
}

test("the hash is the published one, vector by vector", () => {
  const vectors = publishedVectors();
  assert.equal(vectors.length, 44, "rows of the table that the test understands");
  for (const { types, key, values, hash, group } of vectors) {
    assert.equal(hashOf(types, values).toString(16), hash.toString(16), `${types} ${key}`);
    assert.equal(keyGroupOf(hash), group, `${types} ${key}`);
  }
});

// These sums were computed by a separate program in another language, so that page and code cannot err together.
test("the hash is the published one, over 10,000 keys of each type", () => {
  const sum = (type: ColumnType, keyAt: (i: number) => unknown) => {
    let total = 0;
    for (let i = 0; i < 10_000; i++) total = (total + hashOf([type], [keyAt(i)])) >>> 0;
    return total;
  };
  assert.equal(
    sum("string", (i) => `key-${i}`),
    0x066f6465,
  );
  assert.equal(
    sum("int32", (i) => ((i * 2_654_435_761) % 2 ** 32) - 2 ** 31),
    0x6571c7b9,
  );
  assert.equal(
    sum("int64", (i) => BigInt(i) ** 3n * 1_000_003n),
    0x519929cc,
  );
  assert.equal(
    sum("float64", (i) => i / 7),
    0xda7db808,
  );
});

test("equal keys hash equal, whatever their representation", () => {
  const rope = `${"stormcell".slice(0, 5)}${"xcell".slice(1)}`;
  assert.equal(hashOf(["string"], [rope]), hashOf(["string"], ["stormcell"]));
  const twoByte = "Жstormcell".slice(1); // Held with two bytes per character.
  assert.equal(hashOf(["string"], [twoByte]), hashOf(["string"], ["stormcell"]));
  assert.equal(hashOf(["float64"], [-0]), hashOf(["float64"], [0]));
  const oddNaN = new Float64Array(Uint32Array.of(1, 0xfff80000).buffer)[0];
  assert.equal(hashOf(["float64"], [oddNaN]), hashOf(["float64"], [Number.NaN]));
  const padded = Buffer.from([9, 1, 2, 3, 4, 5, 9]).subarray(1, 6);
  assert.equal(hashOf(["bytes"], [padded]), hashOf(["bytes"], [Uint8Array.of(1, 2, 3, 4, 5)]));
});

test("the boundary between two key columns counts", () => {
  assert.notEqual(hashOf(["string", "string"], ["ab", "c"]), hashOf(["string", "string"], ["a", "bc"]));
  assert.notEqual(hashOf(["string", "string"], ["a", "b"]), hashOf(["string", "string"], ["b", "a"]));
});

test("only the key columns count, in their order", () => {
  const types: ColumnType[] = ["string", "int32", "string"];
  assert.equal(hashKey(["a", 1, "b"], [2], types), hashOf(["string"], ["b"]));
  assert.equal(hashKey(["a", 1, "b"], [1, 0], types), hashOf(["int32", "string"], [1, "a"]));
});

test("a key of type any has to be primitive", () => {
  for (const value of [{}, [], new Date(0), Uint8Array.of(1), () => {}, Symbol("x")]) {
    assert.throws(() => hashOf(["any"], [value]), { code: "GROUPING_KEY_NOT_PRIMITIVE" });
  }
  assert.equal(hashOf(["any"], [undefined]), hashOf(["any"], [null]));
});

test("key groups of similar keys are spread like random ones", () => {
  const KEYS = 40_960;
  const shapes: [string, ColumnType, (i: number) => unknown][] = [
    ["numbers in a row", "int32", (i) => i],
    ["multiples of 4096", "int32", (i) => i * 4096],
    ["floats in a row", "float64", (i) => i],
    ["bigints in a row", "int64", (i) => BigInt(i) << 20n],
    ["words with a number", "string", (i) => `user-${i}`],
    ["two code units", "string", (i) => String.fromCharCode(i & 0xff, i >> 8)],
  ];
  for (const [name, type, keyAt] of shapes) {
    const counts = new Int32Array(4096);
    for (let i = 0; i < KEYS; i++) counts[keyGroupOf(hashOf([type], [keyAt(i)]))]! += 1;
    const chiSquare = counts.reduce((total, count) => total + (count - 10) ** 2 / 10, 0);
    // 4,095 degrees of freedom: mean 4,095, deviation 90.5. Five deviations either way.
    assert.ok(chiSquare > 3_640 && chiSquare < 4_550, `${name}: ${chiSquare}`);
  }
});
