import { EngineError } from "../base/engine-error.ts";
import { checkId } from "../base/ids.ts";
import type {
  MetricCounter,
  MetricGauge,
  MetricHistogram,
  MetricHistogramOptions,
  MetricMeter,
  MetricsContext,
} from "../component/metrics-context.ts";
import { allocateMetricWords, carryCounters, SharedNumber } from "../memory/hot-counters.ts";
import { HISTOGRAM_WORDS, HistogramWriter } from "../memory/shared-histogram.ts";

export type UserMetricKind = "counter" | "meter" | "gauge" | "histogram";

/** What main is told when a task makes a metric; sent to another thread, it carries the memory itself. */
export interface UserMetricDefinition {
  readonly taskId: number;
  readonly name: string;
  readonly kind: UserMetricKind;
  /** Of a histogram, what makes units of values; else 1. */
  readonly unitsPerValue: number;
  readonly words: Int32Array;
}

/** Metrics that one task may make. */
export const USER_METRICS_MAX = 64;
/** A cache line and more for each: the memory behind it may be another thread's. */
const SMALL_WORDS = 32;
const RESOLUTION = 0.001;

interface Made {
  readonly definition: UserMetricDefinition;
  readonly metric: MetricCounter | MetricMeter | MetricGauge | MetricHistogram;
}

/**
 * The metrics that the instances of one task make, on the task's thread. Each has memory of its own, which main gets
 * with the definition before anything can be counted in it: so nothing is reserved for tasks without metrics, an
 * update needs no message, and what was counted outlives the thread.
 */
export class TaskMetrics implements MetricsContext {
  readonly #taskId: number;
  readonly #define: (definition: UserMetricDefinition) => void;
  readonly #made = new Map<string, Made>();
  readonly #polls = new Map<string, () => void>();

  /** @param define tells main, before it returns or at least before whatever else is told later */
  constructor(taskId: number, define: (definition: UserMetricDefinition) => void) {
    this.#taskId = taskId;
    this.#define = define;
  }

  counter(name: string): MetricCounter {
    return this.#make(name, "counter", 1, (words) => ({ increment: countIn(words, name) })) as MetricCounter;
  }

  meter(name: string): MetricMeter {
    return this.#make(name, "meter", 1, (words) => ({ mark: countIn(words, name) })) as MetricMeter;
  }

  gauge(name: string, read?: () => number): MetricGauge {
    const gauge = this.#make(name, "gauge", 1, (words) => new SharedNumber(words)) as MetricGauge;
    // A new instance brings a new function; the old one would hold on to what was given up.
    if (read === undefined) this.#polls.delete(name);
    else this.#polls.set(name, () => gauge.set(read()));
    return gauge;
  }

  histogram(name: string, options: MetricHistogramOptions = {}): MetricHistogram {
    const resolution = options.resolution ?? RESOLUTION;
    if (!(resolution > 0 && resolution < Number.POSITIVE_INFINITY)) throw badResolution(name, resolution);
    return this.#make(name, "histogram", 1 / resolution, (words, unitsPerValue) => {
      const writer = new HistogramWriter(words, 0, unitsPerValue);
      return {
        record: (value: number) => {
          if (!(value >= 0)) throw badValue(name, value, "not negative");
          writer.record(value);
        },
      };
    }) as MetricHistogram;
  }

  /** Asks the gauges that have a function, and brings counters up to date: once a second. */
  poll(): void {
    for (const { definition } of this.#made.values()) {
      if (definition.kind === "counter" || definition.kind === "meter") carryCounters(definition.words, 0, 1);
    }
    for (const read of this.#polls.values()) {
      try {
        read();
      } catch {
        // What a program shows of itself must not end it: the gauge keeps its value.
      }
    }
  }

  /** The instance is given up: its functions are not asked any more. */
  retire(): void {
    this.#polls.clear();
  }

  #make(
    name: string,
    kind: UserMetricKind,
    unitsPerValue: number,
    make: (words: Int32Array, unitsPerValue: number) => Made["metric"],
  ): Made["metric"] {
    const known = this.#made.get(name);
    if (known !== undefined) {
      if (known.definition.kind !== kind) throw kindDiffers(name, known.definition.kind, kind);
      return known.metric;
    }
    const problem = checkId("metric", name);
    if (problem !== null) throw badName(problem);
    if (this.#made.size === USER_METRICS_MAX) throw tooMany(name);
    const words = allocateMetricWords(kind === "histogram" ? HISTOGRAM_WORDS : SMALL_WORDS);
    const definition = { taskId: this.#taskId, name, kind, unitsPerValue, words };
    const metric = make(words, unitsPerValue);
    this.#made.set(name, { definition, metric });
    this.#define(definition);
    return metric;
  }
}

/** Adds to the one counter of these words. It carries itself when much is added: `poll` might come too late. */
function countIn(words: Int32Array, name: string): (by?: number) => void {
  let uncarried = 0;
  return (by = 1) => {
    if (!(Number.isInteger(by) && by >= 0 && by < 0x8000_0000)) throw badValue(name, by, "whole, from 0 to 2^31 - 1");
    uncarried += by;
    if (uncarried >= 0x4000_0000) {
      carryCounters(words, 0, 1);
      uncarried = by;
    }
    words[1] = (words[1]! + by) | 0;
  };
}

function badName(problem: string): EngineError {
  return new EngineError("METRIC_BAD_NAME", {
    problem,
    remedy: "name it like a component: letters and digits, and within the name . _ and -",
  });
}

function kindDiffers(name: string, before: UserMetricKind, now: UserMetricKind): EngineError {
  return new EngineError("METRIC_KIND_DIFFERS", {
    problem: `the metric "${name}" is made as a ${now}, and is a ${before} already`,
    remedy: "give one of the two another name",
  });
}

function tooMany(name: string): EngineError {
  return new EngineError("METRIC_TOO_MANY", {
    problem: `a task makes more than ${USER_METRICS_MAX} metrics`,
    facts: { name },
    remedy: "make metrics once, in prepare or open, and none per key or tuple",
  });
}

function badResolution(name: string, resolution: unknown): EngineError {
  return new EngineError("METRIC_BAD_RESOLUTION", {
    problem: `the histogram "${name}" has a resolution that is no positive number`,
    facts: { resolution },
    remedy: "give the smallest difference that matters, in the unit of the values",
  });
}

function badValue(name: string, value: unknown, wanted: string): EngineError {
  return new EngineError("METRIC_BAD_VALUE", {
    problem: `the metric "${name}" is given something else than a number that is ${wanted}`,
    facts: { value },
    remedy: "see where the number comes from",
  });
}
