import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { frameMemoryOver } from "../../../src/base/frame-memory.ts";
import { InvariantError } from "../../../src/base/invariant.ts";
import { Prng } from "../../../src/base/prng.ts";
import { BatchReader } from "../../../src/tuple/codec/batch-reader.ts";
import { BatchWriter } from "../../../src/tuple/codec/batch-writer.ts";
import type { FieldSpec } from "../../../src/tuple/field-spec.ts";
import { fields } from "../../../src/tuple/fields.ts";
import type { TupleBatch } from "../../../src/tuple/tuple-batch.ts";
import { anyBatch, batchOf, runs } from "./random-rows.ts";
import { decodeWithStockReader } from "./stock-reader.ts";

const allOf = (columns: readonly FieldSpec[]): number[] => columns.map((_column, k) => k);

/** Writes rows into memory filled with garbage, at an offset, so that nothing can lean on zeros or on offset 0. */
function writeFrame(columns: readonly FieldSpec[], batch: TupleBatch, from = 0, to = batch.count, offset = 24) {
  const writer = new BatchWriter(columns);
  const bound = writer.prepare(batch, from, to);
  const memory = frameMemoryOver(new SharedArrayBuffer(offset + bound + 16));
  memory.bytes.fill(0xa5);
  const bytes = writer.write(memory, offset);
  assert.equal(bound % 8, 0);
  assert.equal(bytes % 8, 0);
  assert.ok(bytes <= bound, `wrote ${bytes} bytes after promising ${bound}`);
  for (let i = offset + bytes; i < memory.bytes.length; i++)
    assert.equal(memory.bytes[i], 0xa5, "wrote behind the frame");
  for (let i = 0; i < offset; i++) assert.equal(memory.bytes[i], 0xa5, "wrote before the frame");
  return { memory, offset, bytes, bound };
}

function rowsOf(batch: TupleBatch, from = 0, to = batch.count): unknown[][] {
  return Array.from({ length: to - from }, (_, i) => batch.columns.map((column) => column[from + i]));
}

function rootsOf(batch: TupleBatch, row: number): number[] {
  if (batch.roots === null) return [];
  const [from, to] = batch.rootOffsets === null ? [row, row + 1] : batch.rootOffsets.slice(row, row + 2);
  return batch.roots.slice(from! * 2, to! * 2);
}

test("any batch of any schema comes back as it was written", () => {
  fc.assert(
    fc.property(anyBatch, ({ columns, batch }) => {
      const { memory, offset, bytes } = writeFrame(columns, batch);
      const read = new BatchReader(columns, allOf(columns)).read(memory, offset, bytes);
      memory.bytes.fill(0); // Nothing that was read may refer to the frame.
      assert.deepEqual(rowsOf(read), rowsOf(batch));
      assert.deepEqual(
        [read.edgeIndex, read.sourceTask, read.epoch, read.count],
        [batch.edgeIndex, batch.sourceTask, batch.epoch, batch.count],
      );
      assert.deepEqual([read.roots, read.rootOffsets], [batch.roots, batch.rootOffsets]);
    }),
    runs(400),
  );
});

test("any part of a batch can be written, and any choice of columns read", () => {
  const parts = fc.record({
    made: anyBatch,
    cut: fc.tuple(fc.nat(), fc.nat()),
    picks: fc.array(fc.nat(), { maxLength: 4 }),
  });
  fc.assert(
    fc.property(parts, ({ made: { columns, batch }, cut, picks }) => {
      const [from, to] = cut.map((n) => n % (batch.count + 1)).sort((a, b) => a - b) as [number, number];
      const wanted = columns.length === 0 ? [] : picks.map((pick) => pick % columns.length);
      const { memory, offset, bytes } = writeFrame(columns, batch, from, to);
      const read = new BatchReader(columns, wanted, wanted).read(memory, offset, bytes);
      assert.equal(read.count, to - from);
      const expected = rowsOf(batch, from, to).map((row) => wanted.map((k) => row[k]));
      assert.deepEqual(rowsOf(read), expected);
      for (let r = 0; r < read.count; r++) assert.deepEqual(rootsOf(read, r), rootsOf(batch, from + r));
    }),
    runs(300),
  );
});

test("the stock generated reader decodes every frame that the writer makes", () => {
  fc.assert(
    fc.property(anyBatch, ({ columns, batch }) => {
      const { memory, offset, bytes } = writeFrame(columns, batch);
      assert.deepEqual(decodeWithStockReader(memory.bytes.subarray(offset, offset + bytes), columns), {
        stream: batch.edgeIndex,
        sourceTask: batch.sourceTask,
        epoch: batch.epoch,
        rows: rowsOf(batch),
        roots: rowsOf(batch).map((_row, r) => rootsOf(batch, r)),
      });
    }),
    runs(300),
  );
});

