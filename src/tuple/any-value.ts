import { AnyDecoder } from "./codec/any-decoder.ts";
import { AnyEncoder } from "./codec/any-encoder.ts";

/** What `anyFingerprint` gives for a value that cannot be encoded; never the fingerprint of one that can. */
export const FINGERPRINT_NONE = -1;

/** Working memory of the functions below; nothing of one call is needed by the next. */
const encoder = new AnyEncoder();
const decoder = new AnyDecoder();

/** A deep copy by the rules of `any` columns: what a bolt on another thread would receive. */
export function cloneAny(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  encoder.reset();
  encoder.append(value);
  const bytes = encoder.view();
  decoder.setMemory(bytes, new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
  return decoder.decode(0, bytes.length);
}

/**
 * A hash of the value's encoding: taken at the emit and again at delivery, it tells whether the value was changed in
 * between. From 0 to 2^32 - 1, or FINGERPRINT_NONE.
 */
export function anyFingerprint(value: unknown): number {
  encoder.reset();
  try {
    encoder.append(value);
  } catch {
    return FINGERPRINT_NONE;
  }
  const bytes = encoder.view();
  let hash = bytes.length;
  for (let i = 0; i < bytes.length; i++) {
    hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
