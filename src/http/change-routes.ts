import { json, type Route, RouteError, type RouteRequest, topologyOf } from "./route.ts";
import { hasEnded, type UiTopology } from "./ui-source.ts";

const API = "/api/v1";
/** A day: a longer wait is a slip of the fingers. */
const WAIT_SECONDS_MAX = 86_400;

/** What changes a topology as a whole. */
export const changeRoutes: readonly Route[] = [
  {
    method: "POST",
    path: `${API}/topology/:id/activate`,
    permission: "change",
    handle: (request) => operate(request, "activate", (topology) => topology.activate()),
  },
  {
    method: "POST",
    path: `${API}/topology/:id/deactivate`,
    permission: "change",
    handle: (request) => operate(request, "deactivate", (topology) => topology.deactivate()),
  },
  {
    method: "POST",
    path: `${API}/topology/:id/kill/:wait`,
    permission: "change",
    handle: (request) => {
      const wait = request.params.wait!;
      // Our own word for the drain timeout that the topology was given.
      const deadlineMs = wait === "default" ? null : secondsOf(wait) * 1000;
      return operate(request, "kill", (topology) => topology.kill(deadlineMs));
    },
  },
  {
    method: "POST",
    path: `${API}/topology/:id/rebalance/:wait`,
    permission: "change",
    takesBody: true,
    handle: (request) => {
      topologyOf(request);
      throw new RouteError(501, "NOT_OFFERED", "a topology that runs cannot be rebalanced");
    },
  },
];

function operate(request: RouteRequest, operation: string, act: (topology: UiTopology) => void) {
  const topology = topologyOf(request);
  if (hasEnded(topology)) {
    throw new RouteError(409, "TOPOLOGY_ENDED", `topology "${topology.id}" has ended: it is ${topology.state}`);
  }
  const isEnding = topology.state === "draining" || topology.state === "stopping";
  if (isEnding && operation !== "kill") {
    throw new RouteError(409, "TOPOLOGY_ENDING", `topology "${topology.id}" is coming to its end`);
  }
  act(topology);
  return json({ topologyOperation: operation, topologyId: topology.id, status: "success" });
}

/** A whole number of seconds, as the path holds it. */
function secondsOf(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : -1;
  if (seconds >= 0 && seconds <= WAIT_SECONDS_MAX) return seconds;
  throw new RouteError(400, "BAD_WAIT", `the wait is no whole number of seconds up to ${WAIT_SECONDS_MAX}`);
}