test("a writer and a reader serve many frames, of different size and width, one after another", () => {
  const { columns } = fields("word:string?", "extra");
  const writer = new BatchWriter(columns);
  const reader = new BatchReader(columns, [1, 0]);
  const memory = frameMemoryOver(new SharedArrayBuffer(1 << 20));
  const words = ["alpha", "", "beta", null, "žluť", "gamma".repeat(10), "\ud800", "漢字"];
  for (let round = 0; round < 200; round++) {
    const rows = Array.from({ length: (round * 7) % 50 }, (_, i) => [
      words[(round >> 3) + i * (round & 1)] ?? "plain",
      { round, i },
    ]);
    const batch = batchOf(columns, rows);
    const bound = writer.prepare(batch, 0, batch.count);
    const offset = (round * 8) % 64;
    const bytes = writer.write(memory, offset);
    assert.ok(bytes <= bound);
    const read = reader.read(memory, offset, bytes);
    assert.deepEqual(
      rowsOf(read),
      rows.map(([word, extra]) => [extra, word]),
    );
  }
});

test("strings of a key column are right however often they repeat, and whatever falls on the same entry", () => {
  const { columns } = fields("word:string");
  const writer = new BatchWriter(columns);
  const reader = new BatchReader(columns, [0], [0]);
  const memory = frameMemoryOver(new SharedArrayBuffer(1 << 16));
  const random = new Prng(Number(process.env.SEED ?? 11));
  // Phases: few words, all different, few again; so that it is switched off and on along the way.
  const limits = [300, 300, 2 ** 31, 2 ** 31, 2 ** 31, 300, 300, 20_000];
  for (let round = 0; round < 1600; round++) {
    const limit = limits[Math.floor(round / 200)]!;
    const rows = Array.from({ length: 100 }, () => {
      const n = random.below(limit);
      return [n.toString(2 + (n % 35)).slice(0, 14) + "\u00ff\0".slice(0, n % 3)];
    });
    // Alternating sizes: large batches are ASCII or UTF-16, small ones Latin-1.
    for (const batch of [batchOf(columns, rows), batchOf(columns, rows.slice(0, 3))]) {
      writer.prepare(batch, 0, batch.count);
      const bytes = writer.write(memory, 8);
      assert.deepEqual(reader.read(memory, 8, bytes).columns[0], batch.columns[0]);
    }
  }
});

test("prepare may be repeated before write, as when a ring has no room", () => {
  const { columns } = fields("word:string", "extra");
  const batch = batchOf(
    columns,
    Array.from({ length: 20 }, (_, i) => [`word ${i}`, [i]]),
  );
  const writer = new BatchWriter(columns);
  const bounds = [writer.prepare(batch, 0, 20), writer.prepare(batch, 0, 20)];
  assert.equal(bounds[0], bounds[1]);
  const memory = frameMemoryOver(new SharedArrayBuffer(bounds[0]!));
  const bytes = writer.write(memory, 0);
  assert.deepEqual(rowsOf(new BatchReader(columns, [0, 1]).read(memory, 0, bytes)), rowsOf(batch));
});

test("a string of a million characters asks for no more room than its kind needs", () => {
  const { columns } = fields("text:string");
  for (const [text, charBytes] of [
    ["x".repeat(1e6), 1],
    ["漢".repeat(1e6), 2],
  ] as const) {
    const batch = batchOf(columns, [[text]]);
    const { memory, offset, bytes, bound } = writeFrame(columns, batch);
    assert.ok(bound < 1e6 * charBytes + 500, `bound ${bound}`);
    assert.equal(new BatchReader(columns, [0]).read(memory, offset, bytes).columns[0]![0], text);
  }
});

test("a frame with any word changed is read to some batch or refused, and never reads out of bounds", () => {
  const damage = fc.record({
    made: anyBatch,
    place: fc.nat(),
    word: fc.oneof(fc.integer(), fc.integer({ min: -64, max: 64 })),
  });
  fc.assert(
    fc.property(damage, ({ made: { columns, batch }, place, word }) => {
      const { memory, offset, bytes } = writeFrame(columns, batch);
      memory.int32[(offset >> 2) + (place % (bytes >> 2))] = word;
      try {
        const read = new BatchReader(columns, allOf(columns)).read(memory, offset, bytes);
        for (const column of read.columns) assert.equal(column.length, read.count);
      } catch (error) {
        const isExpected = error instanceof InvariantError || error instanceof RangeError;
        assert.ok(isExpected, String(error));
      }
    }),
    runs(600),
  );
});

test("damage that matters is found: identifier, count, references, lengths, schema, a frame cut short", () => {
  const { columns } = fields("word:string", "count:int32");
  const batch = batchOf(
    columns,
    Array.from({ length: 12 }, (_, i) => [`word ${i}`, i]),
  );
  const reader = new BatchReader(columns, [0, 1]);
  const { memory, offset, bytes } = writeFrame(columns, batch);
  const first = offset >> 2;
  for (const [place, word] of [
    [0, 4],
    [1, 0],
    [11, 13],
    [11, -1],
    [11, 1 << 30],
  ] as const) {
    const before = memory.int32[first + place]!;
    memory.int32[first + place] = word;
    assert.throws(() => reader.read(memory, offset, bytes), InvariantError);
    memory.int32[first + place] = before;
  }
  assert.throws(() => reader.read(memory, offset, 48), InvariantError);
  assert.throws(() => reader.read(memory, offset, bytes - 16), InvariantError);
  assert.throws(() => reader.read(memory, offset, memory.bytes.length), InvariantError);
  const other = new BatchReader(fields("word:int32", "count:string").columns, [0, 1]);
  assert.throws(() => other.read(memory, offset, bytes), InvariantError);
  assert.deepEqual(rowsOf(reader.read(memory, offset, bytes)), rowsOf(batch));
});
