import type { ComponentWindowMetrics, MetricsSnapshot } from "../metrics/metrics-snapshot.ts";
import type { WindowName } from "../metrics/rolling-windows.ts";
import type { StormWindow } from "./storm-text.ts";
import { componentWindow, decimalText, STORM_WINDOWS, stormStatus, uptimeText } from "./storm-text.ts";
import type { UiComponent, UiError, UiTopology, UiWorker } from "./ui-source.ts";

/** Threads have no host; tools that show one get this. */
export const HOST = "localhost";

/** A row of Storm's topology summary. */
export function summaryRow(topology: UiTopology): object {
  const uptimeMs = topology.metrics({ windows: [], tasks: false })?.uptimeMs ?? 0;
  const tasksTotal = taskCount(topology);
  return {
    id: topology.id,
    encodedId: encodeURIComponent(topology.id),
    name: topology.id,
    status: stormStatus(topology.state),
    state: topology.state,
    uptime: uptimeText(uptimeMs),
    uptimeSeconds: Math.floor(uptimeMs / 1000),
    tasksTotal,
    workersTotal: topology.graph.cores.length,
    executorsTotal: tasksTotal,
    replicationCount: 1,
  };
}

/** Storm's topology page. */
export function topologyPage(topology: UiTopology, window: StormWindow, nowMs: number): object {
  const names = STORM_WINDOWS.map(({ name }) => name);
  const snapshot = topology.metrics({ windows: names, tasks: false });
  const errors = topology.errors();
  const sampling = topology.tools.inspector?.sampling[""] ?? 0;
  const rows = topology.graph.components.map((component) => ({
    component,
    row: componentRow(snapshot, component, window.name, lastErrorOf(errors, component.id, nowMs)),
  }));
  const uptimeMs = snapshot?.uptimeMs ?? 0;
  return {
    ...summaryRow(topology),
    window: window.key,
    windowHint: window.pretty,
    msgTimeout: topology.messageTimeoutMs === null ? null : topology.messageTimeoutMs / 1000,
    schedulerDisplayResource: false,
    debug: sampling > 0,
    samplingPct: sampling,
    topologyStats: topologyStats(snapshot),
    workers: topology.workers().map((worker) => workerRow(topology, worker, uptimeMs)),
    spouts: rows.filter(({ component }) => isSource(component)).map(({ row }) => row),
    bolts: rows.filter(({ component }) => !isSource(component)).map(({ row }) => row),
    configuration: configurationOf(topology),
  };
}

/** Name to value; what is secret is masked already. */
export function configurationOf(topology: UiTopology): Record<string, unknown> {
  return Object.fromEntries((topology.settings ?? []).map(({ name, value }) => [name, value]));
}

/** Feeders are told as spouts, and outputs as bolts. */
export function isSource({ kind }: UiComponent): boolean {
  return kind === "spout" || kind === "feeder";
}

export function taskCount({ graph }: UiTopology): number {
  return graph.components.reduce((sum, { tasks }) => sum + tasks.length, 0);
}

/** The newest error of a component in Storm's fields. */
export function lastErrorOf(errors: readonly UiError[], component: string, nowMs: number): object {
  const error = errors.find((candidate) => candidate.component === component);
  return {
    lastError: error?.text ?? "",
    errorHost: error === undefined ? "" : HOST,
    errorPort: error?.worker ?? null,
    errorWorkerLogLink: "",
    errorTime: error === undefined ? null : Math.floor(error.timeMs / 1000),
    errorLapsedSecs: error === undefined ? null : lapsedSeconds(error, nowMs),
  };
}

export function lapsedSeconds({ timeMs }: UiError, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - timeMs) / 1000));
}

function topologyStats(snapshot: MetricsSnapshot | null): object[] {
  return STORM_WINDOWS.map(({ name, key, pretty }) => {
    const window = snapshot?.windows[name];
    const { emitted = 0, transferred = 0, acked = 0, failed = 0 } = window?.counts ?? {};
    const completeLatency = decimalText(window?.complete?.mean);
    return { windowPretty: pretty, window: key, emitted, transferred, completeLatency, acked, failed };
  });
}

