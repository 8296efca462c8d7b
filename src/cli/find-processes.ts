import { EngineError } from "../base/engine-error.ts";
import { type PortFile, readPortFiles } from "../http/port-file.ts";
import type { RemoteProcess } from "./remote-process.ts";

const HEALTH_MS = 2_000;
const REQUEST_MS = 10_000;
/** A heap snapshot takes seconds per gigabyte, and is as large as the heap. */
const DOWNLOAD_MS = 600_000;

/**
 * Processes of this user whose dashboard answers, the newest first. The token is sent only to a server that knows the
 * file's `instance`: another program may have got the port.
 *
 * @throws EngineError (rejects) UI_FOLDER_UNSAFE
 */
export async function findProcesses(): Promise<readonly RemoteProcess[]> {
  const checked = await Promise.all(readPortFiles().map(async (file) => ((await isItsServer(file)) ? [file] : [])));
  return checked.flat().map(remoteProcess);
}

async function isItsServer({ url, instance }: PortFile): Promise<boolean> {
  try {
    const response = await fetch(`${url}/healthz`, { redirect: "error", signal: AbortSignal.timeout(HEALTH_MS) });
    const health = (await response.json()) as { readonly instance?: unknown } | null;
    return health?.instance === instance;
  } catch {
    return false;
  }
}

function remoteProcess({ pid, url, token }: PortFile): RemoteProcess {
  const ask = async (method: "GET" | "POST", path: string, waitMs: number, body?: unknown): Promise<Response> => {
    const hasBody = body !== undefined;
    const response = await fetch(`${url}${path}`, {
      method,
      redirect: "error",
      headers: { authorization: `Bearer ${token}`, ...(hasBody ? { "content-type": "application/json" } : {}) },
      ...(hasBody ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(waitMs),
    }).catch((cause: unknown) => {
      throw requestFailed(pid, path, cause instanceof Error ? cause.message : String(cause));
    });
    if (response.ok) return response;
    const answer = (await response.json().catch(() => null)) as { readonly errorMessage?: string } | null;
    throw requestFailed(pid, path, answer?.errorMessage ?? `status ${response.status}`);
  };
  const json = async (...request: Parameters<typeof ask>): Promise<unknown> => {
    const response = await ask(...request);
    return response.json().catch((cause: Error) => {
      throw requestFailed(pid, request[1], cause.message);
    });
  };
  return {
    pid,
    url,
    get: (path) => json("GET", path, REQUEST_MS),
    post: (path, body) => json("POST", path, REQUEST_MS, body),
    download: async (path) => (await ask("POST", path, DOWNLOAD_MS)).body as AsyncIterable<Uint8Array>,
  };
}

function requestFailed(pid: number, path: string, answer: string): EngineError {
  return new EngineError("CLI_REQUEST_FAILED", {
    problem: `process ${pid} did not do what it was asked for`,
    facts: { path, answer },
    remedy: "see what it answered; stormcell list shows what runs",
  });
}
