import { carryCounters, copyMetricWords, readCounter } from "../memory/hot-counters.ts";
import { HistogramWriter } from "../memory/shared-histogram.ts";
import {
  type ComponentShape,
  type HistogramName,
  halvesOffset,
  histogramOffset,
  INPUT_COUNTERS,
  type InputCounter,
  levelOffset,
  lowOffset,
  type MetricLayout,
  OUTPUT_COUNTERS,
  type OutputCounter,
  TASK_COUNTERS,
  TASK_LEVELS,
  type TaskCounter,
  type TaskLevel,
} from "./metric-layout.ts";

const EMITTED = OUTPUT_COUNTERS.indexOf("emitted");
const REPLAYED = OUTPUT_COUNTERS.indexOf("replayed");

/** A unit of latency is 64 ns: finer than a clock read takes. */
export const UNITS_PER_MS = 1e6 / 64;

/** Words in which the counters of a stream are counted: `words[place.emitted] = (words[place.emitted] + 1) | 0`. */
export type OutputWords = Readonly<Record<OutputCounter, number>>;
/** Words in which the counters of an edge are counted. */
export type InputWords = Readonly<Record<InputCounter, number>>;

/**
 * The metrics of one task, for the thread that runs it and for no other. What is counted per tuple is counted by its
 * caller, in `words` at the places that this object tells; the rest has methods.
 *
 * Whoever keeps `words` takes them again after `moveTo`.
 */
export class TaskBlock {
  words: Int32Array;
  /** By stream. A bolt has no firsts, replays, acks and fails there: their places are -1. */
  readonly outputs: ReadonlyMap<string, OutputWords>;
  /** By edge index. */
  readonly inputs: ReadonlyMap<number, InputWords>;
  readonly execute: HistogramWriter | null;
  readonly process: HistogramWriter | null;
  readonly complete: HistogramWriter | null;
  readonly #shape: ComponentShape;
  readonly #first: number;
  readonly #batchesWord: number;
  readonly #rowsWord: number;

  /** Counts of a task that is made again go on from what stands there; what held of it at a moment does not. */
  constructor(layout: MetricLayout, words: Int32Array, taskId: number) {
    const { shape, firstWord } = layout.placeOf(taskId);
    this.words = words;
    this.#shape = shape;
    this.#first = firstWord;
    this.#batchesWord = this.wordOf("batchesIn");
    this.#rowsWord = this.wordOf("rowsIn");
    const low = (counter: number) => firstWord + lowOffset(shape, counter);
    this.outputs = new Map(
      shape.outputs.map(({ stream, first, count }) => {
        const place = (_: string, index: number) => (index < count ? low(first + index) : -1);
        return [stream, placesOf(OUTPUT_COUNTERS, place)];
      }),
    );
    this.inputs = new Map(
      shape.inputs.map(({ edgeIndex, first }) => {
        return [edgeIndex, placesOf(INPUT_COUNTERS, (_, index) => low(first + index))];
      }),
    );
    this.execute = this.#histogram("execute");
    this.process = this.#histogram("process");
    this.complete = this.#histogram("complete");
    for (const level of TASK_LEVELS) this.setLevel(level, 0);
  }

  /** First attempts of a spout, over all its streams, since its start: also those of instances before. */
  get firsts(): number {
    let firsts = 0;
    for (const { first, count } of this.#shape.outputs) {
      if (count < OUTPUT_COUNTERS.length) continue;
      firsts += this.#read(first + EMITTED) - this.#read(first + REPLAYED);
    }
    return firsts;
  }

  /** Where a counter of the task itself is counted. */
  wordOf(counter: TaskCounter): number {
    return this.#first + lowOffset(this.#shape, TASK_COUNTERS.indexOf(counter));
  }

  /** @param amount whole, less than 2^31, not negative */
  add(counter: TaskCounter, amount: number): void {
    const word = this.wordOf(counter);
    this.words[word] = (this.words[word]! + amount) | 0;
  }

  /** A batch of so many rows has arrived. */
  arrived(rows: number): void {
    const { words } = this;
    words[this.#batchesWord] = (words[this.#batchesWord]! + 1) | 0;
    words[this.#rowsWord] = (words[this.#rowsWord]! + rows) | 0;
  }

  setLevel(level: TaskLevel, value: number): void {
    this.words[this.#first + levelOffset(this.#shape, level)] = value;
  }

  /** To be called every few ms while the task works, before any counter can have grown by 2^31. */
  carry(): void {
    carryCounters(this.words, this.#first, this.#shape.counterCount);
  }

  /** Goes over to the memory of a new epoch, with all that was counted here. */
  moveTo(words: Int32Array): void {
    this.carry();
    copyMetricWords(this.words, words, this.#first, this.#shape.blockWords);
    this.words = words;
    for (const histogram of [this.execute, this.process, this.complete]) histogram?.moveTo(words);
  }

  #read(counter: number): number {
    const shape = this.#shape;
    return readCounter(this.words, this.#first + halvesOffset(counter), this.#first + lowOffset(shape, counter));
  }

  #histogram(name: HistogramName): HistogramWriter | null {
    const offset = histogramOffset(this.#shape, name);
    return offset === null ? null : new HistogramWriter(this.words, this.#first + offset, UNITS_PER_MS);
  }
}

function placesOf<Name extends string>(
  names: readonly Name[],
  place: (name: Name, index: number) => number,
): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, place(name, index)])) as Record<Name, number>;
}
