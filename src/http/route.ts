import type { Permission } from "./request-guard.ts";
import type { ProfileFile, UiSource, UiTopology } from "./ui-source.ts";

/** What a route is given: everything about a request that was let through. */
export interface RouteRequest {
  readonly source: UiSource;
  /** Names of the server itself, for health. */
  readonly instance: string;
  /** Decoded parts of the path, by their names in the route's. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: ReadonlyMap<string, string>;
  /** Parsed JSON; undefined when there was none. */
  readonly body: unknown;
  /** ms since 1970. */
  readonly nowMs: number;
}

export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly body: unknown }
  | { readonly kind: "text"; readonly contentType: string; readonly text: string }
  | { readonly kind: "file"; readonly file: ProfileFile }
  /** A stream of events, which the server keeps open. */
  | { readonly kind: "live"; readonly topology: UiTopology };

export interface Route {
  readonly method: "GET" | "POST";
  /** Parts that begin with ":" stand for any one part. */
  readonly path: string;
  readonly permission: Permission;
  /** Whether it reads a body; without, one is refused. */
  readonly takesBody?: boolean;
  handle(request: RouteRequest): Answer | Promise<Answer>;
}

/** A request that a route cannot answer as asked: becomes an answer with that status. */
export class RouteError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, text: string) {
    super(text);
    this.status = status;
    this.code = code;
  }
}

export function json(body: unknown, status = 200): Answer {
  return { kind: "json", status, body };
}

/** What is specified and not offered by this run. */
export function notOffered(what: string): RouteError {
  return new RouteError(501, "NOT_OFFERED", `${what} is not offered by this process`);
}

/** The topology that the path names. */
export function topologyOf({ source, params }: RouteRequest): UiTopology {
  const found = source.topologies().find(({ id }) => id === params.id);
  if (found === undefined) throw new RouteError(404, "UNKNOWN_TOPOLOGY", `there is no topology "${params.id}"`);
  return found;
}

/** The component that the path names, which the topology has. */
export function componentOf({ params }: RouteRequest, topology: UiTopology): string {
  const id = params.component!;
  if (!topology.graph.components.some((component) => component.id === id)) {
    throw new RouteError(404, "UNKNOWN_COMPONENT", `topology "${topology.id}" has no component "${id}"`);
  }
  return id;
}

/** The worker that the path names by its number. */
export function workerOf({ params }: RouteRequest, topology: UiTopology): number {
  // As in Storm a worker may be given as host:port.
  const match = /^(?:localhost:)?(\d{1,4})$/.exec(params.worker!);
  const worker = match === null ? -1 : Number(match[1]);
  if (!topology.workers().some((candidate) => candidate.worker === worker)) {
    throw new RouteError(404, "UNKNOWN_WORKER", `topology "${topology.id}" has no worker "${params.worker}"`);
  }
  return worker;
}

export interface FoundRoute {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds routes by path; a path may have one route per method. */
export class RouteTable {
  readonly #routes: readonly { readonly route: Route; readonly parts: readonly string[] }[];

  constructor(routes: readonly Route[]) {
    this.#routes = routes.map((route) => ({ route, parts: route.path.slice(1).split("/") }));
  }

  /** All routes of that path, whatever their method: parts that are written out win over those that stand for any. */
  find(segments: readonly string[]): readonly FoundRoute[] {
    const found = this.#routes.flatMap(({ route, parts }) => {
      const params = matchParts(parts, segments);
      return params === null ? [] : [{ route, params }];
    });
    const fewest = Math.min(...found.map(({ params }) => Object.keys(params).length));
    return found.filter(({ params }) => Object.keys(params).length === fewest);
  }
}

function matchParts(parts: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (parts.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const segment = segments[index]!;
    if (part.startsWith(":")) params[part.slice(1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}
