import { EngineError } from "../base/engine-error.ts";
import type { ColumnType } from "../tuple/field-spec.ts";

/*
 * The hash behind fields and partial-key groupings: the published 32-bit mixing function known as murmur3 (x86, 32
 * bit), with the hash of one key column as the seed of the next and 0 as the seed of the first. What bytes stand
 * for a value is in `docs/GROUPINGS.md`, with vectors. Frozen: where keyed state lives depends on it.
 */
const FIRST_FACTOR = 0xcc9e2d51 | 0;
const SECOND_FACTOR = 0x1b873593;
const BLOCK_ADDEND = 0xe6546b64 | 0;
const FIRST_FINISH_FACTOR = 0x85ebca6b | 0;
const SECOND_FINISH_FACTOR = 0xc2b2ae35 | 0;

/**
 * The hash of a tuple's key, 0 .. 2^32 - 1, all bits well mixed.
 *
 * @param keyColumns indices into `values`
 * @param columnTypes type of each column of the stream, by index into `values`
 * @throws EngineError GROUPING_KEY_NOT_PRIMITIVE
 */
export function hashKey(
  values: readonly unknown[],
  keyColumns: readonly number[],
  columnTypes: readonly ColumnType[],
): number {
  let hash = 0;
  for (let i = 0; i < keyColumns.length; i++) {
    const column = keyColumns[i]!;
    hash = hashValue(values[column], columnTypes[column]!, hash);
  }
  return hash >>> 0;
}

/** What null and undefined count as: an int32 0. */
export function hashNull(seed: number): number {
  return hashInt32(0, seed);
}

function hashValue(value: unknown, type: ColumnType, seed: number): number {
  if (value === null || value === undefined) return hashNull(seed);
  switch (type) {
    case "string":
      return hashString(value as string, seed);
    case "int32":
      return hashInt32(value as number, seed);
    case "float64":
      return hashFloat64(value as number, seed);
    case "int64":
      return hashInt64(value as bigint, seed);
    case "bool":
      return hashInt32(value === true ? 1 : 0, seed);
    case "bytes":
      return hashBytes(value as Uint8Array, seed);
    case "any":
      return hashPrimitive(value, seed);
  }
}

function hashPrimitive(value: unknown, seed: number): number {
  switch (typeof value) {
    case "string":
      return hashString(value, seed);
    case "number":
      return hashFloat64(value, seed);
    case "bigint":
      return hashInt64(value, seed);
    case "boolean":
      return hashInt32(value ? 1 : 0, seed);
    default:
      throw new EngineError("GROUPING_KEY_NOT_PRIMITIVE", {
        problem: `a key field of type any holds ${typeof value === "object" ? "an object" : `a ${typeof value}`}`,
        facts: { allowed: ["string", "number", "bigint", "boolean", "null"] },
        remedy: "group by a field that holds a primitive value, or emit the object's own key as a field",
      });
  }
}

/** Over the UTF-16 code units as they are, two to a block: no encoding is made, and lone surrogates keep apart. */
export function hashString(text: string, seed: number): number {
  const { length } = text;
  const paired = length & ~1;
  let hash = seed;
  for (let i = 0; i < paired; i += 2) {
    hash = mixBlock(hash, text.charCodeAt(i) | (text.charCodeAt(i + 1) << 16));
  }
  if (paired < length) hash ^= scramble(text.charCodeAt(paired));
  return finish(hash ^ (length << 1));
}

function hashInt32(value: number, seed: number): number {
  return finish(mixBlock(seed, value | 0) ^ 4);
}

const scratchBytes = new ArrayBuffer(8);
const scratchWords = new Int32Array(scratchBytes);
const scratchFloat = new Float64Array(scratchBytes);
const scratchBigint = new BigInt64Array(scratchBytes);

/** Where the low word of a number lies in memory: the hash is the same on machines of either byte order. */
const LOW_WORD = new Uint8Array(Int32Array.of(1).buffer)[0] === 1 ? 0 : 1;

function hashFloat64(value: number, seed: number): number {
  scratchFloat[0] = value + 0; // Adding 0 turns -0 into 0.
  if (Number.isNaN(value)) {
    // NaN has many bit patterns and is one key.
    scratchWords[LOW_WORD] = 0;
    scratchWords[1 - LOW_WORD] = 0x7ff80000;
  }
  return hashScratch(seed);
}

/**
 * Modulo 2^64, which matters only for keys of type any. A value of another type is refused by the column, not here.
 */
function hashInt64(value: bigint, seed: number): number {
  scratchBigint[0] = typeof value === "bigint" ? value : 0n;
  return hashScratch(seed);
}

function hashScratch(seed: number): number {
  const low = mixBlock(seed, scratchWords[LOW_WORD]!);
  return finish(mixBlock(low, scratchWords[1 - LOW_WORD]!) ^ 8);
}

function hashBytes(bytes: Uint8Array, seed: number): number {
  const { length } = bytes;
  const blocked = length & ~3;
  let hash = seed;
  for (let i = 0; i < blocked; i += 4) {
    hash = mixBlock(hash, bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24));
  }
  let tail = 0;
  for (let i = length - 1; i >= blocked; i--) tail = (tail << 8) | bytes[i]!;
  if (blocked < length) hash ^= scramble(tail);
  return finish(hash ^ length);
}

function mixBlock(hash: number, block: number): number {
  const mixed = hash ^ scramble(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + BLOCK_ADDEND) | 0;
}

function scramble(block: number): number {
  const product = Math.imul(block, FIRST_FACTOR);
  return Math.imul((product << 15) | (product >>> 17), SECOND_FACTOR);
}

/** Lets every bit of the input change each bit of the result with a chance of one half. */
export function finish(hash: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), FIRST_FINISH_FACTOR);
  mixed = Math.imul(mixed ^ (mixed >>> 13), SECOND_FINISH_FACTOR);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
