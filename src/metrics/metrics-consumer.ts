import type { CountSource } from "./count-source.ts";
import type { Interval } from "./interval-clock.ts";
import type { ComponentShape, HistogramName, MetricLayout } from "./metric-layout.ts";
import type { MetricsSnapshot, SnapshotOptions } from "./metrics-snapshot.ts";

/** What a consumer is told at the end of an interval. Good until `report` returns. */
export interface MetricsReport extends Interval {
  readonly topology: string;
  /** All metrics as they were read for this report. */
  snapshot(options?: SnapshotOptions): MetricsSnapshot;
  /** The total of one number since the start of the run: never less than in the report before. */
  totalOf(source: CountSource): number;
  /**
   * Buckets of a component's histogram since the start: see histogram-scale.ts. Null when it has none.
   */
  bucketsOf(component: string, name: HistogramName): Float64Array | null;
}

/** What a consumer learns when it is registered. */
export interface MetricsSource {
  readonly topology: string;
  readonly layout: MetricLayout;
  readonly components: readonly ComponentShape[];
}

/** Takes the metrics of a run at the end of each interval. What it throws is logged, and ends nothing. */
export interface MetricsConsumer {
  /** For the log. */
  readonly name: string;
  /** Called once, before the first report. May throw: the consumer is then not registered. */
  start?(source: MetricsSource): void;
  report(report: MetricsReport): void | Promise<void>;
  /** Called after the last report. */
  close?(): void | Promise<void>;
}
