/**
 * Log-linear buckets: which one a value falls into, and what a bucket stands for. Up to 16 units each has a bucket of
 * its own, then 16 buckets divide each doubling, up to 2^36 units; what is above falls into the last.
 *
 *     bucket   0 .. 15    16 .. 31     32 .. 47     ...   512 .. 527
 *     units    0 .. 15    16 .. 31     32 .. 63     ...   2^35 .. 2^36
 */
const SUB_BITS = 4;
const SUB_BUCKETS = 1 << SUB_BITS;
const TOP_EXPONENT = 35;
/** How many buckets there are. */
export const BUCKET_COUNT = (TOP_EXPONENT - SUB_BITS + 2) * SUB_BUCKETS;
/** The middle of a bucket is off by at most this share of any value in it, from 16 units to 2^36. */
export const RELATIVE_ERROR_MAX = 1 / (2 * SUB_BUCKETS);

/** The bucket of a value of `units`; below 0, and what is no number, falls into the first. */
export function bucketOf(units: number): number {
  if (!(units >= SUB_BUCKETS)) return units > 0 ? Math.floor(units) : 0;
  const exponent = units < 0x8000_0000 ? 31 - Math.clz32(units) : 16 + 31 - Math.clz32(units / 0x1_0000);
  if (exponent > TOP_EXPONENT || units >= 2 ** (TOP_EXPONENT + 1)) return BUCKET_COUNT - 1;
  const sub = Math.floor(units / 2 ** (exponent - SUB_BITS)) - SUB_BUCKETS;
  return (exponent - SUB_BITS + 1) * SUB_BUCKETS + sub;
}

/** The least value of a bucket, in units; of `BUCKET_COUNT`, the end of the last. */
export function bucketStart(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const doubling = Math.floor(bucket / SUB_BUCKETS) - 1;
  return (SUB_BUCKETS + (bucket % SUB_BUCKETS)) * 2 ** doubling;
}

/** What values of a bucket are taken for, in units. */
export function bucketMiddle(bucket: number): number {
  return (bucketStart(bucket) + bucketStart(bucket + 1)) / 2;
}
