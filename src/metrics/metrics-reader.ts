import { readCounter } from "../memory/hot-counters.ts";
import { HistogramReader } from "../memory/shared-histogram.ts";
import { type KeptCounts, keepCounts, newCounts } from "./bucket-counts.ts";
import {
  type ComponentShape,
  type HistogramName,
  halvesOffset,
  histogramOffset,
  levelOffset,
  lowOffset,
  type MetricLayout,
  OUTPUT_COUNTERS,
  TASK_COUNTERS,
  type TaskLevel,
} from "./metric-layout.ts";
import { REST_STATES } from "./task-times.ts";

const EMITTED = OUTPUT_COUNTERS.indexOf("emitted");
const FIRSTS = OUTPUT_COUNTERS.indexOf("firsts");
const REPLAYED = OUTPUT_COUNTERS.indexOf("replayed");
const BLOCKED_US = TASK_COUNTERS.indexOf("blockedUs");
const WAITING_US = TASK_COUNTERS.indexOf("waitingUs");

/** One histogram of a component: the sum of those of its tasks. */
interface ComponentHistogram {
  readonly component: ComponentShape;
  readonly name: HistogramName;
  readonly readers: readonly HistogramReader[];
  readonly counts: Float64Array;
}

/** All totals at some moment: what a window needs to know of its beginning. */
export interface KeptTotals {
  readonly counters: Float64Array;
  /** In the order of the reader's histograms. */
  readonly histograms: readonly KeptCounts[];
}

/**
 * Main's view of all tasks' numbers: `read()` takes them from the shared memory, everything else tells what the last
 * reading found. Disturbs no worker.
 */
export class MetricsReader {
  readonly layout: MetricLayout;
  /** By task and counter: see `TaskPlace.firstCounter`. */
  readonly counters: Float64Array;
  #words: Int32Array;
  readonly #histograms: readonly ComponentHistogram[];
  /** By histogram: its buckets in use, until a reading finds more. */
  readonly #kept: (KeptCounts | null)[];
  readonly #sharedNowMs: () => number;
  /** By position in `counters`, for what is derived: the last reading, below which it must not fall. */
  readonly #floor: Float64Array;
  readonly #indices: ReadonlyMap<string, number>;

  /** @param sharedNowMs whole ms of the clock that all threads share: see treeClockOf */
  constructor(layout: MetricLayout, words: Int32Array, sharedNowMs: () => number) {
    this.#sharedNowMs = sharedNowMs;
    this.layout = layout;
    this.counters = new Float64Array(layout.counterCount);
    this.#words = words;
    this.#floor = new Float64Array(layout.counterCount);
    this.#histograms = layout.components.flatMap((component) =>
      component.histograms.map((name) => ({
        component,
        name,
        readers: component.taskIds.map((taskId) => {
          const first = layout.placeOf(taskId).firstWord + histogramOffset(component, name)!;
          return new HistogramReader(words, first);
        }),
        counts: newCounts(),
      })),
    );
    this.#kept = this.#histograms.map(() => null);
    this.#indices = new Map(this.#histograms.map((each, index) => [`${each.component.id} ${each.name}`, index]));
  }

  /** From now on reads elsewhere, where the same values stand: the memory of a new epoch. */
  moveTo(words: Int32Array): void {
    this.#words = words;
    for (const { readers } of this.#histograms) for (const reader of readers) reader.moveTo(words);
  }

  read(): void {
    const words = this.#words;
    const { counters } = this;
    const nowMs = this.#sharedNowMs();
    for (const place of this.layout.tasks) {
      if (place === null) continue;
      const { shape, firstWord, firstCounter } = place;
      for (let counter = 0; counter < shape.counterCount; counter++) {
        const halves = firstWord + halvesOffset(counter);
        counters[firstCounter + counter] = readCounter(words, halves, firstWord + lowOffset(shape, counter));
      }
      this.#addRest(place.taskId, firstCounter, nowMs);
      for (const { first, count } of shape.outputs) {
        if (count === OUTPUT_COUNTERS.length) this.#deriveFirsts(firstCounter + first);
      }
    }
    for (const [index, { readers, counts }] of this.#histograms.entries()) {
      let isNew = false;
      for (const reader of readers) if (reader.takeInto(counts)) isNew = true;
      if (isNew) this.#kept[index] = null;
    }
  }

  /**
   * First attempts are what is left of the emits without the replays. A replay is counted before its emit and read
   * after it, so this is never too high; for a moment it may be too low, and a count does not go back.
   */
  #deriveFirsts(first: number): void {
    const { counters } = this;
    this.#derive(first + FIRSTS, counters[first + EMITTED]! - counters[first + REPLAYED]!);
  }

  /** What a task's thread has not counted yet, since it sleeps: that the task goes on being blocked, or waiting. */
  #addRest(taskId: number, firstCounter: number, nowMs: number): void {
    const rest = REST_STATES[this.levelOf(taskId, "rest")];
    const restUs = Math.max(0, (nowMs - this.levelOf(taskId, "restSinceMs")) | 0) * 1_000;
    const blocked = firstCounter + BLOCKED_US;
    const waiting = firstCounter + WAITING_US;
    this.#derive(blocked, this.counters[blocked]! + (rest === "blocked" ? restUs : 0));
    this.#derive(waiting, this.counters[waiting]! + (rest === "waiting" ? restUs : 0));
  }

  #derive(counter: number, value: number): void {
    const floor = this.#floor;
    if (value > floor[counter]!) floor[counter] = value;
    this.counters[counter] = floor[counter]!;
  }

  /** What holds of a task at this moment. */
  levelOf(taskId: number, level: TaskLevel): number {
    const { shape, firstWord } = this.layout.placeOf(taskId);
    return this.#words[firstWord + levelOffset(shape, level)]!;
  }

  /** Position among the reader's histograms; -1 when the component has none of that name. */
  histogramIndex(component: string, name: HistogramName): number {
    return this.#indices.get(`${component} ${name}`) ?? -1;
  }

  countsOf(histogram: number): Float64Array {
    return this.#histograms[histogram]!.counts;
  }

  /** The highest value since the start, in units. */
  maxUnitsOf(histogram: number): number {
    return Math.max(0, ...this.#histograms[histogram]!.readers.map(({ maxUnits }) => maxUnits));
  }

  /** The buckets in use as of the last reading. */
  keptOf(histogram: number): KeptCounts {
    const found = this.#kept[histogram] ?? keepCounts(this.countsOf(histogram));
    this.#kept[histogram] = found;
    return found;
  }

  /** A copy of everything, for a window to begin at. */
  keep(): KeptTotals {
    return {
      counters: this.counters.slice(),
      histograms: this.#histograms.map((_, index) => this.keptOf(index)),
    };
  }
}
