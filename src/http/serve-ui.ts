import { wallClock } from "../base/clock.ts";
import { createLogger, type Logger } from "../base/log.ts";
import { HttpServer, REQUEST_LIMITS, type RequestLimits } from "./http-server.ts";
import { writePortFile } from "./port-file.ts";
import { type ObservedCluster, RunSource } from "./run-source.ts";
import { readStaticFiles } from "./static-files.ts";
import { resolveUi, type UiOption } from "./ui-settings.ts";
import type { UiSource } from "./ui-source.ts";

/** A dashboard that is open. */
export interface Dashboard extends AsyncDisposable {
  readonly port: number;
  /** Without the token. */
  readonly url: string;
  /** With the token, for a browser. */
  readonly link: string;
  readonly token: string;
  /** Closes every connection, and removes the file for the command line. */
  close(): Promise<void>;
}

export interface ServeParts {
  readonly logger?: Logger;
  /** Default: where the command line looks. */
  readonly portFolder?: string;
  readonly limits?: RequestLimits;
}

const LOOK_MS = 1_000;

/**
 * Opens the dashboard of whatever runs topologies: pages, REST and Prometheus, on 127.0.0.1 unless told otherwise.
 *
 * @throws EngineError (rejects) UI_BAD_SETTING, UI_TOKEN_MISSING, UI_PORT_TAKEN, UI_LISTEN_FAILED
 * @example
 * await using dashboard = await serveUi(cluster, { port: 9000 });
 * console.error(dashboard.link);
 */
export async function serveUi(
  cluster: ObservedCluster,
  option: UiOption,
  parts: ServeParts = {},
): Promise<Dashboard> {
  const source = new RunSource(cluster, () => wallClock.nowMs());
  source.look();
  const dashboard = await serveSource(source, option, parts);
  const stopLooking = every(LOOK_MS, () => source.look());
  const close = async (): Promise<void> => {
    stopLooking();
    await dashboard.close();
    source.close();
  };
  return { ...dashboard, close, [Symbol.asyncDispose]: close };
}

/** As `serveUi`, for any source. */
export async function serveSource(source: UiSource, option: UiOption, parts: ServeParts = {}): Promise<Dashboard> {
  const settings = resolveUi(option);
  const logger = parts.logger ?? createLogger({ level: "info" });
  const wallMs = () => wallClock.nowMs();
  const { limits = REQUEST_LIMITS } = parts;
  const server = new HttpServer({ source, settings, files: readStaticFiles(), logger, wallMs, every, limits });
  await server.listen();
  const { port, instance } = server;
  const { token } = settings;
  const url = `http://${urlHost(settings.host)}:${port}`;
  let removeFile = () => {};
  if (settings.portFile) {
    try {
      const content = { version: 1, pid: process.pid, instance, url, token, startedMs: wallMs() } as const;
      removeFile = writePortFile(content, parts.portFolder === undefined ? {} : { folder: parts.portFolder });
    } catch (error) {
      logger.warn({ err: error }, "the command line will not find this process: the dashboard works without that");
    }
  }
  let closing: Promise<void> | null = null;
  const close = (): Promise<void> => {
    closing ??= server.close();
    removeFile();
    return closing;
  };
  return { port, url, token, link: `${url}/#token=${token}`, close, [Symbol.asyncDispose]: close };
}

/** Under which name this machine reaches what listens on that address. */
function urlHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

function every(intervalMs: number, action: () => void): () => void {
  const timer = setInterval(action, intervalMs).unref();
  return () => clearInterval(timer);
}
