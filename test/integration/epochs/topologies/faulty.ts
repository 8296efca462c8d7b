import { existsSync, writeFileSync } from "node:fs";
import { defineTopology, fields, type OutputCollector, RichBolt, Spout, type Tuple } from "../../../../src/index.ts";

export type Fault =
  | "tuple fails"
  | "timer throws"
  | "timer throws null"
  | "rejection"
  | "stack overflow"
  | "exit"
  | "memory"
  | "loop"
  | "wait";

export interface FaultyOptions {
  readonly fault: Fault;
  /** The fault happens once: this file tells that it has. */
  readonly marker: string;
  readonly tuples: number;
}

const N = fields("n:int32");

/** Emits its numbers, and each again that fails. */
class Numbers extends Spout({ output: N }) {
  #waiting: number[];

  constructor({ tuples }: FaultyOptions) {
    super();
    this.#waiting = Array.from({ length: tuples }, (_, n) => n);
  }

  nextTuple() {
    const n = this.#waiting.shift();
    if (n === undefined) return "exhausted";
    this.collector.emit([n], n);
    return undefined;
  }

  override fail(id: unknown): void {
    this.#waiting.push(id as number);
  }
}

class Faulty extends RichBolt({ input: N }) {
  readonly #options: FaultyOptions;

  constructor(options: FaultyOptions) {
    super();
    this.#options = options;
  }

  override execute(tuple: Tuple<typeof N>, collector: OutputCollector<undefined>): void {
    const { fault, marker, tuples } = this.#options;
    if (tuple.n === tuples >> 1 && !existsSync(marker)) {
      writeFileSync(marker, "");
      commit(fault);
    }
    collector.ack(tuple);
  }
}

function commit(fault: Fault): void {
  switch (fault) {
    case "tuple fails":
      throw new Error("a tuple that cannot be processed");
    case "timer throws":
      setTimeout(() => {
        throw new Error("thrown by a timer");
      }, 0);
      break;
    case "timer throws null":
      setTimeout(() => {
        throw null;
      }, 0);
      break;
    case "rejection":
      void Promise.reject(new Error("nobody handles this"));
      break;
    case "stack overflow":
      setTimeout(overflow, 0);
      break;
    case "exit":
      process.exit(3);
      break;
    case "memory":
      for (const hoard: object[][] = []; ; ) hoard.push(Array.from({ length: 100 }, (_, n) => ({ n })));
    case "loop":
      for (;;);
    case "wait":
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  }
}

function overflow(): number {
  return overflow() + 1;
}

/** numbers on one worker, faulty on the other. */
export const faulty = defineTopology(import.meta.url, (builder, options: FaultyOptions) => {
  const numbers = builder.setSpout("numbers", Numbers, { create: () => new Numbers(options) });
  builder.setBolt("faulty", Faulty, { create: () => new Faulty(options) }).shuffleGrouping(numbers);
});
