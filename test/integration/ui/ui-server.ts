import { connect } from "node:net";
import { silentLogger } from "../../../src/base/log.ts";
import { type Dashboard, type ServeParts, serveSource } from "../../../src/http/serve-ui.ts";
import type { UiOptions } from "../../../src/http/ui-settings.ts";
import { FakeSource, FakeTopology } from "../../unit/http/fake-source.ts";

export const TOKEN = "integration-test-token";

export interface OpenServer extends AsyncDisposable {
  readonly dashboard: Dashboard;
  readonly source: FakeSource;
  readonly topology: FakeTopology;
  /** What a browser would send as Host. */
  readonly host: string;
}

/** A server on any free port, with one topology that the test plays. */
export async function openServer(options: UiOptions = {}, parts: ServeParts = {}): Promise<OpenServer> {
  const topology = new FakeTopology();
  const source = new FakeSource(topology);
  const ui = { port: 0, token: TOKEN, portFile: false, ...options };
  const dashboard = await serveSource(source, ui, { logger: silentLogger, ...parts });
  const host = `127.0.0.1:${dashboard.port}`;
  return { dashboard, source, topology, host, [Symbol.asyncDispose]: () => dashboard.close() };
}

export interface RawAnswer {
  /** 0 when the connection was closed without an answer. */
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly target: string;
  /** Lines as they are sent; without it Host alone. */
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** Sends exactly these bytes: what a well-behaved client would put right is not. */
export async function sendRaw(server: OpenServer, request: RawRequest): Promise<RawAnswer> {
  const { method = "GET", target, headers = [`Host: ${server.host}`], body = "" } = request;
  const text = [`${method} ${target} HTTP/1.1`, ...headers, "Connection: close", "", body].join("\r\n");
  return readAnswer(await exchange(server.dashboard.port, text));
}

/** Everything that comes back until the connection is closed; bounded, so that a test cannot hang. */
export function exchange(port: number, text: string, waitMs = 15_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    let received = "";
    socket.setEncoding("latin1").on("data", (data: string) => {
      received += data;
    });
    socket.setTimeout(waitMs, () => socket.destroy(new Error(`no end of the answer within ${waitMs} ms`)));
    // A server that closes while we still write resets the connection: what it had said before counts.
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET" || error.code === "EPIPE") resolve(received);
      else reject(error);
    });
    socket.on("close", () => resolve(received));
  });
}

export function readAnswer(text: string): RawAnswer {
  const [head = "", ...rest] = text.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status: Number(first.split(" ")[1] ?? 0), headers, body: rest.join("\r\n\r\n") };
}
