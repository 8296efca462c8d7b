import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { anyFingerprint, cloneAny, FINGERPRINT_NONE } from "../../../src/tuple/any-value.ts";
import { AnyDecoder } from "../../../src/tuple/codec/any-decoder.ts";
import { AnyEncoder } from "../../../src/tuple/codec/any-encoder.ts";
import { anyFlaw } from "../../../src/tuple/codec/any-flaw.ts";
import { copyBatch } from "../../../src/tuple/copy-batch.ts";
import { fields } from "../../../src/tuple/fields.ts";
import { anyData, batchOf, runs } from "./random-rows.ts";

function roundTrip(value: unknown): unknown {
  const encoder = new AnyEncoder();
  encoder.append(value);
  const bytes = Buffer.from(encoder.view());
  const decoder = new AnyDecoder();
  decoder.setMemory(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  return decoder.decode(0, bytes.length);
}

test("any plain data comes back equal, and shares nothing with the original", () => {
  fc.assert(
    fc.property(anyData, (value) => {
      assert.equal(anyFlaw(value), null);
      assert.deepEqual(roundTrip(value), value);
      assert.deepEqual(cloneAny(value), value);
    }),
    runs(1500),
  );
});

test("what a value keeps: the kinds of the table in VALUES.md", () => {
  const kept = {
    minusZero: -0,
    nan: Number.NaN,
    infinite: [Infinity, -Infinity],
    integers: [0, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, Number.MAX_SAFE_INTEGER],
    bigints: [0n, -1n, 2n ** 200n, -(2n ** 64n)],
    texts: ["", "é", "漢", "\ud800", "a\udc00b", "😀".repeat(100), "x".repeat(100_000)],
    absent: undefined,
    nothing: null,
    when: new Date(1234.0),
    lookup: new Map<unknown, unknown>([[{ key: 1 }, new Set([1, "1"])]]),
    binary: [
      Buffer.from("x"),
      new Uint8Array([1]),
      new Float32Array([0.5]),
      new BigInt64Array([-1n]),
      new ArrayBuffer(3),
    ],
    view: new DataView(new ArrayBuffer(2)),
  };
  const copy = roundTrip(kept) as typeof kept;
  assert.deepEqual(copy, kept);
  assert.ok("absent" in copy);
  assert.ok(Buffer.isBuffer(copy.binary[0]));
  assert.ok(Number.isNaN((roundTrip(new Date(Number.NaN)) as Date).getTime()));
  assert.deepEqual(Object.keys(roundTrip({ b: 1, a: 2, 1: 3 }) as object), ["1", "b", "a"]);
  const aligned = new Float64Array(new ArrayBuffer(32), 8, 2).fill(7);
  assert.deepEqual(roundTrip(aligned), new Float64Array([7, 7]));
});

test("what becomes something else: holes, prototypes, shared parts, hidden properties", () => {
  // biome-ignore lint/suspicious/noSparseArray: the hole is the point.
  assert.deepEqual(roundTrip([1, , 3]), [1, undefined, 3]);
  assert.deepEqual(roundTrip(Object.assign(Object.create(null), { a: 1 })), { a: 1 });
  assert.deepEqual(roundTrip(runInNewContext("({ a: 1 })")), { a: 1 });
  const part = { n: 1 };
  const [first, second] = roundTrip([part, part]) as [object, object];
  assert.notEqual(first, second);
  const hidden = Object.defineProperty({ [Symbol("s")]: 1 }, "secret", { value: 1, enumerable: false });
  assert.deepEqual(roundTrip(hidden), {});
  const own = JSON.parse('{"__proto__": {"polluted": true}}');
  const copy = roundTrip(own) as object;
  assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  assert.deepEqual(Object.keys(copy), ["__proto__"]);
});

test("what is refused, and where it was found", () => {
  class Point {}
  class Words extends Array {}
  const cycle: { next?: unknown } = {};
  cycle.next = [cycle];
  let deep: unknown = 1;
  for (let i = 0; i < 600; i++) deep = { deep };
  assert.equal(
    anyFlaw(() => 1),
    "a function",
  );
  assert.equal(anyFlaw(Symbol("s")), "a symbol");
  assert.equal(anyFlaw({ a: [0, { b: () => 1 }] }), "a function at .a[1].b");
  assert.equal(anyFlaw(new Map([[1, new Point()]])), "an instance of Point at .(map entry)");
  assert.equal(anyFlaw(new Words()), "an instance of Words");
  assert.match(anyFlaw(cycle)!, /^a value that contains itself at /);
  assert.match(anyFlaw(deep)!, /nested deeper than 500/);
  assert.equal(anyFlaw(new Error("x")), "an instance of Error");
  assert.equal(anyFlaw(Promise.resolve()), "an instance of Promise");
  assert.equal(anyFlaw(new Array(20_000_000)), "more than 10000000 values in one");
  assert.throws(() => cloneAny({ f() {} }), { code: "TUPLE_VALUE_INVALID" });
});

test("a value that is nothing but shared parts is refused, not expanded without end", () => {
  let value: unknown = [];
  for (let i = 0; i < 60; i++) value = [value, value];
  assert.match(anyFlaw(value)!, /more than 10000000 values/);
});

test("a fingerprint tells a changed value from an unchanged one", () => {
  const value = { list: [1, 2], name: "a", when: new Date(5) };
  const before = anyFingerprint(value);
  assert.equal(anyFingerprint(structuredClone(value)), before);
  const changes: (() => void)[] = [
    () => value.list.push(3),
    () => (value.name = "b"),
    () => value.when.setTime(6),
    () => Object.assign(value, { extra: undefined }),
  ];
  let last = before;
  for (const change of changes) {
    change();
    assert.notEqual(anyFingerprint(value), last);
    last = anyFingerprint(value);
  }
  assert.equal(anyFingerprint({ f() {} }), FINGERPRINT_NONE);
  assert.notEqual(anyFingerprint([-0]), anyFingerprint([0]));
});

test("copyBatch gives what a consumer on another thread would get", () => {
  const { columns } = fields("word:string", "data:bytes?", "extra");
  const extra = { a: [1] };
  const bytes = Buffer.from([1, 2]);
  const batch = batchOf(
    columns,
    [
      ["a", bytes, extra],
      ["b", null, undefined],
    ],
    "one",
  );
  batch.columns[0]!.push("spare room");
  const copy = copyBatch(batch, columns, [2, 1]);
  extra.a.push(2);
  bytes[0] = 9;
  assert.deepEqual(copy.columns, [
    [{ a: [1] }, undefined],
    [new Uint8Array([1, 2]), null],
  ]);
  assert.deepEqual([copy.count, copy.roots], [2, batch.roots]);
});
