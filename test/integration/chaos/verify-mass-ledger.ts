import { readInput, readOutput } from "./topologies/mass-ledger.ts";

export interface MassVerdict {
  readonly messages: number;
  readonly lost: number;
  /** Written, but never read. */
  readonly unknown: number;
  /** Writes beyond one per message. */
  readonly duplicates: number;
}

/** Compares what went in with what came out, by the files alone. */
export function verifyMassLedger(folder: string): MassVerdict {
  const input = readInput(folder);
  const written = new Uint16Array(input.length);
  const isKnown = new Uint8Array(input.length);
  for (const n of input) isKnown[n] = 1;
  let unknown = 0;
  for (const output of readOutput(folder)) {
    for (const n of output) {
      if (isKnown[n] === 1) written[n]!++;
      else unknown++;
    }
  }
  let lost = 0;
  let duplicates = 0;
  for (const n of input) {
    if (written[n] === 0) lost++;
    else duplicates += written[n]! - 1;
  }
  return { messages: input.length, lost, unknown, duplicates };
}
