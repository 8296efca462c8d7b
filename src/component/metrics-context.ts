/** Counts what user code wants to count; over the tasks of a component the sum. */
export interface MetricCounter {
  /** @param by whole, from 0 to 2^31 - 1; default 1 */
  increment(by?: number): void;
}

/** Counts what happens, and tells how often: as a counter, with its rate over each window. */
export interface MetricMeter {
  /** @param by whole, from 0 to 2^31 - 1; default 1 */
  mark(by?: number): void;
}

/** A number that holds until another is set. */
export interface MetricGauge {
  set(value: number): void;
}

/** Collects values of which percentiles are told: latencies, sizes. */
export interface MetricHistogram {
  /** @param value not negative */
  record(value: number): void;
}

/** How fine a histogram of user code is. */
export interface MetricHistogramOptions {
  /**
   * The unit of small values: default 0.001. Values up to 16 units are told apart by one unit, larger ones by a
   * sixteenth of themselves, up to 2^36 units.
   */
  readonly resolution?: number;
}

/**
 * A task's own metrics, by name: asked for again, also by an instance that was made anew, it gives the same one. Main
 * adds them up over all tasks of the component.
 *
 * All of them throw METRIC_BAD_NAME, METRIC_KIND_DIFFERS, METRIC_TOO_MANY.
 */
export interface MetricsContext {
  counter(name: string): MetricCounter;
  meter(name: string): MetricMeter;
  /** @param read asked once a second on the task's thread, instead of `set`; what it throws changes nothing */
  gauge(name: string, read?: () => number): MetricGauge;
  /** @throws EngineError also METRIC_BAD_RESOLUTION */
  histogram(name: string, options?: MetricHistogramOptions): MetricHistogram;
}
