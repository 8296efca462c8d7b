import { type StringSource, stringSource } from "./string-source.ts";

/**
 * Folds what a string holds (length, first, middle and last unit) into a running FNV-style checksum. Depends on the
 * order of the strings, so a lost, doubled or swapped one shows; cheap enough that the carrying stays what is
 * measured.
 */
export function foldString(checksum: number, text: string): number {
  const last = text.length - 1;
  const content =
    Math.imul(text.charCodeAt(0), 31) + Math.imul(text.charCodeAt(last), 8_191) + text.charCodeAt(text.length >> 1);
  return Math.imul(checksum ^ (content + last), 0x0100_0193);
}

/** Folds a whole row of the four-field shape. */
export function foldRow(checksum: number, name: string, quantity: number, price: number, note: string): number {
  return foldString(foldString(checksum ^ quantity ^ (price * 4), name), note);
}

/** What the sink of a hop must arrive at, by a plain loop over the same sequence. */
export function expectedStringChecksum(kind: number, tuples: number): number {
  const source: StringSource = stringSource(kind);
  let checksum = 0;
  for (let index = 0; index < tuples; index++) checksum = foldString(checksum, source.next());
  return checksum;
}

export function expectedRowChecksum(kind: number, tuples: number): number {
  const source: StringSource = stringSource(kind);
  let checksum = 0;
  for (let index = 0; index < tuples; index++) {
    checksum = foldRow(checksum, source.next(), index | 0, priceOf(index), source.next());
  }
  return checksum;
}

/** The float64 column of row `index`: quarters, so that they are exact. */
export function priceOf(index: number): number {
  return (index & 0xffff) + 0.25;
}

/** Throws unless the sink saw exactly the tuples that were sent. */
export function verifyHop(
  what: string,
  seen: { tuples: number; checksum: number },
  tuples: number,
  checksum: number,
): void {
  if (seen.tuples !== tuples) throw new Error(`${what}: ${seen.tuples} tuples arrived of ${tuples}`);
  if (seen.checksum !== checksum) {
    throw new Error(`${what}: checksum ${seen.checksum} of the arrived tuples differs from ${checksum}`);
  }
}
