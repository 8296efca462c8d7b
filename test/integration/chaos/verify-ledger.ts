import { readdirSync } from "node:fs";
import path from "node:path";
import { numbersIn } from "./topologies/ledger.ts";

export interface Verdict {
  readonly lost: readonly number[];
  readonly unknown: readonly number[];
  /** Lines beyond one per message. */
  readonly duplicates: number;
}

/** Compares what went in with what came out, by the files alone. */
export function verifyLedger(folder: string): Verdict {
  const input = new Set(numbersIn(path.join(folder, "input.txt")));
  const written = readdirSync(folder)
    .filter((file) => file.startsWith("out-"))
    .flatMap((file) => numbersIn(path.join(folder, file)));
  const output = new Set(written);
  return {
    lost: [...input].filter((n) => !output.has(n)),
    unknown: [...output].filter((n) => !input.has(n)),
    duplicates: written.length - output.size,
  };
}
