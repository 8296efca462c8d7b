import type { Clock } from "../base/clock.ts";
import { EngineError } from "../base/engine-error.ts";
import type { Logger } from "../base/log.ts";
import { Throttle } from "../base/throttle.ts";
import { bucketStart } from "../memory/histogram-scale.ts";
import { keepCounts } from "./bucket-counts.ts";
import { buildSnapshot } from "./build-snapshot.ts";
import { type CountSource, countersOf, shapeOf } from "./count-source.ts";
import { type Interval, IntervalClock, type SetTimer } from "./interval-clock.ts";
import type { HistogramName, MetricLayout } from "./metric-layout.ts";
import type { MetricsConsumer, MetricsReport } from "./metrics-consumer.ts";
import { type KeptTotals, MetricsReader } from "./metrics-reader.ts";
import type { MetricsSnapshot, SnapshotOptions } from "./metrics-snapshot.ts";
import { RollingWindows } from "./rolling-windows.ts";
import { UNITS_PER_MS } from "./task-block.ts";
import type { UserMetricDefinition } from "./task-metrics.ts";
import { UserMetricBook } from "./user-metric-book.ts";

export interface RunMetricsParts {
  readonly topology: string;
  readonly layout: MetricLayout;
  /** Memory of the first epoch. */
  readonly words: Int32Array;
  /** Monotonic: for windows. */
  readonly clock: Clock;
  /** Whole ms of the clock that the run's threads share: see treeClockOf. */
  readonly sharedNowMs: () => number;
  /** Time of day that never goes back: for intervals. See SteadyWallClock. */
  readonly wallClock: Clock;
  readonly setTimer: SetTimer;
  readonly logger: Logger;
}

/** How often a consumer is told, in ms. */
export interface ConsumerOptions {
  readonly intervalMs: number;
}

/** How many values of a histogram lie between two. */
export interface HistogramBucket {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

interface Registered {
  readonly consumer: MetricsConsumer;
  readonly intervals: IntervalClock;
}

/** A shorter interval would tell more of the timers than of the topology. */
const INTERVAL_MS_MIN = 10;
const INTERVAL_MS_MAX = 86_400_000;
const READ_MS = 1_000;
/** How long consumers get for their last reports, and for closing. */
const CLOSE_MS = 5_000;
const LINES_MAX = 5;
const LINES_SPAN_MS = 10_000;

/** All that main knows of the numbers of one run: reads them each second, and tells them to whoever asks. */
export class RunMetrics {
  readonly #parts: RunMetricsParts;
  readonly #reader: MetricsReader;
  readonly #windows: RollingWindows<KeptTotals>;
  readonly #user: UserMetricBook;
  readonly #startMs: number;
  readonly #failures: Throttle;
  readonly #consumers: Registered[] = [];
  /** By source: where its counters lie. */
  readonly #placesOf = new WeakMap<CountSource, readonly number[]>();
  /** Reports that a consumer has not brought to an end. */
  readonly #pending = new Set<Promise<void>>();
  #epoch = 1;
  #readMs: number;
  #cancelReading: () => void = () => {};
  #hasEnded = false;

  constructor(parts: RunMetricsParts) {
    this.#parts = parts;
    this.#startMs = parts.clock.nowMs();
    this.#readMs = this.#startMs;
    this.#reader = new MetricsReader(parts.layout, parts.words, parts.sharedNowMs);
    this.#windows = new RollingWindows(this.#startMs);
    this.#user = new UserMetricBook(this.#startMs);
    this.#failures = new Throttle(LINES_MAX, LINES_SPAN_MS, () => parts.clock.nowMs());
    this.#readOn();
  }

  /** Where everything is counted: the same for the whole run. */
  get layout(): MetricLayout {
    return this.#parts.layout;
  }

  /** The run goes on in other memory, to which the numbers were copied. */
  beginEpoch(epoch: number, words: Int32Array): void {
    this.#epoch = epoch;
    this.#reader.moveTo(words);
  }

  /** A task makes a metric of its own. */
  define(component: string, definition: UserMetricDefinition): void {
    if (this.#user.define(component, definition) || !this.#failures.isOpen()) return;
    const { name, taskId, kind } = definition;
    this.#parts.logger.warn(
      { component, metric: name, task: taskId, kind },
      "a task makes a metric that other tasks of its component have made of another kind: it is left out",
    );
  }

  /** Takes what the tasks have counted up to now. */
  read(): void {
    const nowMs = this.#parts.clock.nowMs();
    this.#readMs = nowMs;
    this.#reader.read();
    this.#windows.note(nowMs, () => this.#reader.keep());
    this.#user.read(nowMs);
  }

