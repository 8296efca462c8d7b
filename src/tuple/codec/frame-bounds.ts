import { invariant } from "../../base/invariant.ts";

/**
 * Follows the reference at `fromWord` to a vector that must have exactly `length` elements of `elementBytes` bytes
 * and lie within the frame, which ends at `end`. Returns the byte offset of its first element, a multiple of 8.
 */
export function locateVector(
  words: Int32Array,
  fromWord: number,
  length: number,
  elementBytes: number,
  end: number,
): number {
  const at = (fromWord << 2) + words[fromWord]! + 4;
  invariant(at > fromWord << 2 && (at & 7) === 0 && at <= end, "batch frame with a reference out of bounds");
  invariant(
    words[(at >> 2) - 1] === length && length >= 0 && length * elementBytes <= end - at,
    "batch frame with a vector out of bounds",
  );
  return at;
}
