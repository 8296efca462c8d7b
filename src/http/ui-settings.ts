import { randomBytes } from "node:crypto";
import { isIP } from "node:net";
import { EngineError } from "../base/engine-error.ts";

/** Switches the dashboard on: with all defaults, on a port, or as described. */
export type UiOption = true | number | UiOptions;

/** How the dashboard is reached; docs/UI.md says what each field may be. */
export interface UiOptions {
  /** Default: 8080, or any free one if that is taken. 0 takes any free one. */
  readonly port?: number;
  /** Address to listen on. Default: 127.0.0.1. Any that is not loopback needs a token. */
  readonly host?: string;
  /** What a caller must show to change something. Default: 32 random bytes. */
  readonly token?: string;
  /** Further names under which the server may be called. */
  readonly hosts?: readonly string[];
  /** Whether the file for the command line is written. Default: true. */
  readonly portFile?: boolean;
}

/** A checked option with every default filled in. */
export interface UiSettings {
  readonly port: number;
  /** Whether any other port will do when that one is taken. */
  readonly anyPort: boolean;
  readonly host: string;
  readonly isLoopback: boolean;
  readonly token: string;
  readonly hosts: readonly string[];
  readonly portFile: boolean;
}

const DEFAULT_PORT = 8080;
const DEFAULT_HOST = "127.0.0.1";
const TOKEN_BYTES = 32;
const TOKEN_PATTERN = /^[A-Za-z0-9_-]{16,256}$/;
const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const HOSTS_MAX = 16;
const FIELDS = new Set(["port", "host", "token", "hosts", "portFile"]);

/**
 * Checks an option and fills in the defaults.
 *
 * @throws EngineError UI_BAD_SETTING, UI_TOKEN_MISSING
 */
export function resolveUi(option: UiOption): UiSettings {
  const given = option === true ? {} : typeof option === "number" ? { port: option } : option;
  checkFields(given);
  const { port, host = DEFAULT_HOST, token, hosts = [], portFile = true } = given;
  checkPort(port);
  if (typeof host !== "string" || (isIP(host) === 0 && host !== "localhost")) {
    throw badSetting("host", host, "an IP address to listen on, or localhost");
  }
  if (token !== undefined && (typeof token !== "string" || !TOKEN_PATTERN.test(token))) {
    throw badSetting("token", "(not shown)", "16 to 256 characters of A-Z a-z 0-9 - _");
  }
  if (!Array.isArray(hosts) || hosts.length > HOSTS_MAX || !hosts.every(isHostName)) {
    throw badSetting("hosts", hosts, `at most ${HOSTS_MAX} names such as box.example.org, without a port`);
  }
  if (typeof portFile !== "boolean") throw badSetting("portFile", portFile, "true or false");
  const isLoopback = isLoopbackHost(host);
  if (!isLoopback && token === undefined) {
    throw new EngineError("UI_TOKEN_MISSING", {
      problem: `the dashboard is to listen on ${host}, where other machines reach it, and has no token`,
      facts: { host },
      remedy: "give a token of your own, or leave the host at 127.0.0.1 and use a tunnel",
    });
  }
  return {
    port: port ?? DEFAULT_PORT,
    anyPort: port === undefined,
    host,
    isLoopback,
    token: token ?? randomBytes(TOKEN_BYTES).toString("base64url"),
    hosts: hosts.map((name) => name.toLowerCase()),
    portFile,
  };
}

/** Whether only programs of this machine reach that address. */
export function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

function checkFields(given: unknown): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw badSetting("ui", given, "true, a port, or { port, host, token, hosts, portFile }");
  }
  const unknown = Object.keys(given).find((name) => !FIELDS.has(name));
  if (unknown !== undefined) throw badSetting(unknown, "(unknown)", [...FIELDS].join(", "));
}

function checkPort(port: unknown): void {
  if (port === undefined) return;
  if (Number.isInteger(port) && (port as number) >= 0 && (port as number) <= 65_535) return;
  throw badSetting("port", port, "0 to 65535; 0 takes any free one");
}

function isHostName(name: unknown): boolean {
  return typeof name === "string" && NAME_PATTERN.test(name.toLowerCase());
}

function badSetting(name: string, given: unknown, allowed: string): EngineError {
  return new EngineError("UI_BAD_SETTING", {
    problem: `the dashboard is given a setting that it cannot use: ${name}`,
    facts: { given, allowed },
    remedy: "see docs/UI.md for what may be set",
  });
}
