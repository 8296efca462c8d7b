import type { MetricsConsumer } from "../metrics/metrics-consumer.ts";
import type { MetricsSnapshot, SnapshotOptions } from "../metrics/metrics-snapshot.ts";
import type { ConsumerOptions } from "../metrics/run-metrics.ts";
import type { FeedersOf, OutputsOf } from "../topology/topology-ports.ts";
import type { PhysicalPlan } from "./plan/physical-plan.ts";
import type { RunInspector } from "./run-inspector.ts";
import type { RunLogLevels, RunProfiler } from "./run-tools.ts";
import type { RunEvents, RunState, RunSummary, RunTotals } from "./run-types.ts";

/** Shows some of a run's tuples, and the ways that trees take: off until it is asked for, and then nearly free. */
export type EventInspector = Pick<RunInspector, "sampling" | "sample" | "tuples" | "trees">;
/** Records CPU profiles and heap snapshots of worker threads, in the formats of browsers' developer tools. */
export type WorkerProfiler = Pick<RunProfiler, "start" | "stop" | "dump" | "heapSnapshot">;
/** Changes the levels of loggers: of "ROOT", which is all of the run's, and of a component's tasks. */
export type LogLevels = Pick<RunLogLevels, "list" | "set">;

/** A running topology, typed by the ports that its builder function returned. */
export interface Run<Ports> extends AsyncDisposable {
  readonly name: string;
  readonly state: RunState;
  readonly plan: PhysicalPlan;
  /** The core of each worker; null where it is not pinned. */
  readonly cores: readonly (number | null)[];
  /** What the program may read: async iterators; a slow reader holds the topology back, leaving one detaches it. */
  readonly outputs: OutputsOf<Ports>;
  /** What the program may feed. */
  readonly feeders: FeedersOf<Ports>;
  /** Resolves when the run has ended, with what it did; rejects with the failure that ended it. */
  completed(): Promise<RunSummary>;
  /** Lets spouts emit again. */
  activate(): void;
  /** Stops calling spouts; what was emitted is processed. */
  deactivate(): void;
  /** Ends in order: spouts stop, what was emitted is processed up to the deadline (drainTimeoutMs), tasks close. */
  drain(options?: { readonly deadlineMs?: number }): Promise<RunSummary>;
  /** Ends at once: what was emitted and is not processed yet is dropped. */
  kill(): Promise<RunSummary>;
  /** What the run has done so far, from the tasks' own counters. */
  totals(): RunTotals;
  /** Everything that is counted and timed, over windows of several lengths: docs/METRICS.md. */
  metrics(options?: SnapshotOptions): MetricsSnapshot;
  /** Tells a consumer the run's numbers at the end of each interval, and once more at the end of the run. */
  registerMetricsConsumer(consumer: MetricsConsumer, options: ConsumerOptions): void;
  /** The last tuples of a component, and the ways of sampled trees. */
  readonly inspector: EventInspector;
  /** Null where all tasks are on the main thread, whose profile the program takes itself. */
  readonly profiler: WorkerProfiler | null;
  /** Null where all tasks are on the main thread. */
  readonly logLevels: LogLevels | null;
  on<E extends keyof RunEvents>(event: E, listener: (data: RunEvents[E]) => void): this;
  off<E extends keyof RunEvents>(event: E, listener: (data: RunEvents[E]) => void): this;
}
