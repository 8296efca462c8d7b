import { BUCKET_COUNT, bucketMiddle, bucketStart } from "../memory/histogram-scale.ts";

/** What a histogram of a span says, in the unit of the values that were recorded. */
export interface HistogramSummary {
  readonly count: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** The buckets of a histogram that are in use, as they were at some moment. */
export interface KeptCounts {
  readonly first: number;
  readonly counts: Float64Array;
}

/** Empty totals: one number per bucket. */
export function newCounts(): Float64Array {
  return new Float64Array(BUCKET_COUNT);
}

/** Adds one histogram to another: of several tasks, say. Exact. */
export function addCounts(into: Float64Array, from: Float64Array): void {
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) into[bucket] = into[bucket]! + from[bucket]!;
}

/** A copy of the buckets from the first to the last that is in use: most histograms use a small part. */
export function keepCounts(counts: Float64Array): KeptCounts {
  let first = 0;
  while (first < BUCKET_COUNT && counts[first] === 0) first++;
  let end = BUCKET_COUNT;
  while (end > first && counts[end - 1] === 0) end--;
  return { first, counts: counts.slice(first, end) };
}

/** What was recorded since `before` was kept. */
export function countsSince(counts: Float64Array, before: KeptCounts | null): Float64Array {
  const since = counts.slice();
  if (before === null) return since;
  for (let at = 0; at < before.counts.length; at++) {
    since[before.first + at] = since[before.first + at]! - before.counts[at]!;
  }
  return since;
}

export interface SummaryScale {
  readonly unitsPerValue: number;
  /** The highest value since the start, in units: no value of any span is above. */
  readonly maxUnits: number;
}

/** Null for a histogram in which nothing was recorded. */
export function summarize(counts: Float64Array, scale: SummaryScale): HistogramSummary | null {
  let count = 0;
  let sum = 0;
  let last = 0;
  for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) {
    const inBucket = counts[bucket]!;
    if (inBucket === 0) continue;
    count += inBucket;
    sum += inBucket * bucketMiddle(bucket);
    last = bucket;
  }
  if (count === 0) return null;
  const max = Math.min(bucketStart(last + 1), scale.maxUnits);
  const value = (units: number) => Math.min(units, max) / scale.unitsPerValue;
  const [p50, p90, p99, p999] = percentiles(counts, count).map(value);
  return { count, mean: value(sum / count), p50: p50!, p90: p90!, p99: p99!, p999: p999!, max: value(max) };
}

const RANKS = [0.5, 0.9, 0.99, 0.999];

/** The value that a share of all values does not exceed, for each of RANKS: in units. */
function percentiles(counts: Float64Array, count: number): number[] {
  const found: number[] = [];
  let bucket = -1;
  let below = 0;
  for (const rank of RANKS) {
    const wanted = Math.max(1, Math.ceil(rank * count));
    while (below < wanted) below += counts[++bucket]!;
    found.push(bucketMiddle(bucket));
  }
  return found;
}
