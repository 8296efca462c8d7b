import { LOG_LEVELS } from "../base/log.ts";
import {
  type Answer,
  componentOf,
  json,
  notOffered,
  type Route,
  RouteError,
  type RouteRequest,
  topologyOf,
  workerOf,
} from "./route.ts";
import type { LogLevelChange, ProfileFile, UiInspector, UiLogLevels, UiProfiler } from "./ui-source.ts";

const API = "/api/v1";
const MINUTES_MAX = 60;
const LOGGERS_MAX = 256;
const ROOT_LOGGER = "ROOT";

/** What a run may offer besides its numbers; 501 as long as it does not. */
export const toolRoutes: readonly Route[] = [
  {
    method: "GET",
    path: `${API}/topology/:id/lag`,
    permission: "read",
    handle: (request) => {
      const lags = topologyOf(request).lags();
      if (Object.keys(lags).length === 0) throw notOffered("the lag of sources");
      return json(lags);
    },
  },
  {
    method: "GET",
    path: `${API}/topology/:id/logconfig`,
    permission: "read",
    handle: (request) => logConfig(logLevelsOf(request)),
  },
  {
    method: "POST",
    path: `${API}/topology/:id/logconfig`,
    permission: "change",
    takesBody: true,
    handle: (request) => {
      const logLevels = logLevelsOf(request);
      const loggers = [ROOT_LOGGER, ...topologyOf(request).graph.components.map(({ id }) => id)];
      for (const [logger, change] of logChangesIn(request.body, loggers)) logLevels.set(logger, change);
      return logConfig(logLevels);
    },
  },
  {
    method: "POST",
    path: `${API}/topology/:id/debug/:action/:pct`,
    permission: "change",
    handle: (request) => sample(request, null),
  },
  {
    method: "POST",
    path: `${API}/topology/:id/component/:component/debug/:action/:pct`,
    permission: "change",
    handle: (request) => sample(request, componentOf(request, topologyOf(request))),
  },
  {
    method: "GET",
    path: `${API}/topology/:id/component/:component/events`,
    permission: "secret",
    handle: (request) => {
      const component = componentOf(request, topologyOf(request));
      return json({ events: inspectorOf(request).tuples(component) });
    },
  },
  {
    method: "GET",
    path: `${API}/topology/:id/trees`,
    permission: "secret",
    handle: (request) => json({ trees: inspectorOf(request).trees() }),
  },
  {
    method: "POST",
    path: `${API}/topology/:id/profiling/start/:worker/:timeout`,
    permission: "change",
    async handle(request) {
      const { profiler, worker } = profilerOf(request);
      const timeout = request.params.timeout!;
      const minutes = /^\d{1,2}$/.test(timeout) ? Number(timeout) : 0;
      if (minutes < 1 || minutes > MINUTES_MAX) {
        throw new RouteError(400, "BAD_TIMEOUT", `the time is no number of minutes from 1 to ${MINUTES_MAX}`);
      }
      await profiler.start(worker, minutes * 60_000);
      return json({ status: "ok", id: request.params.worker, timeout, dumplink: "" });
    },
  },
  profileRoute("stop", (profiler, worker) => profiler.stop(worker)),
  profileRoute("dumpprofile", (profiler, worker) => profiler.dump(worker)),
  profileRoute("dumpheap", (profiler, worker) => profiler.heapSnapshot(worker)),
  refusedRoute("dumpjstack", "a dump of a thread's stack"),
  refusedRoute("restartworker", "restarting a worker"),
];

type TakeProfile = (profiler: UiProfiler, worker: number) => Promise<ProfileFile | null>;

function profileRoute(action: string, take: TakeProfile): Route {
  return {
    method: "POST",
    path: `${API}/topology/:id/profiling/${action}/:worker`,
    permission: "change",
    async handle(request) {
      const { profiler, worker } = profilerOf(request);
      const file = await take(profiler, worker);
      if (file === null) throw new RouteError(409, "NO_PROFILE", "no profile of this worker is being recorded");
      return { kind: "file", file };
    },
  };
}

