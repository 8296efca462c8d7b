import type { SlotViews } from "./slot-ring.ts";

/**
 * All text of a batch in one piece: [bytes: int32][two-byte flag: int32][text], written by one call and decoded by
 * one call, because each such call costs about 40 ns whatever it carries. The receiver cuts its strings out by their
 * ends in UTF-16 units. Any string is carried as it is, lone surrogates too.
 */
export const BLOB_HEADER_BYTES = 8;
/** The writer tries the short form first, which may need up to three bytes per unit before it is found not to fit. */
export const BLOB_BYTES_PER_UNIT = 3;

const BATCHES_UNTIL_RETRY = 64;

export class TextBlobWriter {
  /**
   * Batches of a stream resemble each other: after one that was not ASCII the long form is written at once for a
   * while.
   */
  #longBatchesLeft = 0;

  /** Writes `text` at `offset`, a multiple of 4, and returns the bytes used. */
  write(views: SlotViews, offset: number, text: string): number {
    const body = offset + BLOB_HEADER_BYTES;
    if (this.#longBatchesLeft === 0) {
      // As many bytes as units: every unit was ASCII, and the bytes can be read back as Latin-1, the cheapest
      // decoding.
      const bytes = views.bytes.write(text, body, "utf8");
      if (bytes === text.length) return this.#close(views, offset, bytes, 0);
      this.#longBatchesLeft = BATCHES_UNTIL_RETRY;
    }
    this.#longBatchesLeft--;
    return this.#close(views, offset, views.bytes.write(text, body, "utf16le"), 1);
  }

  #close(views: SlotViews, offset: number, bytes: number, twoByte: number): number {
    views.int32[offset >> 2] = bytes;
    views.int32[(offset >> 2) + 1] = twoByte;
    return BLOB_HEADER_BYTES + bytes;
  }
}

/** The text that `TextBlobWriter.write` left at `offset`, copied out of the shared memory. */
export function readTextBlob(views: SlotViews, offset: number): string {
  const body = offset + BLOB_HEADER_BYTES;
  const bytes = views.int32[offset >> 2]!;
  return views.bytes.toString(views.int32[(offset >> 2) + 1] === 0 ? "latin1" : "utf16le", body, body + bytes);
}

/** Bytes that a blob at `offset` takes, rounded up so that what follows is aligned to 8. */
export function textBlobBytes(views: SlotViews, offset: number): number {
  return (BLOB_HEADER_BYTES + views.int32[offset >> 2]! + 7) & ~7;
}
