import { appendFileSync, closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import path from "node:path";
import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  fields,
  type OutputCollector,
  RichBolt,
  Spout,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

export interface LedgerOptions {
  /** Holds input.txt, a number per line. The acks of each reader and what each writer wrote are put beside it. */
  readonly folder: string;
  /** Messages per second and reader at most. */
  readonly ratePerSecond: number;
}

const N = fields("n:int32");

/** The numbers in a file, a line each; what a dying thread has left of a last line is none. */
export function numbersIn(file: string): number[] {
  if (!existsSync(file)) return [];
  const text = readFileSync(file, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}

/**
 * Emits each number of the input that is its own, again when it fails, until all are acked. What is acked it notes on
 * disk: a reader in the place of a lost one begins from the input, and leaves out what is noted.
 */
class Reader extends Spout({ output: N }) {
  readonly #options: LedgerOptions;
  #waiting: number[] = [];
  #acks = -1;
  #sent = 0;
  #startMs = 0;
  #nowMs: () => number = () => 0;

  constructor(options: LedgerOptions) {
    super();
    this.#options = options;
  }

  override open(context: TaskContext): void {
    const { folder } = this.#options;
    const log = path.join(folder, `acks-${context.taskIndex}.log`);
    const done = new Set(numbersIn(log));
    const input = numbersIn(path.join(folder, "input.txt"));
    this.#waiting = input.filter((n) => n % context.taskCount === context.taskIndex && !done.has(n)).reverse();
    this.#acks = openSync(log, "a");
    this.#nowMs = context.nowMs;
    this.#startMs = context.nowMs();
  }

  nextTuple() {
    if (this.#waiting.length === 0) return "exhausted";
    const due = ((this.#nowMs() - this.#startMs) * this.#options.ratePerSecond) / 1000;
    if (this.#sent >= due) return "idle";
    this.#sent++;
    const n = this.#waiting.pop()!;
    this.collector.emit([n], n);
    return undefined;
  }

  override ack(id: unknown): void {
    writeSync(this.#acks, `${id}\n`);
  }

  override fail(id: unknown): void {
    this.#waiting.push(id as number);
  }

  override close(): void {
    closeSync(this.#acks);
  }
}

class Relay extends BasicBolt({ input: N, output: N }) {
  override execute({ n }: Tuple<typeof N>, collector: BasicCollector<typeof N>): void {
    collector.emit([n]);
  }
}

class Writer extends RichBolt({ input: N }) {
  readonly #options: LedgerOptions;
  #file = "";

  constructor(options: LedgerOptions) {
    super();
    this.#options = options;
  }

  override prepare(context: { taskIndex: number }): void {
    this.#file = path.join(this.#options.folder, `out-${context.taskIndex}.log`);
  }

  override execute(tuple: Tuple<typeof N>, collector: OutputCollector<undefined>): void {
    appendFileSync(this.#file, `${tuple.n}\n`);
    collector.ack(tuple);
  }
}

/** reader → relay → writer, each on both workers. */
export const ledger = defineTopology(import.meta.url, (builder, options: LedgerOptions) => {
  const reader = builder.setSpout("reader", Reader, { create: () => new Reader(options), parallelism: 2 });
  const relay = builder.setBolt("relay", Relay, { parallelism: 2 }).shuffleGrouping(reader);
  const writers = { create: () => new Writer(options), parallelism: 2 };
  builder.setBolt("writer", Writer, writers).fieldsGrouping(relay, ["n"]);
});
