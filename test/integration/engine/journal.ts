/** Lines that tasks on any thread wrote, in order: a buffer that is shared, not copied, when options are cloned. */
export type Journal = SharedArrayBuffer;

const HEAD_BYTES = 4;

export function newJournal(bytes = 64 * 1024): Journal {
  return new SharedArrayBuffer(HEAD_BYTES + bytes);
}

/** Adds a line. What no longer fits is dropped. */
export function note(journal: Journal, line: string): void {
  const text = new TextEncoder().encode(`${line}\n`);
  const offset = HEAD_BYTES + Atomics.add(new Int32Array(journal, 0, 1), 0, text.length);
  if (offset + text.length <= journal.byteLength) new Uint8Array(journal).set(text, offset);
}

export function linesOf(journal: Journal): string[] {
  const bytes = Atomics.load(new Int32Array(journal, 0, 1), 0);
  const copy = new Uint8Array(new Uint8Array(journal, HEAD_BYTES, Math.min(bytes, journal.byteLength - HEAD_BYTES)));
  return new TextDecoder()
    .decode(copy)
    .split("\n")
    .filter((line) => line !== "");
}

export function countOf(journal: Journal, line: string): number {
  return linesOf(journal).filter((found) => found === line).length;
}
