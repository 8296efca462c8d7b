import type { Backoff } from "../../component/replay-options.ts";
import { type OptionReader, TIMER_MS_MAX } from "../shared/option-reader.ts";
import { readBackoff } from "../shared/pauses.ts";

/** Which server a Redis connector speaks to, and how. */
export interface RedisServerOptions {
  /** "redis://user:password@host:port/db", or "rediss://..." for TLS, in place of what it says. */
  readonly url?: string;
  /** Default: "127.0.0.1". */
  readonly host?: string;
  /** Default: 6379. */
  readonly port?: number;
  /** Default: 0. */
  readonly db?: number;
  readonly username?: string;
  readonly password?: string;
  /** True, or the options of `tls.connect`. Default: false. */
  readonly tls?: boolean | object;
  /** Further options of ioredis, such as `sentinels` or `connectionName`. */
  readonly client?: Readonly<Record<string, unknown>>;
  /** Default: 10,000. */
  readonly connectTimeoutMs?: number;
  /** How long an operation may take, with the wait for a connection that was lost. Default: 5,000. */
  readonly operationTimeoutMs?: number;
  /** The pauses before a lost connection is made again. Default: 50 ms, doubled up to 2,000. */
  readonly reconnect?: Backoff;
  /** Default: 5,000. */
  readonly closeTimeoutMs?: number;
}

/** Options of a server, checked. */
export interface RedisServerPlan {
  /** What the user called, such as "redisStoreBolt". */
  readonly connector: string;
  /** Host and port, for errors. */
  readonly server: string;
  /** For ioredis. */
  readonly client: Readonly<Record<string, unknown>>;
  /** What errors must not show. */
  readonly secrets: readonly string[];
  readonly connectTimeoutMs: number;
  readonly operationTimeoutMs: number;
  readonly reconnect: Required<Backoff>;
  readonly closeTimeoutMs: number;
}

/** Their names. */
export const SERVER_OPTIONS = [
  "url",
  "host",
  "port",
  "db",
  "username",
  "password",
  "tls",
  "client",
  "connectTimeoutMs",
  "operationTimeoutMs",
  "reconnect",
  "closeTimeoutMs",
] as const;

interface Address {
  readonly host: string;
  readonly port: number;
  readonly db: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: boolean | object;
}

const IN_URL = ["host", "port", "db", "username", "password"] as const;

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function readServer(connector: string, options: OptionReader): RedisServerPlan {
  const { host, port, db, username, password, tls } = options.has("url") ? readUrl(options) : readAddress(options);
  const given = options.objectOf("client", "an object with options of ioredis") ?? {};
  const ms = (name: string, byDefault: number) => options.whole(name, { min: 1, max: TIMER_MS_MAX, byDefault });
  return {
    connector,
    server: `${host}:${port}`,
    client: {
      ...given,
      host,
      port,
      db,
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      ...(tls === false ? {} : { tls: tls === true ? {} : tls }),
    },
    // Some servers name the user whom they refuse.
    secrets: [username, password, ...secretsOf(given), ...secretsOf(tls)].flatMap((secret) =>
      typeof secret === "string" ? [secret, encodeURIComponent(wellFormed(secret))] : [],
    ),
    connectTimeoutMs: ms("connectTimeoutMs", 10_000),
    operationTimeoutMs: ms("operationTimeoutMs", 5_000),
    reconnect: readBackoff(options, "reconnect"),
    closeTimeoutMs: ms("closeTimeoutMs", 5_000),
  };
}

/** What is no Unicode cannot stand in a URL, and is sent as U+FFFD. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** Values of options such as `sentinelPassword` and `passphrase`. */
function secretsOf(options: object | boolean): unknown[] {
  if (typeof options === "boolean") return [];
  return Object.entries(options).flatMap(([name, value]) => (/pass/i.test(name) ? [value] : []));
}

function readAddress(options: OptionReader): Address {
  return {
    host: options.text("host", "127.0.0.1"),
    port: options.whole("port", { min: 1, max: 65_535, byDefault: 6379 }),
    db: options.whole("db", { min: 0, byDefault: 0 }),
    username: options.textOrNull("username"),
    password: options.textOrNull("password"),
    tls: readTls(options, false),
  };
}

function readUrl(options: OptionReader): Address {
  for (const name of IN_URL) if (options.has(name)) throw options.bad(name, "nothing beside url, which says it");
  const allowed = '"redis://user:password@host:port/db", or the same with rediss for TLS';
  let url: URL;
  try {
    url = new URL(options.text("url"));
  } catch {
    throw options.bad("url", allowed);
  }
  const db = url.pathname.replace(/^\//, "");
  const isGood = ["redis:", "rediss:"].includes(url.protocol) && url.hostname !== "" && /^\d{0,9}$/.test(db);
  const [username, password] = [url.username, url.password].map(decoded);
  if (!isGood || username === undefined || password === undefined) throw options.bad("url", allowed);
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? 6379 : Number(url.port),
    db: Number(db),
    username,
    password,
    tls: readTls(options, url.protocol === "rediss:"),
  };
}

/** Null for nothing, undefined for what has a "%" that is no sign's beginning. */
function decoded(part: string): string | null | undefined {
  try {
    return part === "" ? null : decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function readTls(options: OptionReader, byDefault: boolean): boolean | object {
  const tls = options.has("tls") ? options.given("tls") : byDefault;
  return typeof tls === "boolean" ? tls : options.objectOf("tls", "true, false, or the options of tls.connect")!;
}