function refusedRoute(action: string, what: string): Route {
  return {
    method: "POST",
    path: `${API}/topology/:id/profiling/${action}/:worker`,
    permission: "change",
    handle: (request) => {
      workerOf(request, topologyOf(request));
      throw notOffered(what);
    },
  };
}

function profilerOf(request: RouteRequest): { readonly profiler: UiProfiler; readonly worker: number } {
  const topology = topologyOf(request);
  const worker = workerOf(request, topology);
  const { profiler } = topology.tools;
  if (profiler === null) throw notOffered("profiling");
  return { profiler, worker };
}

function inspectorOf(request: RouteRequest): UiInspector {
  const { inspector } = topologyOf(request).tools;
  if (inspector === null) throw notOffered("the event inspector");
  return inspector;
}

function sample(request: RouteRequest, component: string | null): Answer {
  const topology = topologyOf(request);
  const { action, pct } = request.params;
  if (action !== "enable" && action !== "disable") {
    throw new RouteError(400, "BAD_ACTION", "the action is neither enable nor disable");
  }
  const percent = /^\d{1,3}(?:\.\d{1,6})?$/.test(pct!) ? Number(pct) : -1;
  if (percent < 0 || percent > 100) throw new RouteError(400, "BAD_SHARE", "the share is no number from 0 to 100");
  inspectorOf(request).sample(component, action === "enable" ? percent : 0);
  return json({ topologyOperation: `debug/${action}`, topologyId: topology.id, status: "success" });
}

function logLevelsOf(request: RouteRequest): UiLogLevels {
  const { logLevels } = topologyOf(request).tools;
  if (logLevels === null) throw notOffered("changing log levels");
  return logLevels;
}

/** In Storm's shape; times of the body are seconds, as there. */
function logConfig(logLevels: UiLogLevels): Answer {
  const levels = logLevels.list().map(({ logger, level, levelBefore, durationMs, untilMs }) => [
    logger,
    {
      target_level: level.toUpperCase(),
      reset_level: levelBefore.toUpperCase(),
      timeout: Math.round(durationMs / 1000),
      timeout_epoch: untilMs,
    },
  ]);
  return json({ namedLoggerLevels: Object.fromEntries(levels) });
}

/** Storm takes any name, and changes nothing for one that is unknown: here that is said. */
function logChangesIn(body: unknown, loggers: readonly string[]): [logger: string, change: LogLevelChange][] {
  const named = isRecord(body) ? body.namedLoggerLevels : undefined;
  if (!isRecord(named)) throw badLevels("namedLoggerLevels is missing");
  const entries = Object.entries(named);
  if (entries.length > LOGGERS_MAX) throw badLevels("too many loggers at once");
  return entries.map(([logger, wanted]) => {
    if (!loggers.includes(logger)) throw badLevels(`a logger is neither ${ROOT_LOGGER} nor a component`);
    if (!isRecord(wanted)) throw badLevels("a logger's setting is no object");
    const { target_level: target, timeout = 0 } = wanted;
    const level = target === null ? null : levelOf(target);
    if (typeof timeout !== "number" || !Number.isInteger(timeout) || timeout < 0 || timeout > 86_400) {
      throw badLevels("a timeout is no whole number of seconds up to a day");
    }
    return [logger, { level, durationMs: timeout * 1000 }];
  });
}

function levelOf(target: unknown): string {
  const wanted = typeof target === "string" ? target.toLowerCase() : "";
  const level = LOG_LEVELS.find((candidate) => candidate === wanted);
  if (level === undefined) throw badLevels(`a level is none of ${LOG_LEVELS.join(", ").toUpperCase()}`);
  return level;
}

function badLevels(text: string): RouteError {
  return new RouteError(400, "BAD_LOG_LEVELS", text);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
