import type { OptionReader } from "../shared/option-reader.ts";

/** How a bolt gathers rows. */
export interface RowBatchOptions {
  /** Rows that are sent together. Default: 256. */
  readonly batchRows?: number;
  /** How long the first row waits for others at most. Default: 2. */
  readonly lingerMs?: number;
  /** Batches that may be under way at once. Default: 4. */
  readonly inFlightMax?: number;
}

/** Options with everything filled in. */
export type RowBatchPlan = Required<RowBatchOptions>;

/** Their names. */
export const BATCH_OPTIONS = ["batchRows", "lingerMs", "inFlightMax"] as const;

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function readRowBatches(options: OptionReader): RowBatchPlan {
  return {
    batchRows: options.whole("batchRows", { min: 1, max: 65_536, byDefault: 256 }),
    lingerMs: options.whole("lingerMs", { min: 0, max: 60_000, byDefault: 2 }),
    inFlightMax: options.whole("inFlightMax", { min: 1, max: 1024, byDefault: 4 }),
  };
}

/** For errors: the key of the first of so many rows. */
export function keyOfBatch(first: string, rows: number): string {
  return rows > 1 ? `${first} and ${rows - 1} more` : first;
}

/** The hooks by which a bolt's batches, and the connection that they go over, come to their end. */
export function endingHooks(batches: Pick<RowBatches<unknown>, "settle">, link: { close(): Promise<void> }) {
  return {
    onFlush: () => batches.settle(),
    onEnd: () => batches.settle(),
    cleanup: async () => {
      await batches.settle();
      await link.close();
    },
  };
}

/**
 * Gathers the rows of a task into batches, and keeps so many of them under way at most. Who adds a row beyond that is
 * given a promise, and adds the next one when it has resolved.
 */
export class RowBatches<R> {
  readonly #plan: RowBatchPlan;
  readonly #send: (rows: readonly R[]) => Promise<void>;
  #gathered: R[] = [];
  #inFlight = 0;
  #rowsInFlight = 0;
  #timer: NodeJS.Timeout | null = null;
  /** The rows gathered so far are not to wait for others. */
  #isDue = false;
  #whenThereIsRoom: (() => void)[] = [];
  #whenIdle: (() => void)[] = [];

  /** @param send settles its rows itself, and never rejects */
  constructor(plan: RowBatchPlan, send: (rows: readonly R[]) => Promise<void>) {
    this.#plan = plan;
    this.#send = send;
  }

  /** Rows that wait for an answer. */
  get rowsInFlight(): number {
    return this.#rowsInFlight;
  }

  add(row: R): void | Promise<void> {
    const { batchRows, inFlightMax, lingerMs } = this.#plan;
    this.#gathered.push(row);
    if (this.#gathered.length < batchRows) {
      this.#timer ??= setTimeout(() => this.flush(), lingerMs);
      return undefined;
    }
    this.#sendSome();
    if (this.#inFlight < inFlightMax || this.#gathered.length < batchRows) return undefined;
    return new Promise((resolve) => this.#whenThereIsRoom.push(resolve));
  }

  /** Sends what there is, as soon as that may be under way. */
  flush(): void {
    this.#isDue = true;
    this.#sendSome();
  }

  /** Sends what there is, and resolves when all is answered. */
  async settle(): Promise<void> {
    this.flush();
    if (this.#inFlight === 0) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #sendSome(): void {
    const { batchRows, inFlightMax } = this.#plan;
    while (this.#inFlight < inFlightMax && this.#gathered.length > 0) {
      if (!this.#isDue && this.#gathered.length < batchRows) break;
      const rows = this.#gathered.length <= batchRows ? this.#gathered : this.#gathered.slice(0, batchRows);
      this.#gathered = this.#gathered.length <= batchRows ? [] : this.#gathered.slice(batchRows);
      this.#begin(rows);
    }
    if (this.#gathered.length > 0) return;
    this.#isDue = false;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #begin(rows: readonly R[]): void {
    this.#inFlight++;
    this.#rowsInFlight += rows.length;
    void this.#send(rows).then(() => {
      this.#inFlight--;
      this.#rowsInFlight -= rows.length;
      this.#sendSome();
      for (const goOn of this.#whenThereIsRoom.splice(0)) goOn();
      if (this.#inFlight === 0) for (const tell of this.#whenIdle.splice(0)) tell();
    });
  }
}