  /** As of the last reading: at most a second ago, unless the main thread was busy. */
  snapshot(options: SnapshotOptions = {}): MetricsSnapshot {
    const { topology, wallClock } = this.#parts;
    return buildSnapshot(
      {
        topology,
        epoch: this.#epoch,
        timeMs: wallClock.nowMs() - (this.#parts.clock.nowMs() - this.#readMs),
        readMs: this.#readMs,
        startMs: this.#startMs,
        reader: this.#reader,
        windows: this.#windows,
        userMetricsOf: (component) => this.#user.snapshotOf(component, this.#readMs, options.windows),
      },
      options,
    );
  }

  /**
   * The total of one number since the start, as of the last reading.
   *
   * @throws EngineError FLOW_UNKNOWN_SOURCE
   */
  totalOf(source: CountSource): number {
    if ("metric" in source) {
      shapeOf(this.#parts.layout, source.component);
      return this.#user.totalOf(source.component, source.metric);
    }
    let places = this.#placesOf.get(source);
    if (places === undefined) {
      places = countersOf(this.#parts.layout, source);
      this.#placesOf.set(source, places);
    }
    let total = 0;
    for (const place of places) total += this.#reader.counters[place]!;
    return total;
  }

  /** What was recorded since the start, as of the last reading; null where the component has no such histogram. */
  bucketsOf(component: string, name: HistogramName): readonly HistogramBucket[] | null {
    const histogram = this.#reader.histogramIndex(component, name);
    if (histogram < 0) return null;
    const { first, counts } = keepCounts(this.#reader.countsOf(histogram));
    const startMs = (bucket: number) => bucketStart(bucket) / UNITS_PER_MS;
    return Array.from(counts, (count, at) => {
      return { fromMs: startMs(first + at), toMs: startMs(first + at + 1), count };
    });
  }

  /**
   * From now on tells a consumer the end of each interval. Totals go back to the start of the run, whenever that is.
   *
   * @throws EngineError CONSUMER_BAD_SETTING, and what the consumer's `start` throws
   */
  register(consumer: MetricsConsumer, { intervalMs }: ConsumerOptions): void {
    if (this.#hasEnded) {
      throw new EngineError("CONSUMER_BAD_SETTING", {
        problem: `consumer "${consumer.name}" is registered with a run that has ended`,
        remedy: "register consumers before the run ends; its numbers can be read from it still",
      });
    }
    if (!(Number.isInteger(intervalMs) && intervalMs >= INTERVAL_MS_MIN && intervalMs <= INTERVAL_MS_MAX)) {
      throw new EngineError("CONSUMER_BAD_SETTING", {
        problem: `consumer "${consumer.name}" is registered with an interval that cannot be used`,
        facts: { intervalMs },
        remedy: `give a whole number of ms from ${INTERVAL_MS_MIN} to ${INTERVAL_MS_MAX}`,
      });
    }
    const { topology, layout, wallClock, setTimer } = this.#parts;
    consumer.start?.({ topology, layout, components: layout.components });
    const intervals = new IntervalClock({
      intervalMs,
      clock: wallClock,
      setTimer,
      ended: (interval) => this.#tell(consumer, interval),
    });
    this.#consumers.push({ consumer, intervals });
  }

  /** Stops reading and gives each consumer its last report: when all counts are in. */
  async end(): Promise<void> {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#cancelReading();
    this.read();
    for (const { intervals } of this.#consumers) intervals.stop();
    await this.#inTime(Promise.all(this.#pending));
    await this.#inTime(Promise.all(this.#consumers.map(({ consumer }) => this.#close(consumer))));
  }

  async #close(consumer: MetricsConsumer): Promise<void> {
    try {
      await consumer.close?.();
    } catch (error) {
      this.#failed(consumer, error);
    }
  }

  /** A consumer that never answers must not hold up the end of the run. */
  #inTime(work: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#parts.setTimer(() => {
        this.#parts.logger.warn({ waitedMs: CLOSE_MS }, "a consumer of metrics does not come to its end");
        resolve();
      }, CLOSE_MS);
      void work.then(() => {
        cancel();
        resolve();
      });
    });
  }

  #readOn(): void {
    this.#cancelReading = this.#parts.setTimer(() => {
      this.read();
      this.#readOn();
    }, READ_MS);
  }

  #tell(consumer: MetricsConsumer, interval: Interval): void {
    this.read();
    const report: MetricsReport = {
      ...interval,
      topology: this.#parts.topology,
      snapshot: (options) => this.snapshot(options),
      totalOf: (source) => this.totalOf(source),
      bucketsOf: (component, name) => {
        const histogram = this.#reader.histogramIndex(component, name);
        return histogram < 0 ? null : this.#reader.countsOf(histogram);
      },
    };
    try {
      const pending = consumer.report(report)?.catch((error: unknown) => this.#failed(consumer, error));
      if (pending === undefined) return;
      this.#pending.add(pending);
      void pending.then(() => this.#pending.delete(pending));
    } catch (error) {
      this.#failed(consumer, error);
    }
  }

  #failed(consumer: MetricsConsumer, error: unknown): void {
    if (!this.#failures.isOpen()) return;
    this.#parts.logger.error({ err: error, consumer: consumer.name }, "a consumer of metrics failed");
  }
}
