import { closeSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import path from "node:path";
import {
  BasicBolt,
  type BasicCollector,
  defineTopology,
  fields,
  type OutputCollector,
  RichBolt,
  replaying,
  spout,
  type TaskContext,
  type Tuple,
} from "../../../../src/index.ts";

/** What the readers may emit when: so that a job lasts as long as somebody wants to disturb it. */
export interface Pace {
  /** By the system's clock, which all threads share. */
  readonly startMs: number;
  readonly durationMs: number;
}

export interface MassLedgerOptions {
  /** Holds input.bin, an int32 per message. What each writer wrote is put beside it. */
  readonly folder: string;
  /** Null: as fast as it goes. */
  readonly pace: Pace | null;
}

const N = fields("n:int32");
const READERS = 2;
const INPUT = "input.bin";
/** Input is released in steps, so that threads work at full speed in one moment and rest in another. */
const STEP_MS = 500;
/** What a writer holds before it writes, unless a tick comes first. */
const HELD_MAX = 100;
const TICK_MS = 3;

/** Messages 0 to `count` - 1, in an order of their own. */
export function writeInput(folder: string, count: number): void {
  // A prime step that does not divide the count comes to every number once.
  const numbers = Int32Array.from({ length: count }, (_, n) => (n * 7_919) % count);
  writeFileSync(path.join(folder, INPUT), numbers);
}

export function readInput(folder: string): Int32Array {
  return int32sOf(readFileSync(path.join(folder, INPUT)));
}

/** All that was written, by however many writers, one after the other. */
export function readOutput(folder: string): Int32Array[] {
  const files = readdirSync(folder).filter((file) => file.startsWith("out-"));
  return files.map((file) => int32sOf(readFileSync(path.join(folder, file))));
}

/** Whole numbers: what a dying thread has left of a last one is none. */
function int32sOf(bytes: Buffer): Int32Array {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % Int32Array.BYTES_PER_ELEMENT));
  return new Int32Array(new Uint8Array(whole).buffer);
}

/** Every second number of the input, from the position behind which it begins. */
function sourceOf({ folder, pace }: MassLedgerOptions) {
  return spout({
    output: N,
    create({ taskIndex, taskCount }, collector, start) {
      const input = readInput(folder);
      const first = start.position === undefined ? taskIndex : (start.position as number) + taskCount;
      let next = first;
      return {
        nextTuple() {
          if (next >= input.length) return "exhausted";
          if (pace !== null && next >= released(pace, input.length)) return "idle";
          collector.emit([input[next]!], undefined, next);
          next += taskCount;
          return undefined;
        },
      };
    },
  });
}

function released({ startMs, durationMs }: Pace, count: number): number {
  const steps = Math.floor((Date.now() - startMs) / STEP_MS) + 1;
  return Math.ceil((count * steps * STEP_MS) / durationMs);
}

class Relay extends BasicBolt({ input: N, output: N }) {
  override execute({ n }: Tuple<typeof N>, collector: BasicCollector<typeof N>): void {
    collector.emit([n]);
  }
}

/** Writes many numbers at once, and acks them when they are written. */
class Writer extends RichBolt({ input: N, config: { tickMs: TICK_MS } }) {
  readonly #folder: string;
  #file = -1;
  #held: Tuple<typeof N>[] = [];

  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  override prepare({ taskIndex }: TaskContext): void {
    // A file for each incarnation: what a dying one left of a last number must not run into the next.
    const incarnation = `${Date.now()}-${process.hrtime.bigint()}`;
    this.#file = openSync(path.join(this.#folder, `out-${taskIndex}-${incarnation}.bin`), "a");
  }

  override execute(tuple: Tuple<typeof N>, collector: OutputCollector<undefined>): void {
    this.#held.push(tuple);
    if (this.#held.length >= HELD_MAX) this.#write(collector);
  }

  override onTick(collector: OutputCollector<undefined>): void {
    this.#write(collector);
  }

  override onFlush(collector: OutputCollector<undefined>): void {
    this.#write(collector);
  }

  override cleanup(): void {
    closeSync(this.#file);
  }

  #write(collector: OutputCollector<undefined>): void {
    if (this.#held.length === 0) return;
    const held = this.#held;
    this.#held = [];
    writeSync(
      this.#file,
      Int32Array.from(held, ({ n }) => n),
    );
    for (const tuple of held) collector.ack(tuple);
  }
}

/** reader → relay → writer: readers on two workers, the rest on all. */
export const massLedger = defineTopology(import.meta.url, (builder, options: MassLedgerOptions) => {
  const source = replaying(sourceOf(options), {
    retries: 0, // Nothing but a loss may fail a message.
    deadLetter({ id, reason, error, component }) {
      throw new Error(`message ${id} failed: ${reason}, in ${component}`, { cause: error });
    },
  });
  const reader = builder.setSpout("reader", source, { parallelism: READERS });
  const relay = builder.setBolt("relay", Relay, { parallelism: "auto" }).shuffleGrouping(reader);
  const writers = { create: () => new Writer(options.folder), parallelism: "auto" } as const;
  builder.setBolt("writer", Writer, writers).fieldsGrouping(relay, ["n"]);
});
