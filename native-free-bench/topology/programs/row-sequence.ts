import { foldRow, priceOf } from "../../input/content-checksum.ts";
import { sharedClockMs } from "../../input/shared-clock.ts";
import { STRINGS_REPEATED, stringSource } from "../../input/string-source.ts";
import { EMITS_PER_CALL } from "./string-hop.ts";

/** One row's values, re-used: a spout copies them into its emit at once. */
interface Row {
  text: string;
  count: number;
  price: number;
  open: boolean;
}

/** The same rows for every schema. */
export class RowSequence {
  readonly #source = stringSource(STRINGS_REPEATED);
  readonly #row: Row = { text: "", count: 0, price: 0.5, open: false };
  readonly #tuples: number;
  #index = 0;

  constructor(tuples: number) {
    this.#tuples = tuples;
  }

  /** How many rows the spout may emit in this call. */
  beginCall(): number {
    return Math.min(EMITS_PER_CALL, this.#tuples - this.#index);
  }

  next(): Row {
    const index = this.#index++;
    const row = this.#row;
    row.text = this.#source.next();
    row.count = index | 0;
    row.price = priceOf(index);
    row.open = (index & 1) === 1;
    return row;
  }

  get state(): "exhausted" | undefined {
    return this.#index === this.#tuples ? "exhausted" : undefined;
  }
}

/** What a sink adds up. */
export class RowSum {
  readonly #warmupTuples: number;
  #tuples = 0;
  #checksum = 0;
  #startMs = 0;

  constructor(warmupTuples: number) {
    this.#warmupTuples = warmupTuples;
  }

  add(text: string, count: number, price: number, open: boolean): void {
    this.#checksum = foldRow(this.#checksum, text, count, price, open ? "open" : "closed");
    if (++this.#tuples === this.#warmupTuples) this.#startMs = sharedClockMs();
  }

  report(): [tuples: number, checksum: number, startMs: number, endMs: number] {
    return [this.#tuples, this.#checksum, this.#startMs, sharedClockMs()];
  }
}

export function expectedRowSum(tuples: number): number {
  const rows = new RowSequence(tuples);
  const sum = new RowSum(tuples);
  for (let index = 0; index < tuples; index++) {
    const { text, count, price, open } = rows.next();
    sum.add(text, count, price, open);
  }
  return sum.report()[1];
}
