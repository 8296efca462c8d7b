import fc from "fast-check";
import { columnTypes } from "../../../src/tuple/column-kind.ts";
import type { ColumnType, FieldSpec } from "../../../src/tuple/field-spec.ts";
import { TupleBatch } from "../../../src/tuple/tuple-batch.ts";

/** Settings of a property: fast-check prints the seed of a failure; `SEED=n` takes it back. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  const seed = process.env.SEED;
  return seed === undefined ? { numRuns } : { numRuns, seed: Number(seed) };
}

const plane = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code));
const unit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

/** Strings of every kind: ASCII, Latin-1, all planes, lone surrogates, empty, long. */
export const anyString = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 30 }) },
  {
    weight: 2,
    arbitrary: fc.string({ unit: fc.integer({ min: 0x80, max: 0xff }).map((c) => String.fromCharCode(c)) }),
  },
  { weight: 2, arbitrary: fc.string({ unit: plane, maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit, maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom("", "\0", "\ud800", "\udc00x", "é", "x".repeat(5000), "漢".repeat(3000)) },
);

const anyNumber = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(-0, 0, Number.NaN, Infinity, -Infinity, 2 ** 31, -(2 ** 31) - 1, 2 ** 53),
);

const binary = fc.uint8Array({ maxLength: 40 });

/** Plain nested data of every kind that an `any` column carries. */
export const anyData: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  data: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyString,
    anyNumber,
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.bigInt(),
    fc.date({ noInvalidDate: true }),
    binary,
    binary.map((bytes) => Buffer.from(bytes)),
    fc.float64Array({ maxLength: 4 }),
    fc.array(tie("data"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(anyString, fc.constantFrom("__proto__", "constructor", "1")), tie("data"), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
    fc.array(fc.tuple(tie("data"), tie("data")), { maxLength: 3 }).map((entries) => new Map(entries)),
    fc.array(tie("data"), { maxLength: 3 }).map((values) => new Set(values)),
  ),
})).data;

const valueOfType: Record<ColumnType, fc.Arbitrary<unknown>> = {
  string: anyString,
  int32: fc.oneof(fc.integer(), fc.constantFrom(0, 2 ** 31 - 1, -(2 ** 31))),
  float64: anyNumber,
  int64: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n)),
  ),
  bool: fc.boolean(),
  bytes: binary,
  any: anyData,
};

export const anyColumns: fc.Arbitrary<readonly FieldSpec[]> = fc
  .array(fc.record({ type: fc.constantFrom(...columnTypes), nullable: fc.boolean() }), { maxLength: 6 })
  .map((columns) => columns.map((column, k) => ({ name: `field${k}`, ...column })));

export function anyRow(columns: readonly FieldSpec[]): fc.Arbitrary<unknown[]> {
  const values = columns.map((spec) => (spec.nullable ? fc.option(valueOfType[spec.type]) : valueOfType[spec.type]));
  return fc.tuple(...values) as fc.Arbitrary<unknown[]>;
}

/** A batch with its schema: random columns, rows (few or many), and roots in one of the three layouts. */
export const anyBatch: fc.Arbitrary<{ columns: readonly FieldSpec[]; batch: TupleBatch }> = anyColumns.chain(
  (columns) =>
    fc
      .record({
        rows: fc.oneof(fc.array(anyRow(columns), { maxLength: 3 }), fc.array(anyRow(columns), { maxLength: 40 })),
        roots: fc.constantFrom("none", "one", "lists"),
        seed: fc.nat(),
      })
      .map(({ rows, roots, seed }) => ({ columns, batch: batchOf(columns, rows, roots, seed) })),
);

export function batchOf(
  columns: readonly FieldSpec[],
  rows: readonly (readonly unknown[])[],
  roots = "none",
  seed = 0,
): TupleBatch {
  const batch = new TupleBatch(
    3 + (seed & 7),
    9,
    2,
    columns.map((_column, k) => rows.map((row) => row[k])),
  );
  batch.count = rows.length;
  if (roots === "one") batch.roots = rows.flatMap((_row, r) => [(seed + r) >>> 0, 2 ** 32 - 1 - r]);
  if (roots === "lists") {
    batch.rootOffsets = [0];
    batch.roots = [];
    for (let r = 0; r < rows.length; r++) {
      for (let i = 0; i < (seed + r * 7) % 4; i++) batch.roots.push(seed + i, r);
      batch.rootOffsets.push(batch.roots.length / 2);
    }
  }
  batch.rootPairs = (batch.roots?.length ?? 0) / 2;
  return batch;
}
