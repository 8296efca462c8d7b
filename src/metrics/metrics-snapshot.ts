import type { HistogramSummary } from "./bucket-counts.ts";
import type { ComponentKind, InputCounter, OutputCounter, ShownLevel } from "./metric-layout.ts";
import type { WindowName } from "./rolling-windows.ts";

/** Counts of a span: Storm's words with Storm's definitions, exact. docs/METRICS.md defines each. */
export interface MetricCounts {
  readonly emitted: number;
  readonly transferred: number;
  readonly executed: number;
  readonly acked: number;
  readonly failed: number;
  readonly firsts: number;
  readonly replayed: number;
  readonly failedBolt: number;
  readonly timedOut: number;
  readonly failedWorkerLost: number;
  readonly failedRejected: number;
  readonly errors: number;
  readonly restarts: number;
  readonly dropped: number;
  readonly expired: number;
  readonly deadLettered: number;
}

/** What a task did with its time, as shares of 1. */
export interface TimeShares {
  readonly busy: number;
  /** Its output found no room. */
  readonly blocked: number;
  /** Promises of its own code were pending, and it took no input. */
  readonly waiting: number;
  readonly idle: number;
}

/** An output stream; `firsts`, `replayed`, `acked` and `failed` are 0 for bolts, which count acks by input. */
export type OutputMetrics = Readonly<Record<OutputCounter, number>>;

/** What came into a bolt over one subscription. */
export interface InputMetrics extends Readonly<Record<InputCounter, number>> {
  readonly component: string;
  readonly stream: string;
  /** The input of the bolt that the subscription leads into. */
  readonly input: string;
}

/** What a task, or all tasks of a component together, did in a window. */
export interface WindowMetrics {
  /** What the window covers: its length and a little more, or the uptime if that is less. */
  readonly spanMs: number;
  readonly counts: MetricCounts;
  /** Of a component, the mean of its tasks. */
  readonly shares: TimeShares;
  /** As in Storm: share of the window spent in `execute`; the highest of the tasks. Null for all but bolts. */
  readonly capacity: number | null;
  /** Mean time in `execute` per tuple, from exact sums; null when nothing was executed. */
  readonly executeMs: number | null;
  /** Rows per batch that arrived; null when none did. */
  readonly meanBatchRows: number | null;
  /** By stream. */
  readonly outputs: Readonly<Record<string, OutputMetrics>>;
  readonly inputs: readonly InputMetrics[];
}

/** A window of a component, with its histograms, in ms. Null where nothing was recorded, or nothing ever is. */
export interface ComponentWindowMetrics extends WindowMetrics {
  readonly execute: HistogramSummary | null;
  readonly process: HistogramSummary | null;
  readonly complete: HistogramSummary | null;
}

export type TaskLevels = Readonly<Record<ShownLevel, number>>;

export interface TaskMetricsSnapshot {
  readonly taskId: number;
  readonly levels: TaskLevels;
  readonly windows: Readonly<Partial<Record<WindowName, WindowMetrics>>>;
}

/** A metric that user code has made, over all tasks of its component. */
export type UserMetricSnapshot =
  | { readonly kind: "counter"; readonly count: number }
  | {
      readonly kind: "meter";
      readonly count: number;
      /** By window. */
      readonly perSecond: Readonly<Partial<Record<WindowName, number>>>;
    }
  | {
      readonly kind: "gauge";
      readonly sum: number;
      readonly min: number;
      readonly max: number;
      readonly mean: number;
      readonly byTask: Readonly<Record<number, number>>;
    }
  | { readonly kind: "histogram"; readonly windows: Readonly<Partial<Record<WindowName, HistogramSummary | null>>> };

/** The numbers of one component. */
export interface ComponentMetrics {
  readonly kind: ComponentKind;
  readonly windows: Readonly<Partial<Record<WindowName, ComponentWindowMetrics>>>;
  /** Sums over the tasks; of `timedEvery`, the highest. */
  readonly levels: TaskLevels;
  /** Empty when tasks were not asked for. */
  readonly tasks: readonly TaskMetricsSnapshot[];
  readonly user: Readonly<Record<string, UserMetricSnapshot>>;
}

/** What a whole topology did in a window: acks, fails and latency are those of its spouts, as in Storm. */
export interface TopologyWindowMetrics {
  readonly spanMs: number;
  readonly counts: MetricCounts;
  readonly complete: HistogramSummary | null;
}

/** All metrics of a run at one moment: plain data. */
export interface MetricsSnapshot {
  readonly topology: string;
  readonly epoch: number;
  /** When the numbers were read: ms since 1970. */
  readonly timeMs: number;
  readonly uptimeMs: number;
  readonly windows: Readonly<Partial<Record<WindowName, TopologyWindowMetrics>>>;
  /** By component id, in order of declaration. */
  readonly components: Readonly<Record<string, ComponentMetrics>>;
}

/** What of the numbers is wanted. */
export interface SnapshotOptions {
  /** Default: all. */
  readonly windows?: readonly WindowName[];
  /** Whether tasks are told one by one. Default: true. */
  readonly tasks?: boolean;
}