function componentRow(
  snapshot: MetricsSnapshot | null,
  component: UiComponent,
  windowName: WindowName,
  lastError: object,
): object {
  const window = componentWindow(snapshot, component.id, windowName);
  const { emitted = 0, transferred = 0, acked = 0, failed = 0, executed = 0 } = window?.counts ?? {};
  const { id, tasks } = component;
  const common = { executors: tasks.length, tasks: tasks.length, emitted, transferred, acked, failed, ...lastError };
  if (isSource(component)) {
    return {
      spoutId: id,
      encodedSpoutId: encodeURIComponent(id),
      ...common,
      completeLatency: decimalText(window?.complete?.mean),
    };
  }
  return {
    boltId: id,
    encodedBoltId: encodeURIComponent(id),
    ...common,
    executed,
    executeLatency: decimalText(window?.executeMs),
    processLatency: decimalText(window?.process?.mean),
    // Storm's capacity is of the last ten minutes, whatever window is asked for.
    capacity: decimalText(componentWindow(snapshot, id, "10m")?.capacity),
  };
}

function workerRow(topology: UiTopology, { worker, core, tasks, stats }: UiWorker, uptimeMs: number): object {
  const componentNumTasks: Record<string, number> = {};
  for (const { id, tasks: own } of topology.graph.components) {
    const count = own.filter((task) => task.worker === worker).length;
    if (count > 0) componentNumTasks[id] = count;
  }
  return {
    supervisorId: HOST,
    host: HOST,
    port: worker,
    topologyId: topology.id,
    topologyName: topology.id,
    executorsTotal: tasks.length,
    componentNumTasks,
    uptime: uptimeText(uptimeMs),
    uptimeSeconds: Math.floor(uptimeMs / 1000),
    core,
    stats,
  };
}

/** Storm's metrics page: numbers of each component by stream. */
export function streamMetricsPage(topology: UiTopology, window: StormWindow): object {
  const snapshot = topology.metrics({ windows: [window.name], tasks: false });
  const pageOf = (component: UiComponent): object => {
    const metrics = componentWindow(snapshot, component.id, window.name);
    return { id: component.id, ...(isSource(component) ? spoutStreams(metrics) : boltStreams(metrics)) };
  };
  const { components } = topology.graph;
  return {
    window: window.key,
    "window-hint": window.pretty,
    spouts: components.filter(isSource).map(pageOf),
    bolts: components.filter((component) => !isSource(component)).map(pageOf),
  };
}

function spoutStreams(metrics: ComponentWindowMetrics | null): object {
  const outputs = Object.entries(metrics?.outputs ?? {});
  const complete = decimalText(metrics?.complete?.mean);
  return {
    emitted: outputs.map(([stream_id, { emitted }]) => ({ stream_id, value: emitted })),
    transferred: outputs.map(([stream_id, { transferred }]) => ({ stream_id, value: transferred })),
    acked: outputs.map(([stream_id, { acked }]) => ({ stream_id, value: acked })),
    failed: outputs.map(([stream_id, { failed }]) => ({ stream_id, value: failed })),
    complete_ms_avg: outputs.map(([stream_id]) => ({ stream_id, value: complete })),
  };
}

function boltStreams(metrics: ComponentWindowMetrics | null): object {
  const outputs = Object.entries(metrics?.outputs ?? {});
  const inputs = (metrics?.inputs ?? []).map(({ component, stream, executed, acked, failed }) => ({
    key: { component_id: component, stream_id: stream },
    executed,
    acked,
    failed,
  }));
  const process = decimalText(metrics?.process?.mean);
  const execute = decimalText(metrics?.executeMs);
  return {
    emitted: outputs.map(([stream_id, { emitted }]) => ({ stream_id, value: emitted })),
    transferred: outputs.map(([stream_id, { transferred }]) => ({ stream_id, value: transferred })),
    acked: inputs.map(({ key, acked }) => ({ ...key, value: acked })),
    failed: inputs.map(({ key, failed }) => ({ ...key, value: failed })),
    process_ms_avg: inputs.map(({ key }) => ({ ...key, value: process })),
    executed: inputs.map(({ key, executed }) => ({ ...key, value: executed })),
    executed_ms_avg: inputs.map(({ key }) => ({ ...key, value: execute })),
  };
}
