import type { HistogramName } from "../metrics/metric-layout.ts";
import type { MetricsSnapshot, SnapshotOptions } from "../metrics/metrics-snapshot.ts";

/**
 * What the server knows of the process: everything that it shows, and everything that it can do, goes through this.
 * docs/UI.md says how a run becomes one.
 */
export interface UiSource {
  /** Those that run, in the order of their submits; then those that have ended, the newest first, bounded. */
  topologies(): readonly UiTopology[];
  /** Text of Prometheus for all topologies; null where nobody makes it. */
  readonly prometheus: (() => Promise<string>) | null;
}

/** What a topology is doing, in the engine's words. */
export type UiState =
  | "starting"
  | "active"
  | "inactive"
  | "draining"
  | "stopping"
  | "completed"
  | "drained"
  | "killed"
  | "failed";

const ENDED_STATES: readonly string[] = ["completed", "drained", "killed", "failed"] satisfies UiState[];

/** Whether a topology has come to its end. */
export function hasEnded({ state }: { readonly state: string }): boolean {
  return ENDED_STATES.includes(state);
}

export interface UiTopology {
  /** Its name: unique among the running ones. */
  readonly id: string;
  readonly state: UiState;
  /** Does not change while the topology runs. */
  readonly graph: UiGraph;
  /** Null as long as there are no numbers. */
  metrics(options: SnapshotOptions): MetricsSnapshot | null;
  /** Newest first, bounded. */
  errors(): readonly UiError[];
  workers(): readonly UiWorker[];
  /** By component, the fullest ring into one of its tasks, as a share of 1; null where it is not known. */
  queueFills(): Readonly<Record<string, number>> | null;
  /** Buckets in use since the start, ascending; null where the component has no such histogram. */
  bucketsOf(component: string, histogram: HistogramName): readonly UiBucket[] | null;
  /** Null where it is not known what was set. */
  readonly settings: readonly SettingRow[] | null;
  /** Longest time that a tuple may take, for Storm's `msgTimeout`; null where it is not known. */
  readonly messageTimeoutMs: number | null;
  /** By spout that tells by a gauge named "lag" how far it is behind its source. */
  lags(): Readonly<Record<string, UiLag>>;
  readonly tools: UiTools;

  /** Lets spouts emit again. */
  activate(): void;
  /** Stops calling spouts. */
  deactivate(): void;
  /** Ends it: what is under way is finished within `deadlineMs`; null stands for the topology's own. 0 drops it. */
  kill(deadlineMs: number | null): void;
}

export interface UiGraph {
  readonly components: readonly UiComponent[];
  readonly edges: readonly UiEdge[];
  /** The core of each worker; null where it is not bound to one. */
  readonly cores: readonly (number | null)[];
}

export interface UiComponent {
  readonly id: string;
  readonly kind: "spout" | "bolt" | "feeder" | "output";
  /** Longest path from a source. */
  readonly depth: number;
  readonly tasks: readonly UiTask[];
}

export interface UiTask {
  readonly task: number;
  /** Null for a task on the main thread. */
  readonly worker: number | null;
}

export interface UiEdge {
  readonly from: string;
  readonly stream: string;
  readonly to: string;
  readonly input: string;
  readonly grouping: string;
  /** Of a grouping by fields. */
  readonly fields: readonly string[];
  readonly feedback: boolean;
}

export interface UiError {
  /** Rises with each error of the topology, from 1. */
  readonly number: number;
  /** ms since 1970. */
  readonly timeMs: number;
  readonly kind: "failed" | "reported" | "tuple-failed" | "task-restarted" | "worker-replaced" | "stalled";
  readonly component: string | null;
  readonly task: number | null;
  readonly worker: number | null;
  readonly text: string;
}

export interface UiWorker {
  readonly worker: number;
  readonly core: number | null;
  /** Ascending task ids. */
  readonly tasks: readonly number[];
  readonly stats: UiWorkerStats | null;
}

/** What a thread uses, as far as it is known. */
export interface UiWorkerStats {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** Share of the last seconds spent collecting garbage. */
  readonly gcShare: number;
  /** Share of one core. */
  readonly cpuShare: number;
  readonly restarts: number;
}

export interface UiBucket {
  readonly fromMs: number;
  readonly toMs: number;
  readonly count: number;
}

/** One option of a run: what it is, and who set it. */
export interface SettingRow {
  readonly name: string;
  /** For a masked one, a mask. */
  readonly value: unknown;
  readonly origin: "default" | "cluster" | "topology" | "component" | "command line";
  readonly masked: boolean;
}

/** What a run may offer besides its numbers; null as long as it does not. */
export interface UiTools {
  readonly logLevels: UiLogLevels | null;
  readonly inspector: UiInspector | null;
  readonly profiler: UiProfiler | null;
}

export const NO_TOOLS: UiTools = { logLevels: null, inspector: null, profiler: null };

/** How far a spout is behind its source, in Storm's shape. */
export interface UiLag {
  readonly spoutId: string;
  readonly spoutType: string;
  /** Messages that are still to be read, in all and by task. */
  readonly spoutLagResult: { readonly lag: number; readonly byTask: Readonly<Record<number, number>> };
}

export interface LogLevelChange {
  /** Null takes the change back. */
  readonly level: string | null;
  /** After which the level before holds again; 0 for never. */
  readonly durationMs: number;
}

export interface LogLevelState {
  readonly logger: string;
  readonly level: string;
  readonly levelBefore: string;
  readonly durationMs: number;
  /** When the level before comes back: ms since 1970; null for never. */
  readonly untilMs: number | null;
}

export interface UiLogLevels {
  /** Loggers are "ROOT" and the ids of components. */
  list(): readonly LogLevelState[];
  set(logger: string, change: LogLevelChange): void;
}

export interface InspectedTuple {
  readonly timeMs: number;
  readonly component: string;
  readonly stream: string;
  readonly task: number;
  /** Values of the fields, in a form that JSON has. */
  readonly values: readonly unknown[];
}

export interface UiInspector {
  /** Share of tuples in percent, by component; all of them under the key "". */
  readonly sampling: Readonly<Record<string, number>>;
  /** Null stands for the whole topology; 0 switches off. */
  sample(component: string | null, percent: number): void;
  /** Newest first, bounded. */
  tuples(component: string): readonly InspectedTuple[];
  /** Sampled trees with their hops, newest first, bounded. */
  trees(): readonly unknown[];
}

export interface ProfileFile {
  readonly fileName: string;
  readonly contentType: string;
  readonly content: AsyncIterable<Uint8Array> | string;
}

export interface UiProfiler {
  /** Begins a CPU profile that ends by itself after that time. */
  start(worker: number, durationMs: number): Promise<void>;
  /** Ends it; null when none was going on. */
  stop(worker: number): Promise<ProfileFile | null>;
  /** What was recorded so far; null when none is going on. */
  dump(worker: number): Promise<ProfileFile | null>;
  heapSnapshot(worker: number): Promise<ProfileFile>;
}
