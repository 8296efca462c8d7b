import {
  NO_TOOLS,
  type SettingRow,
  type UiBucket,
  type UiComponent,
  type UiError,
  type UiGraph,
  type UiLag,
  type UiSource,
  type UiState,
  type UiTools,
  type UiTopology,
  type UiWorker,
} from "../../../src/http/ui-source.ts";
import type { HistogramSummary } from "../../../src/metrics/bucket-counts.ts";
import type {
  ComponentWindowMetrics,
  MetricCounts,
  MetricsSnapshot,
  SnapshotOptions,
  TaskLevels,
} from "../../../src/metrics/metrics-snapshot.ts";
import { WINDOW_NAMES } from "../../../src/metrics/rolling-windows.ts";

export const COUNTS: MetricCounts = {
  emitted: 200,
  transferred: 300,
  executed: 100,
  acked: 90,
  failed: 10,
  firsts: 0,
  replayed: 0,
  failedBolt: 4,
  timedOut: 3,
  failedWorkerLost: 2,
  failedRejected: 1,
  errors: 5,
  restarts: 1,
  dropped: 0,
  expired: 0,
  deadLettered: 0,
};
export const LATENCY: HistogramSummary = { count: 100, mean: 1.5, p50: 1, p90: 2, p99: 3, p999: 4, max: 5 };
const LEVELS: TaskLevels = { executing: 0, waitingRows: 7, backlogRows: 2, pendingTrees: 11, timedEvery: 1 };
const SPAN_MS = 10_000;

/** "lines" into "split" over a stream that is called like markup, and "split" into "count". */
export const GRAPH: UiGraph = {
  components: [
    { id: "lines", kind: "spout", depth: 0, tasks: [{ task: 1, worker: 0 }] },
    { id: "split", kind: "bolt", depth: 1, tasks: [2, 3].map((task) => ({ task, worker: task - 2 })) },
    { id: "count", kind: "bolt", depth: 2, tasks: [4, 5].map((task) => ({ task, worker: task - 4 })) },
    { id: "__output.counts", kind: "output", depth: 3, tasks: [{ task: 6, worker: null }] },
  ],
  edges: [
    edge("lines", "<b>bold</b>", "split", "shuffle"),
    { ...edge("split", "default", "count", "fields"), fields: ["word"] },
    edge("count", "default", "__output.counts", "global"),
  ],
  cores: [3, null],
};

function edge(from: string, stream: string, to: string, grouping: string): UiGraph["edges"][number] {
  return { from, stream, to, input: "default", grouping, fields: [], feedback: false };
}

/** Everything that a window of a component may hold, with the edges of the graph as its inputs and outputs. */
function windowOf(graph: UiGraph, { id, kind }: UiComponent): ComponentWindowMetrics {
  const isBolt = kind === "bolt";
  const streams = [...new Set(graph.edges.filter(({ from }) => from === id).map(({ stream }) => stream))];
  const output = { emitted: 200, transferred: 300, firsts: 0, replayed: 0, acked: 90, failed: 10 };
  return {
    spanMs: SPAN_MS,
    counts: COUNTS,
    shares: { busy: 0.5, blocked: 0.25, waiting: 0.05, idle: 0.2 },
    capacity: isBolt ? 0.55 : null,
    executeMs: isBolt ? 0.125 : null,
    meanBatchRows: isBolt ? 12.5 : null,
    outputs: Object.fromEntries(streams.map((stream) => [stream, output])),
    inputs: graph.edges
      .filter(({ to }) => to === id)
      .map(({ from, stream, input }) => ({ component: from, stream, input, executed: 100, acked: 90, failed: 10 })),
    execute: isBolt ? LATENCY : null,
    process: isBolt ? LATENCY : null,
    complete: kind === "spout" ? LATENCY : null,
  };
}

export function snapshotOf(
  topology: string,
  graph: UiGraph,
  { windows, tasks = true }: SnapshotOptions,
): MetricsSnapshot {
  const names = windows ?? WINDOW_NAMES;
  const components = graph.components.map((component) => {
    const window = windowOf(graph, component);
    const { execute: _execute, process: _process, complete: _complete, ...taskWindow } = window;
    const rows = component.tasks.map(({ task }) => ({
      taskId: task,
      levels: LEVELS,
      windows: Object.fromEntries(names.map((name) => [name, taskWindow])),
    }));
    return [
      component.id,
      {
        kind: component.kind,
        windows: Object.fromEntries(names.map((name) => [name, window])),
        levels: LEVELS,
        tasks: tasks ? rows : [],
        user: {},
      },
    ] as const;
  });
  return {
    topology,
    epoch: 1,
    timeMs: 1_700_000_000_000,
    uptimeMs: 365_000,
    windows: Object.fromEntries(names.map((name) => [name, { spanMs: SPAN_MS, counts: COUNTS, complete: LATENCY }])),
    components: Object.fromEntries(components),
  };
}

/** A topology that a test plays. */
export class FakeTopology implements UiTopology {
  readonly id: string;
  graph = GRAPH;
  state: UiState = "active";
  tools: UiTools = NO_TOOLS;
  settings: readonly SettingRow[] | null = [
    { name: "messageTimeoutMs", value: 30_000, origin: "default", masked: false },
    { name: "logLevel", value: "warn", origin: "cluster", masked: false },
  ];
  messageTimeoutMs: number | null = 30_000;
  errorList: UiError[] = [];
  buckets: readonly UiBucket[] | null = [{ fromMs: 0.5, toMs: 1, count: 3 }];
  fills: Readonly<Record<string, number>> | null = { split: 0.75 };
  lagList: Readonly<Record<string, UiLag>> = {};
  hasNumbers = true;
  /** What was asked of it, in order. */
  readonly calls: string[] = [];
  snapshots = 0;

  constructor(id = "word-count") {
    this.id = id;
  }

  metrics(options: SnapshotOptions): MetricsSnapshot | null {
    this.snapshots += 1;
    return this.hasNumbers ? snapshotOf(this.id, this.graph, options) : null;
  }

  errors(): readonly UiError[] {
    return this.errorList;
  }

  workers(): readonly UiWorker[] {
    const tasks = this.graph.components.flatMap((component) => component.tasks);
    return this.graph.cores.map((core, worker) => ({
      worker,
      core,
      tasks: tasks.filter((task) => task.worker === worker).map(({ task }) => task),
      stats: null,
    }));
  }

  lags(): Readonly<Record<string, UiLag>> {
    return this.lagList;
  }

  queueFills(): Readonly<Record<string, number>> | null {
    return this.fills;
  }

  bucketsOf(): readonly UiBucket[] | null {
    return this.buckets;
  }

  activate(): void {
    this.calls.push("activate");
    this.state = "active";
  }

  deactivate(): void {
    this.calls.push("deactivate");
    this.state = "inactive";
  }

  kill(deadlineMs: number | null): void {
    this.calls.push(`kill ${deadlineMs}`);
    this.state = "draining";
  }
}

export class FakeSource implements UiSource {
  prometheus: (() => Promise<string>) | null = async () => "# HELP up Up.\n# TYPE up gauge\nup 1\n";
  list: FakeTopology[];

  constructor(...topologies: FakeTopology[]) {
    this.list = topologies;
  }

  topologies(): readonly UiTopology[] {
    return this.list;
  }
}
