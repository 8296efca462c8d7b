import { type ChildProcess, spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import { setTimeout as waitMs } from "node:timers/promises";
import type { Service } from "./service.ts";

export interface ServerProcessParts {
  readonly name: string;
  readonly port: number;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Removed when the server is stopped, or when the process that started it has died. */
  readonly folder: string;
  /** True when the server answers as it should. Asked again and again until then. */
  readonly answers: () => Promise<boolean>;
  readonly startMs: number;
}

/** So long may a server take to end in order, before it is ended at once. */
const STOP_MS = 10_000;
const ASK_AGAIN_MS = 25;
const OUTPUT_MAX = 4_000;
/** Waits for a word of whoever started the server. When that dies without one, its end of the pipe closes. */
const GUARD = 'read -r _ || { kill -KILL "$0" 2>/dev/null; rm -rf -- "$1"; }';

/**
 * One server's process, as a Service: started, ended by its own process id, and started again. A guard ends it when
 * the process that started it dies, however that comes about.
 */
export class ServerProcess implements Service {
  readonly name: string;
  readonly port: number;
  readonly #parts: ServerProcessParts;
  #server: ChildProcess | null = null;
  #guard: ChildProcess | null = null;
  #exited: Promise<void> = Promise.resolve();
  #output = "";

  private constructor(parts: ServerProcessParts) {
    this.name = parts.name;
    this.port = parts.port;
    this.#parts = parts;
  }

  /** Resolves when the server answers; rejects, with what it said, when it does not within `startMs`. */
  static async start(parts: ServerProcessParts): Promise<ServerProcess> {
    const started = new ServerProcess(parts);
    await started.#start();
    return started;
  }

  async stop(): Promise<void> {
    await this.#end("SIGTERM");
    rmSync(this.#parts.folder, { recursive: true, force: true });
  }

  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async restart(): Promise<void> {
    await this.#end("SIGTERM");
    await this.#start();
  }

  pause(): void {
    this.#server?.kill("SIGSTOP");
  }

  resume(): void {
    this.#server?.kill("SIGCONT");
  }

  async #start(): Promise<void> {
    const { command, args, env, folder, name, startMs, answers } = this.#parts;
    this.#output = "";
    const server = spawn(command, args, { env: env ?? process.env, stdio: ["ignore", "pipe", "pipe"], cwd: folder });
    this.#server = server;
    this.#exited = new Promise((resolve) => {
      server.once("exit", () => resolve());
      server.once("error", (error) => {
        this.#output += String(error);
        resolve();
      });
    });
    void this.#exited.then(() => this.#letGo(server));
    for (const stream of [server.stdout, server.stderr]) {
      stream.on("data", (bytes: Buffer) => {
        this.#output = (this.#output + bytes.toString()).slice(-OUTPUT_MAX);
      });
      (stream as unknown as { unref(): void }).unref();
    }
    server.unref();
    if (server.pid !== undefined) this.#watch(server.pid);
    const endMs = performance.now() + startMs;
    while (performance.now() < endMs && this.#server === server) {
      if (await answers()) return;
      await Promise.race([this.#exited, waitMs(ASK_AGAIN_MS)]);
    }
    await this.#end("SIGKILL");
    throw new Error(`${name} does not answer on port ${this.port} within ${startMs} ms. It said:\n${this.#output}`);
  }

  #watch(pid: number): void {
    const args = ["-c", GUARD, String(pid), this.#parts.folder];
    const guard = spawn("sh", args, { stdio: ["pipe", "ignore", "ignore"], detached: true });
    guard.unref();
    guard.stdin.on("error", () => {});
    (guard.stdin as unknown as { unref(): void }).unref();
    this.#guard = guard;
  }

  /** The guard must not end another process that is given the same number later. */
  #letGo(server: ChildProcess): void {
    if (this.#server !== server) return;
    this.#server = null;
    this.#guard?.stdin?.end("done\n");
    this.#guard = null;
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    server.ref();
    server.kill(signal);
    if (signal === "SIGTERM") {
      // One that is paused hears of it when it goes on.
      server.kill("SIGCONT");
      const over = new AbortController();
      const late = waitMs(STOP_MS, true, { signal: over.signal }).catch(() => false);
      if (await Promise.race([late, this.#exited.then(() => false)])) server.kill("SIGKILL");
      over.abort();
    }
    await this.#exited;
  }
}

/** A port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
