/**
 * The tags of the `any` encoding: each value is a tag byte and what the tag says. Numbers named "count" are base-128
 * varints, low bits first. Text is one byte a character (Latin-1) or UTF-16; so lone surrogates survive.
 */
export const TAG_UNDEFINED = 0;
export const TAG_NULL = 1;
export const TAG_FALSE = 2;
export const TAG_TRUE = 3;
/** An integer of 32 bits as a zigzag varint. */
export const TAG_INTEGER = 4;
/** 8 bytes, little-endian: every other number, also NaN, -0 and the infinities. */
export const TAG_DOUBLE = 5;
/** Count of hexadecimal digits, the digits. */
export const TAG_BIGINT = 6;
export const TAG_NEGATIVE_BIGINT = 7;
/** Count of characters, the characters. */
export const TAG_LATIN1 = 8;
/** Count of code units, the units. */
export const TAG_UTF16 = 9;
/** Count, the values. */
export const TAG_ARRAY = 10;
/** Count, then key (a text with its tag) and value, in the object's order. */
export const TAG_OBJECT = 11;
/** 8 bytes: the time in ms. */
export const TAG_DATE = 12;
/** Count, then key and value. */
export const TAG_MAP = 13;
/** Count, the values. */
export const TAG_SET = 14;
/** Count of bytes, the bytes. The tags of the other binary kinds follow in the order of `binaryKinds`. */
export const TAG_BINARY = 15;

/** What a binary tag stands for: TAG_BINARY + index. */
export const binaryKinds = [
  Buffer,
  Uint8Array,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  ArrayBuffer,
  DataView,
] as const;

/** Values nested deeper than this are refused: the walk over them is recursive. */
export const ANY_DEPTH_MAX = 500;
/**
 * So many values in one are refused: shared parts are copied each time they are met, which can grow without limit.
 */
export const ANY_VALUES_MAX = 10_000_000;
