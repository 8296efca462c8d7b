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

/** A copy of the buckets from the first to the last that is in use: most histograms use a small part. */
export function keepCounts(counts: Float64Array): KeptCounts {
  let first = 0;
  while (first < BUCKET_COUNT && counts[first] === 0) first++;
  let end = BUCKET_COUNT;
  while (end > first && counts[end - 1] === 0) end--;
  return { first, counts: counts.slice(first, end) };
}

/**
 * Adds what was recorded between two moments at which it was kept; `before` null stands for the beginning. Exact: so
 * are sums over several tasks or components.
 */
export function addSince(into: Float64Array, now: KeptCounts, before: KeptCounts | null): void {
  addTimes(into, now, 1);
  if (before !== null) addTimes(into, before, -1);
}

function addTimes(into: Float64Array, { first, counts }: KeptCounts, factor: 1 | -1): void {
  for (let at = 0; at < counts.length; at++) into[first + at] = into[first + at]! + factor * counts[at]!;
}

export interface SummaryScale {
  readonly unitsPerValue: number;
  /** The highest value since the start, in units: no value of any span is above. */
  readonly maxUnits: number;
}

/** Used anew by each call of `summarizeSince`, of which a snapshot makes thousands. */
const scratch = newCounts();

/** What was recorded between two moments, in words. Null when nothing was. */
export function summarizeSince(
  now: KeptCounts,
  before: KeptCounts | null,
  scale: SummaryScale,
): HistogramSummary | null {
  const { first } = now;
  const end = first + now.counts.length;
  scratch.fill(0, first, end);
  addSince(scratch, now, before); // Counts only grow: what was in use before lies within what is in use now.
  return summarize({ counts: scratch, first, end }, scale);
}

/** A part of the buckets, outside of which all are 0. */
interface CountRange {
  readonly counts: Float64Array;
  readonly first: number;
  readonly end: number;
}

/** Null for a histogram in which nothing was recorded. */
export function summarizeCounts(counts: Float64Array, scale: SummaryScale): HistogramSummary | null {
  return summarize({ counts, first: 0, end: BUCKET_COUNT }, scale);
}

function summarize(range: CountRange, scale: SummaryScale): HistogramSummary | null {
  const { counts, first, end } = range;
  let count = 0;
  let sum = 0;
  let last = 0;
  for (let bucket = first; bucket < end; bucket++) {
    const inBucket = counts[bucket]!;
    if (inBucket === 0) continue;
    count += inBucket;
    sum += inBucket * MIDDLES[bucket]!;
    last = bucket;
  }
  if (count === 0) return null;
  const max = Math.min(bucketStart(last + 1), scale.maxUnits);
  const value = (units: number) => Math.min(units, max) / scale.unitsPerValue;
  const [p50, p90, p99, p999] = percentiles(range, count);
  return {
    count,
    mean: value(sum / count),
    p50: value(p50!),
    p90: value(p90!),
    p99: value(p99!),
    p999: value(p999!),
    max: value(max),
  };
}

const MIDDLES = Float64Array.from({ length: BUCKET_COUNT }, (_, bucket) => bucketMiddle(bucket));
const RANKS = [0.5, 0.9, 0.99, 0.999];

/** The value that a share of all values does not exceed, for each of RANKS: in units. */
function percentiles({ counts, first }: CountRange, count: number): number[] {
  const found: number[] = [];
  let bucket = first - 1;
  let below = 0;
  for (const rank of RANKS) {
    const wanted = Math.max(1, Math.ceil(rank * count));
    while (below < wanted) below += counts[++bucket]!;
    found.push(MIDDLES[bucket]!);
  }
  return found;
}
