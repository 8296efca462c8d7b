import type { IncomingMessage } from "node:http";
import { type Refusal, refusal } from "./request-guard.ts";
import { RouteError } from "./route.ts";

export const BODY_BYTES_MAX = 16 * 1024;

export type BodyRead =
  | { readonly refused: Refusal }
  /** Undefined when there was none. */
  | { readonly refused: null; readonly body: unknown };

/** Reads the body of a request, if the route takes one. How long it may take is bounded by the server. */
export async function readBody(request: IncomingMessage, takesBody: boolean): Promise<BodyRead> {
  const length = Number(request.headers["content-length"] ?? 0);
  const hasBody = length > 0 || request.headers["transfer-encoding"] !== undefined;
  if (!hasBody) return { refused: null, body: undefined };
  if (!takesBody) return { refused: refusal(400, "BODY_NOT_TAKEN", "this takes no body") };
  if (length > BODY_BYTES_MAX) return { refused: tooLarge() };
  const [contentType] = (request.headers["content-type"] ?? "").toLowerCase().split(";", 1);
  if (contentType?.trim() !== "application/json") {
    return { refused: refusal(415, "NOT_JSON", "a body has to be application/json") };
  }
  const bytes = await bytesOf(request);
  if (bytes === null) return { refused: tooLarge() };
  try {
    return { refused: null, body: JSON.parse(bytes.toString("utf8")) as unknown };
  } catch {
    return { refused: refusal(400, "NOT_JSON", "the body is not JSON") };
  }
}

/**
 * Null when there are too many. By events, since leaving an async iterator early destroys the connection, and with it
 * the answer.
 */
function bytesOf(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= BODY_BYTES_MAX) chunks.push(chunk);
      else resolve(null); // What still comes is dropped, until the refusal closes the connection.
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("close", () => reject(brokenOff()));
    request.once("error", () => reject(brokenOff()));
  });
}

/** Whoever broke it off hears nothing of it: it is only noted. */
function brokenOff(): RouteError {
  return new RouteError(400, "BROKEN_OFF", "the request was broken off");
}

function tooLarge(): Refusal {
  return refusal(413, "BODY_TOO_LARGE", `more than ${BODY_BYTES_MAX} bytes`);
}
