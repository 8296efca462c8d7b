import type { HistogramSummary } from "../metrics/bucket-counts.ts";
import type { MetricCounts, MetricsSnapshot } from "../metrics/metrics-snapshot.ts";
import { componentWindow } from "./storm-text.ts";
import type { UiState, UiTopology, UiWorker } from "./ui-source.ts";

/** A topology at this moment, as the pages and `monitor` show it. */
export interface LiveState {
  /** Of the numbers: ms since 1970; null as long as there are none. */
  readonly timeMs: number | null;
  readonly uptimeMs: number;
  readonly epoch: number;
  readonly state: UiState;
  /** Since the start; null as long as there are no numbers. */
  readonly totals: MetricCounts | null;
  readonly complete: HistogramSummary | null;
  readonly components: Readonly<Record<string, ComponentState>>;
  /** Tuples per second, in the order of the graph's edges. */
  readonly edges: readonly number[];
  readonly workers: readonly UiWorker[];
  /** How many errors there were, of which the last ones are kept. */
  readonly errorCount: number;
}

/** Rates are per second and shares of 1, over the window of 10 s; latencies are ms. */
export interface ComponentState {
  readonly emitted: number;
  readonly executed: number;
  readonly acked: number;
  readonly failed: number;
  readonly busy: number;
  readonly blocked: number;
  readonly waiting: number;
  readonly idle: number;
  readonly capacity: number | null;
  readonly executeMs: number | null;
  /** Of a spout its complete latency, of a bolt that of execute. */
  readonly p50: number | null;
  readonly p99: number | null;
  /** Rows that wait in the tasks' own queues. */
  readonly queued: number;
  readonly pendingTrees: number;
  readonly emittedTotal: number;
  readonly executedTotal: number;
  readonly failedTotal: number;
  readonly errors: number;
  /** Of the fullest ring into one of its tasks; null where it is not known. */
  readonly fill: number | null;
}

/** What the pages show of a topology at this moment: rates are per second, of the window of 10 s. */
export function liveState(topology: UiTopology): LiveState {
  const snapshot = topology.metrics({ windows: ["10s", "all"], tasks: false });
  const fills = topology.queueFills();
  const components = topology.graph.components.map(({ id }): [string, ComponentState] => [
    id,
    { ...componentState(snapshot, id), fill: fills?.[id] ?? null },
  ]);
  return {
    timeMs: snapshot?.timeMs ?? null,
    uptimeMs: snapshot?.uptimeMs ?? 0,
    epoch: snapshot?.epoch ?? 1,
    state: topology.state,
    totals: snapshot?.windows.all?.counts ?? null,
    complete: snapshot?.windows["10s"]?.complete ?? null,
    components: Object.fromEntries(components),
    edges: edgeRates(topology, snapshot),
    workers: topology.workers(),
    errorCount: topology.errors()[0]?.number ?? 0,
  };
}

function componentState(snapshot: MetricsSnapshot | null, id: string): Omit<ComponentState, "fill"> {
  const window = componentWindow(snapshot, id, "10s");
  const all = componentWindow(snapshot, id, "all");
  const perSecond = (count: number | undefined) => rate(count ?? 0, window?.spanMs ?? 0);
  const { busy = 0, blocked = 0, waiting = 0, idle = 0 } = window?.shares ?? {};
  const { waitingRows = 0, backlogRows = 0, pendingTrees = 0 } = snapshot?.components[id]?.levels ?? {};
  const latency = window?.complete ?? window?.execute ?? null;
  return {
    emitted: perSecond(window?.counts.emitted),
    executed: perSecond(window?.counts.executed),
    acked: perSecond(window?.counts.acked),
    failed: perSecond(window?.counts.failed),
    busy,
    blocked,
    waiting,
    idle,
    capacity: window?.capacity ?? null,
    executeMs: window?.executeMs ?? null,
    p50: latency?.p50 ?? null,
    p99: latency?.p99 ?? null,
    queued: waitingRows + backlogRows,
    pendingTrees,
    emittedTotal: all?.counts.emitted ?? 0,
    executedTotal: all?.counts.executed ?? 0,
    failedTotal: all?.counts.failed ?? 0,
    errors: (all?.counts.errors ?? 0) + (all?.counts.restarts ?? 0),
  };
}

/** Tuples per second over each edge, as its consumer executes them. */
function edgeRates({ graph }: UiTopology, snapshot: MetricsSnapshot | null): number[] {
  return graph.edges.map(({ from, stream, to, input }) => {
    const window = componentWindow(snapshot, to, "10s");
    const found = window?.inputs.find(
      (candidate) => candidate.component === from && candidate.stream === stream && candidate.input === input,
    );
    return rate(found?.executed ?? 0, window?.spanMs ?? 0);
  });
}

function rate(count: number, spanMs: number): number {
  return spanMs <= 0 ? 0 : Math.round((count * 10_000) / spanMs) / 10;
}
