import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import type { UiSettings } from "./ui-settings.ts";

/** What a route needs of who calls it: docs/UI.md has the table. */
export type Permission = "open" | "read" | "secret" | "change";

/** What a request says of itself, as Node read it. */
export interface RequestFacts {
  readonly method: string;
  /** The request's target, as sent. */
  readonly url: string;
  /** All values of a header, in lower case names. */
  readonly headers: Readonly<Record<string, readonly string[] | undefined>>;
}

/** Why a request is not answered: a status of HTTP, a code and a text. */
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly text: string;
}

export interface Target {
  /** Decoded segments of the path. */
  readonly segments: readonly string[];
  readonly query: ReadonlyMap<string, string>;
}

export const URL_LENGTH_MAX = 2_048;
const SEGMENTS_MAX = 12;
const QUERY_MAX = 16;
/** Space to tilde: what a target may be made of before it is decoded. */
const TARGET_PATTERN = /^\/[!-~]*$/;
const FORBIDDEN_QUERY = new Set(["token", "access_token", "callback"]);

export function refusal(status: number, code: string, text: string): Refusal {
  return { status, code, text };
}

export function isRefusal(value: object): value is Refusal {
  return "status" in value && "code" in value && "text" in value;
}

/** Takes a target apart; nothing that could mean two things passes. */
export function readTarget(url: string): Target | Refusal {
  if (url.length > URL_LENGTH_MAX) return refusal(414, "URL_TOO_LONG", `more than ${URL_LENGTH_MAX} characters`);
  if (!TARGET_PATTERN.test(url) || url.includes("\\") || url.includes("#")) {
    return refusal(400, "BAD_TARGET", "the target is no path");
  }
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const segments: string[] = [];
  const raw = path.slice(1).split("/");
  if (raw.length > SEGMENTS_MAX) return refusal(400, "BAD_TARGET", "the path has too many parts");
  for (const part of raw) {
    const decoded = decodeOnce(part);
    if (decoded === null) return refusal(400, "BAD_TARGET", "the path holds what is not allowed in it");
    segments.push(decoded);
  }
  // A path may be "/" alone, and nowhere else hold an empty part.
  if (segments.length > 1 && segments.includes("")) return refusal(400, "BAD_TARGET", "a part of the path is empty");
  const query = mark < 0 ? new Map<string, string>() : readQuery(url.slice(mark + 1));
  return query instanceof Map ? { segments: segments[0] === "" ? [] : segments, query } : query;
}

/** Null for what decodes to something that a path must not hold, or that was encoded twice. */
function decodeOnce(part: string): string | null {
  let decoded: string;
  try {
    decoded = decodeURIComponent(part);
  } catch {
    return null;
  }
  if (decoded === "." || decoded === "..") return null;
  for (const character of decoded) {
    const code = character.codePointAt(0)!;
    if (code < 0x20 || code === 0x7f) return null;
    if (character === "/" || character === "\\" || character === "%") return null;
  }
  return decoded;
}

function readQuery(text: string): Map<string, string> | Refusal {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (FORBIDDEN_QUERY.has(name.toLowerCase())) {
      return refusal(400, "FORBIDDEN_PARAMETER", `${name.toLowerCase()} is not taken from a query`);
    }
    if (query.has(name)) return refusal(400, "BAD_PARAMETER", "a parameter is given twice");
    query.set(name, value);
    if (query.size > QUERY_MAX) return refusal(400, "BAD_PARAMETER", "too many parameters");
  }
  return query;
}

/** Decides who may ask for what: Host, Origin and token, by the permission of the route. */
export class RequestGuard {
  readonly #settings: UiSettings;
  readonly #port: () => number;
  readonly #tokenDigest: Buffer;

  /** @param port the one listened on, once it is known */
  constructor(settings: UiSettings, port: () => number) {
    this.#settings = settings;
    this.#port = port;
    this.#tokenDigest = digest(settings.token);
  }

  /** Whoever calls: that it is us who are meant, and that no other site is behind it. Null when all is well. */
  checkCaller({ headers }: RequestFacts): Refusal | null {
    const hosts = headers.host ?? [];
    const host = hosts[0];
    if (hosts.length !== 1 || host === undefined || !this.#isOurHost(host.toLowerCase())) {
      return refusal(421, "WRONG_HOST", "the request is for another host");
    }
    const origins = headers.origin ?? [];
    if (origins.length > 1) return refusal(403, "WRONG_ORIGIN", "the request comes from another site");
    if (origins.length === 1 && origins[0]!.toLowerCase() !== `http://${host.toLowerCase()}`) {
      return refusal(403, "WRONG_ORIGIN", "the request comes from another site");
    }
    const sites = headers["sec-fetch-site"] ?? [];
    if (sites.some((site) => site !== "same-origin" && site !== "none")) {
      return refusal(403, "WRONG_ORIGIN", "the request comes from another site");
    }
    return null;
  }

  /** Whether this caller may use a route of that permission. Null when it may. */
  checkPermission(permission: Permission, { headers }: RequestFacts): Refusal | null {
    const given = headers.authorization ?? [];
    if (given.length > 0 && !(given.length === 1 && this.#isToken(given[0]!))) {
      return refusal(401, "WRONG_TOKEN", "the token is not the one that was printed at the start");
    }
    if (given.length === 1 || permission === "open") return null;
    if (permission === "read" && this.#settings.isLoopback) return null;
    return refusal(401, "TOKEN_MISSING", "this needs the token that was printed at the start");
  }

  #isToken(header: string): boolean {
    const match = /^Bearer ([A-Za-z0-9_-]{1,256})$/.exec(header);
    // Of digests, so that neither content nor length of the token shows in the time that this takes.
    return match !== null && timingSafeEqual(digest(match[1]!), this.#tokenDigest);
  }

  #isOurHost(host: string): boolean {
    const port = this.#port();
    const suffix = `:${port}`;
    // Port 80 is left out by browsers.
    const name = host.endsWith(suffix) ? host.slice(0, -suffix.length) : port === 80 ? host : null;
    if (name === null) return false;
    const bare = name.startsWith("[") && name.endsWith("]") ? name.slice(1, -1) : name;
    if (isIP(bare) === 6 && bare === name) return false; // An address of IPv6 stands in brackets.
    if (this.#settings.hosts.includes(name)) return true;
    if (["127.0.0.1", "::1", "localhost", this.#settings.host].includes(bare)) return true;
    return isWildcard(this.#settings.host) && isIP(bare) !== 0;
  }
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
