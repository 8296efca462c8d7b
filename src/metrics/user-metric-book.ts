import { readCounter, SharedNumber } from "../memory/hot-counters.ts";
import { HistogramReader } from "../memory/shared-histogram.ts";
import { type KeptCounts, keepCounts, newCounts, summarizeSince } from "./bucket-counts.ts";
import type { UserMetricSnapshot } from "./metrics-snapshot.ts";
import { RollingWindows, WINDOW_NAMES, type WindowName } from "./rolling-windows.ts";
import type { UserMetricDefinition, UserMetricKind } from "./task-metrics.ts";

/** What a gauge or counter of one task says; what a task before it in its place had counted is added. */
interface TaskValue {
  words: Int32Array;
  before: number;
}

interface Metric {
  readonly component: string;
  readonly name: string;
  readonly kind: UserMetricKind;
  readonly unitsPerValue: number;
  readonly tasks: Map<number, TaskValue>;
  readonly readers: Map<number, HistogramReader>;
  readonly counts: Float64Array;
  maxUnits: number;
  /** Of a counter or meter, the sum over its tasks at the last reading. */
  total: number;
}

interface KeptMetric {
  readonly total: number;
  readonly counts: KeptCounts | null;
}

/**
 * Main's side of the metrics that user code makes: takes definitions, reads the memory behind them, and tells what
 * became of them over all tasks of a component.
 */
export class UserMetricBook {
  readonly #metrics = new Map<string, Metric>();
  readonly #windows: RollingWindows<ReadonlyMap<string, KeptMetric>>;

  constructor(startMs: number) {
    this.#windows = new RollingWindows(startMs);
  }

  /**
   * A task makes a metric, or makes it again since it runs on another thread now: what it counted goes on.
   *
   * @returns false when tasks of the component disagree in its kind or resolution: this one's is left out
   */
  define(component: string, definition: UserMetricDefinition): boolean {
    const { name, kind, unitsPerValue, taskId, words } = definition;
    const key = `${component} ${name}`;
    let metric = this.#metrics.get(key);
    if (metric === undefined) {
      const histogram = kind === "histogram" ? newCounts() : new Float64Array(0);
      const memory = { tasks: new Map(), readers: new Map(), counts: histogram };
      metric = { component, name, kind, unitsPerValue, ...memory, maxUnits: 0, total: 0 };
      this.#metrics.set(key, metric);
    }
    if (metric.kind !== kind || metric.unitsPerValue !== unitsPerValue) return false;
    if (kind === "histogram") {
      takeHistogram(metric, metric.readers.get(taskId));
      metric.readers.set(taskId, new HistogramReader(words, 0));
      return true;
    }
    const known = metric.tasks.get(taskId);
    const before = known === undefined || kind === "gauge" ? 0 : countOf(known);
    metric.tasks.set(taskId, { words, before });
    return true;
  }

  /** Takes what stands in the memory of all tasks, and lets windows begin where one is due. */
  read(nowMs: number): void {
    for (const metric of this.#metrics.values()) {
      for (const reader of metric.readers.values()) takeHistogram(metric, reader);
      if (metric.kind === "counter" || metric.kind === "meter") metric.total = totalOf(metric);
    }
    this.#windows.note(nowMs, () => this.#keep());
  }

  /** The sum of a counter or meter over all tasks, at the last reading; 0 for one that nobody has made. */
  totalOf(component: string, name: string): number {
    return this.#metrics.get(`${component} ${name}`)?.total ?? 0;
  }

  /** All metrics of a component by name, as of the last reading. */
  snapshotOf(
    component: string,
    nowMs: number,
    windows: readonly WindowName[] = WINDOW_NAMES,
  ): Record<string, UserMetricSnapshot> {
    const found: Record<string, UserMetricSnapshot> = {};
    for (const [key, metric] of this.#metrics) {
      if (metric.component === component) found[metric.name] = this.#describe(key, metric, nowMs, windows);
    }
    return found;
  }

  #describe(key: string, metric: Metric, nowMs: number, windows: readonly WindowName[]): UserMetricSnapshot {
    if (metric.kind === "counter") return { kind: "counter", count: metric.total };
    if (metric.kind === "gauge") return describeGauge(metric);
    const starts = windows.map((name) => ({ name, ...this.#windows.startOf(name, nowMs) }));
    if (metric.kind === "meter") {
      const perSecond = starts.map(({ name, totals, spanMs }) => {
        const counted = metric.total - (totals?.get(key)?.total ?? 0);
        return [name, spanMs === 0 ? 0 : (counted * 1_000) / spanMs];
      });
      return { kind: "meter", count: metric.total, perSecond: Object.fromEntries(perSecond) };
    }
    const { unitsPerValue, maxUnits } = metric;
    const now = keepCounts(metric.counts);
    const summaries = starts.map(({ name, totals }) => {
      const before = totals?.get(key)?.counts ?? null;
      return [name, summarizeSince(now, before, { unitsPerValue, maxUnits })];
    });
    return { kind: "histogram", windows: Object.fromEntries(summaries) };
  }

  #keep(): ReadonlyMap<string, KeptMetric> {
    const kept = new Map<string, KeptMetric>();
    for (const [key, { kind, total, counts }] of this.#metrics) {
      if (kind === "gauge") continue;
      kept.set(key, { total, counts: kind === "histogram" ? keepCounts(counts) : null });
    }
    return kept;
  }
}

function takeHistogram(metric: Metric, reader: HistogramReader | undefined): void {
  if (reader === undefined) return;
  reader.takeInto(metric.counts);
  metric.maxUnits = Math.max(metric.maxUnits, reader.maxUnits);
}

function countOf({ words, before }: TaskValue): number {
  return before + readCounter(words, 0, 1);
}

function totalOf(metric: Metric): number {
  let total = 0;
  for (const task of metric.tasks.values()) total += countOf(task);
  return total;
}

function describeGauge(metric: Metric): UserMetricSnapshot {
  const byTask: Record<number, number> = {};
  for (const [taskId, { words }] of metric.tasks) byTask[taskId] = new SharedNumber(words).read();
  const values = Object.values(byTask);
  const sum = values.reduce((total, value) => total + value, 0);
  return {
    kind: "gauge",
    sum,
    min: Math.min(...values),
    max: Math.max(...values),
    mean: sum / values.length,
    byTask,
  };
}
