import type { ReadableFile } from "./local-files.ts";

const CHUNK_BYTES = 256 * 1024;
const LINE_FEED = 0x0a;

/**
 * How many bytes of a file are whole records, each ended by its line feed.
 *
 * @param quote the sign between a pair of which a line feed does not end a record; null when every line feed does
 */
export function wholeRecordBytes(file: ReadableFile, quote: string | null): number {
  return quote === null ? lastFeed(file) : lastFeedOutside(file, quote.charCodeAt(0));
}

/** From the end: what is behind the last line feed is as long as a record at most. */
function lastFeed(file: ReadableFile): number {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  for (let end = file.facts().bytes; end > 0; ) {
    const from = Math.max(0, end - CHUNK_BYTES);
    const bytes = readFully(file, chunk, end - from, from);
    const feed = chunk.subarray(0, bytes).lastIndexOf(LINE_FEED);
    if (feed >= 0) return from + feed + 1;
    end = from;
  }
  return 0;
}

/** From the beginning: whether a place is in quotes is known only to those who have counted them all. */
function lastFeedOutside(file: ReadableFile, quote: number): number {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let whole = 0;
  let isInQuotes = false;
  for (let from = 0; ; ) {
    const bytes = file.read(chunk, 0, CHUNK_BYTES, from);
    if (bytes === 0) return whole;
    for (let at = 0; at < bytes; at++) {
      const byte = chunk[at];
      if (byte === quote) isInQuotes = !isInQuotes;
      else if (byte === LINE_FEED && !isInQuotes) whole = from + at + 1;
    }
    from += bytes;
  }
}

function readFully(file: ReadableFile, chunk: Buffer, length: number, position: number): number {
  let done = 0;
  while (done < length) {
    const bytes = file.read(chunk, done, length - done, position + done);
    if (bytes === 0) break;
    done += bytes;
  }
  return done;
}
