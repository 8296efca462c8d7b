import type { ComponentWindowMetrics, MetricsSnapshot, WindowMetrics } from "../metrics/metrics-snapshot.ts";
import type { StormWindow } from "./storm-text.ts";
import { componentWindow, decimalText, STORM_WINDOWS, stormStatus, uptimeText } from "./storm-text.ts";
import { HOST, isSource, lapsedSeconds } from "./topology-pages.ts";
import type { UiComponent, UiTask, UiTopology } from "./ui-source.ts";

/** Storm's component page, and beside it what is exact here: shares of time, levels and percentiles of each task. */
export function componentPage(topology: UiTopology, id: string, window: StormWindow, nowMs: number): object {
  const component = topology.graph.components.find((candidate) => candidate.id === id)!;
  const isSpout = isSource(component);
  const all = topology.metrics({ windows: STORM_WINDOWS.map(({ name }) => name), tasks: false });
  const snapshot = topology.metrics({ windows: [window.name], tasks: true });
  const metrics = componentWindow(snapshot, id, window.name);
  const sampling = topology.tools.inspector?.sampling[id] ?? 0;
  const rows = STORM_WINDOWS.map((row) => windowRow(row, componentWindow(all, id, row.name), isSpout));
  return {
    id,
    encodedId: encodeURIComponent(id),
    name: topology.id,
    topologyId: topology.id,
    encodedTopologyId: encodeURIComponent(topology.id),
    topologyStatus: stormStatus(topology.state),
    componentType: isSpout ? "spout" : "bolt",
    kind: component.kind,
    window: window.key,
    windowHint: window.pretty,
    executors: component.tasks.length,
    tasks: component.tasks.length,
    schedulerDisplayResource: false,
    debug: sampling > 0,
    samplingPct: sampling,
    eventLogLink: "",
    profilingAndDebuggingCapable: topology.tools.profiler !== null,
    profileActionEnabled: topology.tools.profiler !== null,
    profilerActive: [],
    ...(isSpout ? { spoutSummary: rows } : { boltStats: rows, inputStats: inputStats(metrics) }),
    outputStats: outputStats(metrics, isSpout),
    executorStats: component.tasks.map((task) => executorRow(snapshot, component, task, window)),
    componentErrors: topology
      .errors()
      .filter((error) => error.component === id)
      .map((error) => ({
        errorTime: error.timeMs,
        errorHost: HOST,
        errorPort: error.worker,
        errorLapsedSecs: lapsedSeconds(error, nowMs),
        errorWorkerLogLink: "",
        error: error.text,
      })),
    taskStats: component.tasks.map((task) => taskRow(snapshot, id, task, window)),
    shares: metrics?.shares ?? null,
    levels: snapshot?.components[id]?.levels ?? null,
    latency: {
      execute: metrics?.execute ?? null,
      process: metrics?.process ?? null,
      complete: metrics?.complete ?? null,
    },
    user: snapshot?.components[id]?.user ?? {},
  };
}

function windowRow(window: StormWindow, metrics: ComponentWindowMetrics | null, isSpout: boolean): object {
  const { emitted = 0, transferred = 0, acked = 0, failed = 0, executed = 0 } = metrics?.counts ?? {};
  const row = { windowPretty: window.pretty, window: window.key, emitted, transferred, acked, failed };
  if (isSpout) return { ...row, completeLatency: decimalText(metrics?.complete?.mean) };
  return {
    ...row,
    executed,
    executeLatency: decimalText(metrics?.executeMs),
    processLatency: decimalText(metrics?.process?.mean),
    capacity: decimalText(metrics?.capacity),
  };
}

function inputStats(metrics: ComponentWindowMetrics | null): object[] {
  return (metrics?.inputs ?? []).map(({ component, stream, input, executed, acked, failed }) => ({
    component,
    encodedComponentId: encodeURIComponent(component),
    stream,
    input,
    executed,
    acked,
    failed,
    executeLatency: decimalText(metrics?.executeMs),
    processLatency: decimalText(metrics?.process?.mean),
  }));
}

function outputStats(metrics: ComponentWindowMetrics | null, isSpout: boolean): object[] {
  return Object.entries(metrics?.outputs ?? {}).map(([stream, { emitted, transferred, acked, failed }]) => ({
    stream,
    emitted,
    transferred,
    ...(isSpout ? { acked, failed, completeLatency: decimalText(metrics?.complete?.mean) } : {}),
  }));
}

function taskWindow(
  snapshot: MetricsSnapshot | null,
  component: string,
  task: number,
  window: StormWindow,
): WindowMetrics | null {
  const found = snapshot?.components[component]?.tasks.find(({ taskId }) => taskId === task);
  return found?.windows[window.name] ?? null;
}

function executorRow(
  snapshot: MetricsSnapshot | null,
  component: UiComponent,
  { task, worker }: UiTask,
  window: StormWindow,
): object {
  const metrics = taskWindow(snapshot, component.id, task, window);
  const { emitted = 0, transferred = 0, acked = 0, failed = 0, executed = 0 } = metrics?.counts ?? {};
  const uptimeMs = snapshot?.uptimeMs ?? 0;
  return {
    id: `[${task}-${task}]`,
    host: HOST,
    port: worker,
    uptime: uptimeText(uptimeMs),
    uptimeSeconds: Math.floor(uptimeMs / 1000),
    workerLogLink: "",
    emitted,
    transferred,
    acked,
    failed,
    ...(isSource(component)
      ? {}
      : { executed, executeLatency: decimalText(metrics?.executeMs), capacity: decimalText(metrics?.capacity) }),
  };
}

function taskRow(
  snapshot: MetricsSnapshot | null,
  component: string,
  { task, worker }: UiTask,
  window: StormWindow,
): object {
  const metrics = taskWindow(snapshot, component, task, window);
  const levels = snapshot?.components[component]?.tasks.find(({ taskId }) => taskId === task)?.levels ?? null;
  return {
    task,
    worker,
    spanMs: metrics?.spanMs ?? 0,
    counts: metrics?.counts ?? null,
    shares: metrics?.shares ?? null,
    executeMs: metrics?.executeMs ?? null,
    meanBatchRows: metrics?.meanBatchRows ?? null,
    levels,
  };
}
