/**
 * Words that different threads store are kept this far apart: 128 bytes, two lines of 64, because the prefetcher of
 * current x64 cores fetches lines in pairs and other cores have lines of 128 bytes.
 */
export const CACHE_LINE_WORDS = 32;
export const CACHE_LINE_BYTES = CACHE_LINE_WORDS * 4;

/** The next multiple of a cache line, in words. */
export function alignToCacheLine(words: number): number {
  return Math.ceil(words / CACHE_LINE_WORDS) * CACHE_LINE_WORDS;
}
