import { optionDefinition, optionNames } from "../config/option-table.ts";
import type { HistogramName } from "../metrics/metric-layout.ts";
import { componentPage } from "./component-page.ts";
import { liveState } from "./live-state.ts";
import { componentOf, json, notOffered, type Route, RouteError, topologyOf } from "./route.ts";
import { windowOf } from "./storm-text.ts";
import {
  configurationOf,
  HOST,
  lapsedSeconds,
  streamMetricsPage,
  summaryRow,
  taskCount,
  topologyPage,
} from "./topology-pages.ts";
import { hasEnded, type UiSource, type UiTopology } from "./ui-source.ts";

const API = "/api/v1";
const HISTOGRAMS: readonly HistogramName[] = ["execute", "process", "complete"];

/** What can be asked without changing anything. */
export const readRoutes: readonly Route[] = [
  { method: "GET", path: "/healthz", permission: "open", handle: health },
  {
    method: "GET",
    path: "/readyz",
    permission: "open",
    handle: ({ source }) => {
      const topologies = source.topologies().map(({ id, state }) => ({ id, state }));
      const isReady = topologies.every(({ state }) => state !== "starting" && state !== "failed");
      return json({ status: isReady ? "ready" : "not ready", topologies }, isReady ? 200 : 503);
    },
  },
  {
    method: "GET",
    path: "/metrics",
    permission: "read",
    async handle({ source }) {
      if (source.prometheus === null) throw notOffered("Prometheus' text");
      const text = await source.prometheus();
      return { kind: "text", contentType: "text/plain; version=0.0.4; charset=utf-8", text };
    },
  },
  { method: "GET", path: `${API}/cluster/summary`, permission: "read", handle: clusterSummary },
  {
    method: "GET",
    path: `${API}/cluster/configuration`,
    permission: "read",
    handle: () => json(Object.fromEntries(optionNames.map((name) => [name, optionDefinition(name).default]))),
  },
  {
    method: "GET",
    path: `${API}/topology/summary`,
    permission: "read",
    handle: ({ source }) =>
      json({ topologies: source.topologies().map(summaryRow), schedulerDisplayResource: false }),
  },
  {
    method: "GET",
    path: `${API}/topology/:id`,
    permission: "read",
    handle: (request) => json(topologyPage(topologyOf(request), windowOf(request.query), request.nowMs)),
  },
  {
    method: "GET",
    path: `${API}/topology/:id/metrics`,
    permission: "read",
    handle: (request) => json(streamMetricsPage(topologyOf(request), windowOf(request.query))),
  },
  {
    method: "GET",
    path: `${API}/topology/:id/component/:component`,
    permission: "read",
    handle: (request) => {
      const topology = topologyOf(request);
      return json(componentPage(topology, componentOf(request, topology), windowOf(request.query), request.nowMs));
    },
  },
  {
    method: "GET",
    path: `${API}/topology/:id/component/:component/histogram/:histogram`,
    permission: "read",
    handle: (request) => {
      const topology = topologyOf(request);
      const histogram = HISTOGRAMS.find((name) => name === request.params.histogram);
      if (histogram === undefined) throw new RouteError(404, "UNKNOWN_HISTOGRAM", "there is no such histogram");
      return json({ buckets: topology.bucketsOf(componentOf(request, topology), histogram) ?? [] });
    },
  },
  {
    method: "GET",
    path: `${API}/topology/:id/configuration`,
    permission: "read",
    handle: (request) => json({ settings: topologyOf(request).settings ?? [] }),
  },
  {
    method: "GET",
    path: `${API}/topology/:id/graph`,
    permission: "read",
    handle: (request) => json(graphOf(topologyOf(request))),
  },
  {
    method: "GET",
    path: `${API}/topology/:id/snapshot`,
    permission: "read",
    handle: (request) => {
      const window = windowOf(request.query);
      const tasks = request.query.get("tasks") === "1";
      return json(topologyOf(request).metrics({ windows: [window.name], tasks }));
    },
  },
  {
    method: "GET",
    path: `${API}/topology/:id/state`,
    permission: "read",
    handle: (request) => json(liveState(topologyOf(request))),
  },
  { method: "GET", path: `${API}/topology/:id/errors`, permission: "read", handle: (request) => errorsOf(request) },
  {
    method: "GET",
    path: `${API}/topology/:id/live`,
    permission: "read",
    handle: (request) => ({ kind: "live", topology: topologyOf(request) }),
  },
  {
    method: "GET",
    path: `${API}/topology-workers/:id`,
    permission: "read",
    handle: (request) => {
      const hostPortList = topologyOf(request)
        .workers()
        .map(({ worker }) => ({ host: HOST, port: worker }));
      return json({ hostPortList });
    },
  },
];

/** What the graph page draws, and what does not change while a topology runs. */
export function graphOf(topology: UiTopology): object {
  const { components, edges } = topology.graph;
  return {
    id: topology.id,
    state: topology.state,
    components,
    edges,
    workers: topology.workers(),
    tools: {
      inspector: topology.tools.inspector !== null,
      profiler: topology.tools.profiler !== null,
      logLevels: topology.tools.logLevels !== null,
    },
    configuration: configurationOf(topology),
  };
}

function health({ instance }: { readonly instance: string }) {
  return json({ status: "ok", instance });
}

function clusterSummary({ source }: { readonly source: UiSource }) {
  const running = source.topologies().filter((topology) => !hasEnded(topology));
  const slots = running.reduce((sum, { graph }) => sum + graph.cores.length, 0);
  const tasks = running.reduce((sum, topology) => sum + taskCount(topology), 0);
  return json({
    stormVersion: "stormcell",
    topologies: running.length,
    supervisors: 1,
    slotsTotal: slots,
    slotsUsed: slots,
    slotsFree: 0,
    executorsTotal: tasks,
    tasksTotal: tasks,
  });
}

function errorsOf(request: Parameters<Route["handle"]>[0]) {
  const errors = topologyOf(request)
    .errors()
    .map((error) => ({
      number: error.number,
      errorTime: Math.floor(error.timeMs / 1000),
      errorLapsedSecs: lapsedSeconds(error, request.nowMs),
      kind: error.kind,
      component: error.component,
      task: error.task,
      worker: error.worker,
      error: error.text,
    }));
  return json({ errors });
}
