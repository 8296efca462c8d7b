import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { EngineError } from "../base/engine-error.ts";
import type { Logger } from "../base/log.ts";
import { answerRefusal, baseHeaders, sendAnswer, sendStatic } from "./answer-writer.ts";
import { changeRoutes } from "./change-routes.ts";
import { LiveFeed } from "./live-feed.ts";
import { readRoutes } from "./read-routes.ts";
import { readBody } from "./request-body.ts";
import { isRefusal, type Refusal, RequestGuard, readTarget, refusal, type Target } from "./request-guard.ts";
import { type FoundRoute, type Route, RouteError, RouteTable } from "./route.ts";
import type { StaticFile } from "./static-files.ts";
import { toolRoutes } from "./tool-routes.ts";
import type { UiSettings } from "./ui-settings.ts";
import type { UiSource } from "./ui-source.ts";

/** Every route of the server; docs/UI.md has the same table. */
export const allRoutes: readonly Route[] = [...readRoutes, ...changeRoutes, ...toolRoutes];

export interface HttpServerParts {
  readonly source: UiSource;
  readonly settings: UiSettings;
  readonly files: ReadonlyMap<string, StaticFile>;
  readonly logger: Logger;
  /** Time of day, ms since 1970. */
  readonly wallMs: () => number;
  readonly every: (intervalMs: number, action: () => void) => () => void;
  readonly limits: RequestLimits;
}

/** How long a request may take to come. */
export interface RequestLimits {
  readonly headersMs: number;
  /** With its body. */
  readonly requestMs: number;
}

export const REQUEST_LIMITS: RequestLimits = { headersMs: 5_000, requestMs: 10_000 };

export const CONNECTIONS_MAX = 128;
const HEADER_BYTES_MAX = 8 * 1024;
const HEADERS_MAX = 64;
const IDLE_MS = 5_000;
/** How often connections are looked at, as a part of the time that headers may take. */
const CHECKS_PER_LIMIT = 5;

/** The server of the dashboard: lets requests through or not, finds their route, and writes what it answers. */
export class HttpServer {
  /** Random: tells one process from another that got its port. */
  readonly instance = randomBytes(16).toString("base64url");
  readonly #parts: HttpServerParts;
  readonly #server: Server;
  readonly #guard: RequestGuard;
  readonly #routes = new RouteTable(allRoutes);
  readonly #live: LiveFeed;
  #port = 0;

