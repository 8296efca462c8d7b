import {
  addSince,
  type HistogramSummary,
  type KeptCounts,
  newCounts,
  summarizeCounts,
  summarizeSince,
} from "./bucket-counts.ts";
import { type ComponentShape, type HistogramName, SHOWN_LEVELS, type ShownLevel } from "./metric-layout.ts";
import type { KeptTotals, MetricsReader } from "./metrics-reader.ts";
import type {
  ComponentMetrics,
  ComponentWindowMetrics,
  MetricCounts,
  MetricsSnapshot,
  SnapshotOptions,
  TaskLevels,
  TaskMetricsSnapshot,
  TopologyWindowMetrics,
  UserMetricSnapshot,
  WindowMetrics,
} from "./metrics-snapshot.ts";
import { type RollingWindows, WINDOW_NAMES, type WindowName, type WindowStart } from "./rolling-windows.ts";
import { UNITS_PER_MS } from "./task-block.ts";
import { COUNT_NAMES, capacityOf, NO_COUNTS, newSpanCounters, takeSpan, windowMetrics } from "./window-metrics.ts";

export interface SnapshotParts {
  readonly topology: string;
  readonly epoch: number;
  readonly timeMs: number;
  /** When the reader last read, and when the run began, on the clock of the windows. */
  readonly readMs: number;
  readonly startMs: number;
  readonly reader: MetricsReader;
  readonly windows: RollingWindows<KeptTotals>;
  readonly userMetricsOf: (component: string) => Readonly<Record<string, UserMetricSnapshot>>;
}

/** Puts what a reader last found, and what its windows remember, into words. Reads nothing anew. */
export function buildSnapshot(parts: SnapshotParts, options: SnapshotOptions = {}): MetricsSnapshot {
  const names = options.windows ?? WINDOW_NAMES;
  const views = names.map((name) => new WindowView(parts.reader, name, parts.windows.startOf(name, parts.readMs)));
  const components = parts.reader.layout.components.map((shape) => {
    const found = componentMetrics(parts.reader, shape, views, options.tasks !== false);
    return [shape.id, { ...found, user: parts.userMetricsOf(shape.id) }] as const;
  });
  return {
    topology: parts.topology,
    epoch: parts.epoch,
    timeMs: parts.timeMs,
    uptimeMs: parts.readMs - parts.startMs,
    windows: Object.fromEntries(views.map((view) => [view.name, view.topology()])),
    components: Object.fromEntries(components),
  };
}

/** One window over all components. */
class WindowView {
  readonly name: WindowName;
  readonly #reader: MetricsReader;
  readonly #start: WindowStart<KeptTotals>;
  readonly #counts: { readonly shape: ComponentShape; readonly counts: MetricCounts }[] = [];

  constructor(reader: MetricsReader, name: WindowName, start: WindowStart<KeptTotals>) {
    this.#reader = reader;
    this.name = name;
    this.#start = start;
  }

  /** @param told called with each task's own window; null when nobody asks */
  component(shape: ComponentShape, told: ((taskId: number, window: WindowMetrics) => void) | null) {
    const { spanMs, totals } = this.#start;
    const sums = newSpanCounters(shape);
    const own = newSpanCounters(shape);
    let highest: number | null = null;
    for (const taskId of shape.taskIds) {
      const place = this.#reader.layout.placeOf(taskId);
      takeSpan(place, this.#reader.counters, totals?.counters ?? null, { own, sums });
      const capacity = capacityOf(shape, own, spanMs);
      if (capacity !== null) highest = Math.max(highest ?? 0, capacity);
      told?.(taskId, windowMetrics(shape, own, { spanMs, taskCount: 1, capacity }));
    }
    const whole = windowMetrics(shape, sums, { spanMs, taskCount: shape.taskIds.length, capacity: highest });
    this.#counts.push({ shape, counts: whole.counts });
    const found: ComponentWindowMetrics = {
      ...whole,
      execute: this.#summary(shape, "execute"),
      process: this.#summary(shape, "process"),
      complete: this.#summary(shape, "complete"),
    };
    return found;
  }

  /** To be called when all components were. */
  topology(): TopologyWindowMetrics {
    const total: { -readonly [Name in keyof MetricCounts]: number } = { ...NO_COUNTS };
    for (const { shape, counts } of this.#counts) {
      const isTrees = isSource(shape);
      for (const name of COUNT_NAMES) {
        if (isTrees || (name !== "acked" && name !== "failed")) total[name] += counts[name];
      }
    }
    return { spanMs: this.#start.spanMs, counts: total, complete: this.#completeOfAll() };
  }

  #completeOfAll(): HistogramSummary | null {
    const counts = newCounts();
    let maxUnits = 0;
    for (const { shape } of this.#counts) {
      const histogram = this.#reader.histogramIndex(shape.id, "complete");
      if (histogram < 0) continue;
      addSince(counts, this.#reader.keptOf(histogram), this.#before(histogram));
      maxUnits = Math.max(maxUnits, this.#reader.maxUnitsOf(histogram));
    }
    return summarizeCounts(counts, { unitsPerValue: UNITS_PER_MS, maxUnits });
  }

  #summary(shape: ComponentShape, name: HistogramName): HistogramSummary | null {
    const histogram = this.#reader.histogramIndex(shape.id, name);
    if (histogram < 0) return null;
    const maxUnits = this.#reader.maxUnitsOf(histogram);
    const now = this.#reader.keptOf(histogram);
    return summarizeSince(now, this.#before(histogram), { unitsPerValue: UNITS_PER_MS, maxUnits });
  }

  #before(histogram: number): KeptCounts | null {
    return this.#start.totals?.histograms[histogram] ?? null;
  }
}

function componentMetrics(
  reader: MetricsReader,
  shape: ComponentShape,
  views: readonly WindowView[],
  withTasks: boolean,
): Omit<ComponentMetrics, "user"> {
  const byTask = new Map<number, Partial<Record<WindowName, WindowMetrics>>>(shape.taskIds.map((id) => [id, {}]));
  const windows: Partial<Record<WindowName, ComponentWindowMetrics>> = {};
  for (const view of views) {
    const told = (taskId: number, window: WindowMetrics) => {
      byTask.get(taskId)![view.name] = window;
    };
    windows[view.name] = view.component(shape, withTasks ? told : null);
  }
  const { taskIds } = shape;
  const toTell = withTasks ? taskIds : [];
  const tasks = toTell.map(
    (taskId): TaskMetricsSnapshot => ({
      taskId,
      levels: levels((name) => reader.levelOf(taskId, name)),
      windows: byTask.get(taskId)!,
    }),
  );
  return { kind: shape.kind, windows, levels: levels((name) => combinedLevel(reader, taskIds, name)), tasks };
}

function levels(levelOf: (name: ShownLevel) => number): TaskLevels {
  return Object.fromEntries(SHOWN_LEVELS.map((name) => [name, levelOf(name)])) as TaskLevels;
}

function combinedLevel(reader: MetricsReader, taskIds: readonly number[], name: ShownLevel): number {
  let combined = 0;
  for (const taskId of taskIds) {
    const level = reader.levelOf(taskId, name);
    combined = name === "timedEvery" ? Math.max(combined, level) : combined + level;
  }
  return combined;
}

function isSource({ kind }: ComponentShape): boolean {
  return kind === "spout" || kind === "feeder";
}
