import assert from "node:assert/strict";
import { test } from "node:test";
import { checkId, ID_LENGTH_MAX } from "../../../src/base/ids.ts";
import { nearestName } from "../../../src/base/nearest-name.ts";

test("the nearest name is the one with the fewest slips of the pen", () => {
  const declared = ["lines", "split", "count", "counts"];
  assert.equal(nearestName("splt", declared), "split");
  assert.equal(nearestName("slpit", declared), "split");
  assert.equal(nearestName("Count", declared), "count");
  assert.equal(nearestName("conuts", declared), "counts");
  assert.equal(nearestName("count", []), null);
});

test("a name that is like no other has no nearest one", () => {
  assert.equal(nearestName("words", ["lines", "split"]), null);
  assert.equal(nearestName("", ["a"]), null);
  assert.equal(nearestName("ab", ["cd"]), null);
  assert.equal(nearestName("x".repeat(100_000), ["x".repeat(99_999)]), null);
});

test("ids are safe in file names, metric names and urls", () => {
  for (const id of ["a", "word-count", "a.b_c-1", "_x", "9", "x".repeat(ID_LENGTH_MAX)])
    assert.equal(checkId("bolt", id), null, id);
  for (const id of [
    "",
    "-a",
    ".a",
    "a b",
    "a/b",
    "é",
    "a..b",
    "__a",
    "a\n",
    "x".repeat(ID_LENGTH_MAX + 1),
    7,
    null,
    undefined,
  ]) {
    assert.match(checkId("bolt", id) ?? "legal", /^the bolt id /, String(id));
  }
});