  constructor(parts: HttpServerParts) {
    this.#parts = parts;
    this.#guard = new RequestGuard(parts.settings, () => this.#port);
    const failed = (error: unknown) => parts.logger.error({ err: error }, "live values of a topology failed");
    this.#live = new LiveFeed({ every: parts.every, nowMs: parts.wallMs, failed });
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: parts.limits.headersMs,
        requestTimeout: parts.limits.requestMs,
        keepAliveTimeout: IDLE_MS,
        connectionsCheckingInterval: Math.ceil(parts.limits.headersMs / CHECKS_PER_LIMIT),
        requireHostHeader: false, // The guard answers that, with a reason.
        joinDuplicateHeaders: false,
      },
      (request, response) => void this.#serve(request, response),
    );
    this.#server.maxConnections = CONNECTIONS_MAX;
    this.#server.maxHeadersCount = HEADERS_MAX;
    // An upgrade or a tunnel is nothing that is offered here.
    this.#server.on("upgrade", (_request, socket) => socket.destroy());
    this.#server.on("connect", (_request, socket) => socket.destroy());
    // A dashboard that is watched must not keep a finished program alive.
    this.#server.unref();
  }

  get port(): number {
    return this.#port;
  }

  /**
   * @throws EngineError (rejects) UI_PORT_TAKEN, UI_LISTEN_FAILED
   */
  async listen(): Promise<void> {
    const { port, anyPort, host } = this.#parts.settings;
    try {
      await this.#listenOn(port, host);
    } catch (error) {
      const isTaken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
      if (!(isTaken && anyPort)) throw listenError(error, { port, host, isTaken });
      await this.#listenOn(0, host).catch((cause: unknown) => {
        throw listenError(cause, { port: 0, host, isTaken: false });
      });
    }
    this.#server.on("error", (error) => this.#parts.logger.warn({ err: error }, "the dashboard's server failed"));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends live feeds and closes every connection. */
  async close(): Promise<void> {
    this.#live.close();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #listenOn(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port, host, exclusive: true }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A reader that goes away while it is answered is no failure.
    request.on("error", () => {});
    response.on("error", () => {});
    try {
      const refused = await this.#answer(request, response);
      if (refused !== null) this.#refuse(refused, request, response);
    } catch (error) {
      if (hasGone(error)) return;
      this.#refuse(this.#refusalOf(error), request, response);
    }
  }

  /** Null once the request is answered. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<Refusal | null> {
    const facts = { method: request.method ?? "", url: request.url ?? "", headers: request.headersDistinct };
    const wrongCaller = this.#guard.checkCaller(facts);
    if (wrongCaller !== null) return wrongCaller;
    const target = readTarget(facts.url);
    if (isRefusal(target)) return target;
    const file = this.#parts.files.get(`/${target.segments.join("/")}`);
    const found = this.#routes.find(target.segments);
    const permission = found[0]?.route.permission ?? "open";
    if (file === undefined && found.length === 0) return refusal(404, "NOT_FOUND", "there is nothing of that name");
    const match = found.find(({ route }) => route.method === request.method);
    const isFile = file !== undefined && request.method === "GET";
    const notAllowed = this.#guard.checkPermission(match?.route.permission ?? permission, facts);
    if (notAllowed !== null) return notAllowed;
    if (isFile) {
      sendStatic(response, file);
      return null;
    }
    if (match === undefined) {
      const allowed = file === undefined ? found.map(({ route }) => route.method) : ["GET"];
      response.setHeader("allow", allowed.join(", "));
      return refusal(405, "WRONG_METHOD", `${allowed.join(" or ")} is what works here`);
    }
    return this.#run(match, target, request, response);
  }

  async #run(
    { route, params }: FoundRoute,
    { query }: Target,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<Refusal | null> {
    const read = await readBody(request, route.takesBody === true);
    if (read.refused !== null) return read.refused;
    const { source, wallMs } = this.#parts;
    const { instance } = this;
    const answer = await route.handle({ source, instance, params, query, body: read.body, nowMs: wallMs() });
    if (response.destroyed) return null;
    if (answer.kind !== "live") {
      await sendAnswer(response, answer);
      return null;
    }
    if (this.#live.isFull) return refusal(503, "TOO_MANY_READERS", "too many look on already");
    response.writeHead(200, {
      ...baseHeaders(),
      "content-type": "text/event-stream; charset=utf-8",
      "x-accel-buffering": "no",
    });
    response.once("close", this.#live.add(answer.topology, response));
    return null;
  }

  #refuse(refused: Refusal, request: IncomingMessage, response: ServerResponse): void {
    const { status, code } = refused;
    this.#parts.logger.debug({ status, code, method: request.method }, "a request to the dashboard was refused");
    answerRefusal(request, response, refused);
  }

  #refusalOf(error: unknown): Refusal {
    if (error instanceof RouteError) return refusal(error.status, error.code, error.message);
    if (error instanceof EngineError) return refusal(409, error.code, error.problem);
    this.#parts.logger.error({ err: error }, "a request to the dashboard failed");
    return refusal(500, "INTERNAL_ERROR", "the request failed: the log of the process says why");
  }
}

/** Whoever asked went away before the answer was written. */
function hasGone(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === "ERR_STREAM_PREMATURE_CLOSE";
}

function listenError(
  cause: unknown,
  { port, host, isTaken }: { readonly port: number; readonly host: string; readonly isTaken: boolean },
): EngineError {
  return new EngineError(isTaken ? "UI_PORT_TAKEN" : "UI_LISTEN_FAILED", {
    problem: isTaken
      ? `the dashboard cannot have port ${port}: another program listens on it`
      : `the dashboard cannot listen on ${host}, port ${port}`,
    facts: { host, port, error: cause },
    remedy: isTaken ? "give another port, or 0 for any free one" : "see the error of the system",
    cause,
  });
}
