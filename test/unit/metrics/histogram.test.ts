import assert from "node:assert/strict";
import { test } from "node:test";
import { Prng } from "../../../src/base/prng.ts";
import {
  BUCKET_COUNT,
  bucketMiddle,
  bucketOf,
  bucketStart,
  RELATIVE_ERROR_MAX,
} from "../../../src/memory/histogram-scale.ts";
import { allocateMetricWords, copyMetricWords } from "../../../src/memory/hot-counters.ts";
import { HISTOGRAM_WORDS, HistogramReader, HistogramWriter } from "../../../src/memory/shared-histogram.ts";
import { addSince, keepCounts, newCounts, summarizeSince } from "../../../src/metrics/bucket-counts.ts";
import { seedOf } from "./seed.ts";

const SCALE = { unitsPerValue: 1, maxUnits: Number.POSITIVE_INFINITY };

test("buckets follow each other without gap or overlap, and each value is in its own", () => {
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
    const start = bucketStart(bucket);
    const end = bucketStart(bucket + 1);
    assert.ok(end > start);
    assert.equal(bucketOf(start), bucket);
    assert.equal(bucketOf(end - 1), bucket);
    if (bucket + 1 < BUCKET_COUNT) assert.equal(bucketOf(end), bucket + 1);
    assert.ok(start === 0 || start < 16 || (end - start) / start <= 1 / 16);
  }
  assert.equal(bucketStart(BUCKET_COUNT), 2 ** 36);
});

test("values below the range fall into the first bucket, those above into the last", () => {
  for (const value of [-1, 0, 0.5, Number.NaN, Number.NEGATIVE_INFINITY]) assert.equal(bucketOf(value), 0);
  for (const value of [2 ** 36, 2 ** 40, 1e300, Number.POSITIVE_INFINITY]) {
    assert.equal(bucketOf(value), BUCKET_COUNT - 1);
  }
});

test("the middle of a bucket is off by no more than is said", (t) => {
  const random = new Prng(seedOf(t));
  for (let i = 0; i < 100_000; i++) {
    const value = 16 * 2 ** (random.nextFloat() * 32);
    assert.ok(Math.abs(bucketMiddle(bucketOf(value)) - value) <= value * RELATIVE_ERROR_MAX, `value ${value}`);
  }
});

test("percentiles are those of the sorted values, within the error of a bucket", (t) => {
  const random = new Prng(seedOf(t));
  for (let round = 0; round < 40; round++) {
    const words = allocateMetricWords(HISTOGRAM_WORDS + 3);
    const writer = new HistogramWriter(words, 3, 10);
    const reader = new HistogramReader(words, 3);
    const counts = newCounts();
    const values: number[] = [];
    const spread = random.nextFloat() * 20;
    for (let i = random.below(3_000) + 1; i > 0; i--) {
      const value = 2 * 2 ** (random.nextFloat() * spread);
      values.push(value);
      writer.record(value);
      if (random.below(100) === 0) reader.takeInto(counts);
    }
    reader.takeInto(counts);
    const found = summarizeSince(keepCounts(counts), null, { unitsPerValue: 10, maxUnits: reader.maxUnits })!;
    values.sort((a, b) => a - b);
    const at = (rank: number) => values[Math.ceil(rank * values.length) - 1]!;
    assert.equal(found.count, values.length);
    near(found.p50, at(0.5));
    near(found.p90, at(0.9));
    near(found.p99, at(0.99));
    near(found.p999, at(0.999));
    near(found.mean, values.reduce((sum, value) => sum + value, 0) / values.length);
    assert.ok(Math.abs(found.max - values.at(-1)!) <= values.at(-1)! * 1e-6, "the maximum is kept as it is");
  }
});

function near(found: number, exact: number): void {
  assert.ok(Math.abs(found - exact) <= exact * RELATIVE_ERROR_MAX + 0.05, `${found} for ${exact}`);
}

test("a weight counts as so many values", () => {
  const words = allocateMetricWords(HISTOGRAM_WORDS);
  const writer = new HistogramWriter(words, 0, 1);
  writer.record(100, 99);
  writer.record(5000);
  const counts = newCounts();
  new HistogramReader(words, 0).takeInto(counts);
  const found = summarizeSince(keepCounts(counts), null, SCALE)!;
  assert.equal(found.count, 100);
  near(found.p99, 100);
  near(found.p999, 5000);
});

test("an empty histogram has no summary, and is not read twice", () => {
  const words = allocateMetricWords(HISTOGRAM_WORDS);
  const reader = new HistogramReader(words, 0);
  const counts = newCounts();
  assert.equal(reader.takeInto(counts), false);
  assert.equal(summarizeSince(keepCounts(counts), null, SCALE), null);
});

test("what the reader takes in parts is what was recorded, beyond 2^32 in one bucket too", () => {
  const words = allocateMetricWords(HISTOGRAM_WORDS);
  const writer = new HistogramWriter(words, 0, 1);
  const reader = new HistogramReader(words, 0);
  const counts = newCounts();
  for (let i = 0; i < 5; i++) {
    writer.record(3, 2 ** 31 - 1);
    reader.takeInto(counts);
  }
  assert.equal(counts[3], 5 * (2 ** 31 - 1));
});

test("a record whose bucket is seen late is taken at the next look", () => {
  const words = allocateMetricWords(HISTOGRAM_WORDS);
  const reader = new HistogramReader(words, 0);
  const counts = newCounts();
  words[0] = 1; // RECORDS is seen, its bucket is not yet.
  reader.takeInto(counts);
  words[2 + 7] = 1;
  reader.takeInto(counts);
  assert.equal(counts[7], 1);
});

test("writer and reader go on in other memory with what was there", () => {
  const old = allocateMetricWords(HISTOGRAM_WORDS);
  const writer = new HistogramWriter(old, 0, 1);
  const reader = new HistogramReader(old, 0);
  const counts = newCounts();
  writer.record(9);
  reader.takeInto(counts);
  writer.record(9);
  const next = allocateMetricWords(HISTOGRAM_WORDS);
  copyMetricWords(old, next);
  writer.moveTo(next);
  reader.moveTo(next);
  reader.takeInto(counts);
  writer.record(9);
  reader.takeInto(counts);
  assert.equal(counts[9], 3);
  assert.equal(reader.maxUnits, 9);
  assert.equal(new HistogramWriter(next, 0, 1).record(4), undefined);
  reader.takeInto(counts);
  assert.equal(reader.maxUnits, 9, "a writer that is made again keeps the maximum");
});

test("what is kept and taken away leaves what came since; merging adds", () => {
  const counts = newCounts();
  counts[20] = 4;
  counts[90] = 1;
  const before = keepCounts(counts);
  assert.deepEqual([before.first, before.counts.length], [20, 71]);
  counts[20] = 5;
  counts[3] = 2;
  const now = keepCounts(counts);
  const since = newCounts();
  addSince(since, now, before);
  assert.deepEqual([since[3], since[20], since[90]], [2, 1, 0]);
  addSince(since, now, null);
  assert.deepEqual([since[3], since[20], since[90]], [4, 6, 1]);
  assert.deepEqual([...keepCounts(newCounts()).counts], []);
  assert.equal(summarizeSince(now, before, SCALE)!.count, 3);
  assert.equal(summarizeSince(now, keepCounts(newCounts()), SCALE)!.count, 8);
  assert.equal(summarizeSince(now, now, SCALE), null);
  assert.equal(summarizeSince(before, null, SCALE)!.count, 5);
});
