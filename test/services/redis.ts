import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { answersOn } from "./answers-on.ts";
import type { Certificates } from "./certificates.ts";
import { findProgram } from "./find-program.ts";
import { freePort, ServerProcess } from "./server-process.ts";
import type { Service } from "./service.ts";

export interface RedisServiceOptions {
  /** Asked of whoever connects, if it is given. */
  readonly password?: string;
  /** Users besides the default one, as in ACL SETUSER: `[["reader", "on", ">secret", "~*", "+@read"]]`. */
  readonly users?: readonly (readonly string[])[];
  /** Its port takes TLS alone. Clients need no certificate of their own. */
  readonly tls?: Certificates;
}

const START_MS = 10_000;

/** For `test(name, { skip: redisMissing() })`: false, or a line that says how to get the server. */
export function redisMissing(): string | false {
  return findProgram("redis-server") === null
    ? "redis-server is not installed: run test/services/install.sh, or apt-get install redis-server"
    : false;
}

/**
 * Starts a Redis server of its own on 127.0.0.1. What it has answered survives `kill` and `restart`: each command is
 * in its append-only file before the answer is sent.
 */
export async function startRedis({ password, users = [], tls }: RedisServiceOptions = {}): Promise<Service> {
  const command = findProgram("redis-server");
  if (command === null) throw new Error(String(redisMissing()));
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-redis-"));
  const args = [tls === undefined ? "--port" : "--tls-port", String(port), "--bind", "127.0.0.1", "--dir", folder];
  // Synced by the system, not by the server: while one of its own syncs takes long it answers first and writes later.
  args.push("--save", "", "--appendonly", "yes", "--appendfsync", "no");
  if (tls !== undefined) {
    args.push("--port", "0", "--tls-cert-file", tls.serverCertificate, "--tls-key-file", tls.serverKey);
    args.push("--tls-ca-cert-file", tls.authority, "--tls-auth-clients", "no");
  }
  if (password !== undefined) args.push("--requirepass", password);
  for (const user of users) args.push("--user", ...user);
  const answers = () => answersPing(port, tls !== undefined);
  return ServerProcess.start({ name: "redis", port, command, args, folder, answers, startMs: START_MS });
}

/** True when it answers, if only by asking for a password; false while it does not listen or reads its file. */
function answersPing(port: number, isTls: boolean): Promise<boolean> {
  return answersOn(port, "PING\r\n", (bytes) => /^(\+PONG|-NOAUTH)/.test(bytes.toString()), isTls);
}
