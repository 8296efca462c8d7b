import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Refusal } from "./request-guard.ts";
import type { Answer } from "./route.ts";
import type { StaticFile } from "./static-files.ts";
import type { ProfileFile } from "./ui-source.ts";

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What every answer says, also one that refuses. */
export function baseHeaders(): OutgoingHttpHeaders {
  return {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  };
}

export async function sendAnswer(
  response: ServerResponse,
  answer: Exclude<Answer, { readonly kind: "live" }>,
): Promise<void> {
  if (answer.kind === "json") sendText(response, answer.status, JSON_TYPE, jsonText(answer.body));
  else if (answer.kind === "text") sendText(response, 200, answer.contentType, answer.text);
  else await sendFile(response, answer.file);
}

export function sendStatic(response: ServerResponse, { contentType, content }: StaticFile): void {
  response.writeHead(200, {
    ...baseHeaders(),
    "cache-control": "no-cache",
    "content-type": contentType,
    "content-length": content.length,
  });
  response.end(content);
}

/** The connection is closed: what is left of the request is not waited for. */
export function answerRefusal(request: IncomingMessage, response: ServerResponse, refused: Refusal): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  if (!request.complete) response.setHeader("connection", "close");
  if (refused.status === 401) response.setHeader("www-authenticate", "Bearer");
  const body = { error: refused.code, errorMessage: refused.text };
  sendText(response, refused.status, JSON_TYPE, jsonText(body));
}

const JSON_TYPE = "application/json; charset=utf-8";

function sendText(response: ServerResponse, status: number, contentType: string, text: string): void {
  const content = Buffer.from(text, "utf8");
  response.writeHead(status, { ...baseHeaders(), "content-type": contentType, "content-length": content.length });
  response.end(content);
}

async function sendFile(response: ServerResponse, { fileName, contentType, content }: ProfileFile): Promise<void> {
  response.writeHead(200, {
    ...baseHeaders(),
    "content-type": contentType,
    "content-disposition": `attachment; filename="${fileName.replace(/[^A-Za-z0-9._-]/g, "_")}"`,
  });
  if (typeof content === "string") response.end(content);
  else await pipeline(Readable.from(content), response);
}

/** What JSON has no form for, as the command line prints it: int64 as digits, bytes in base64. */
function jsonText(body: unknown): string {
  return JSON.stringify(body ?? null, function replace(this: unknown, key: string, value: unknown): unknown {
    const original = (this as Record<string, unknown>)[key];
    if (original instanceof Uint8Array) return Buffer.from(original).toString("base64");
    return typeof value === "bigint" ? String(value) : value;
  });
}
