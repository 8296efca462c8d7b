import type { Redis } from "ioredis";
import type { TaskContext } from "../../component/task-context.ts";
import { CHECK_CERTIFICATE, connectorFailed } from "../shared/connector-failed.ts";
import { ConnectorMetrics } from "../shared/connector-metrics.ts";
import { importPeer } from "../shared/import-peer.ts";
import { Pauses } from "../shared/pauses.ts";
import { withinMs } from "../shared/within-ms.ts";
import type { RedisServerPlan } from "./server-options.ts";

/** What a command takes. */
export type RedisArgument = string | number | Buffer;

/** A command with its arguments. */
export type RedisCommand = readonly [name: string, ...args: RedisArgument[]];

/** For errors: what is asked for, and the key that it is about. */
export interface RedisOperation {
  readonly name: string;
  readonly key?: string;
  /** Texts in the answers come as buffers. */
  readonly bytes?: boolean;
}

/** What the server says to one command: an error of its own, or an answer. */
export type RedisReply = readonly [error: Error | null, value?: unknown];

/** The one operation that is no command. */
const CONNECT = "connect";
/** A connection is given so long to end in order. */
const DISCONNECT_MS = 500;

/**
 * A task's connection to a server. It is made again when it is lost; an operation waits for that, within its own
 * deadline. What was under way when it was lost is told as failed, and not sent again: it may have been carried out.
 */
export class RedisLink {
  readonly plan: RedisServerPlan;
  readonly #redis: Redis;
  readonly #operationMs: { record(value: number): void };
  readonly #nowMs: () => number;
  /** Operations that wait for a connection. */
  #waiting: ((problem: Error | null) => void)[] = [];
  #isOpen = false;
  #isClosed = false;
  /** The connection was given up, and is not closed yet: it takes no more, though its state still says so. */
  #isGivenUp = false;
  /** When the connection, or the attempt to make it, was begun. */
  #begunMs = 0;
  #lastError: unknown;

  private constructor(plan: RedisServerPlan, Client: typeof Redis, context: TaskContext) {
    this.plan = plan;
    const metrics = new ConnectorMetrics(context);
    const pauses = new Pauses(plan.reconnect, context);
    const { reconnects } = metrics;
    this.#operationMs = metrics.operationMs;
    this.#nowMs = () => context.nowMs();
    this.#redis = new Client({
      ...plan.client,
      // The same answers from all versions of the library and the server.
      protocol: 2,
      lazyConnect: true,
      connectTimeout: plan.connectTimeoutMs,
      disconnectTimeout: DISCONNECT_MS,
      // Commands neither wait in the library nor are sent twice by it: both have their rules here.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: () => {
        if (!this.#isOpen || this.#isClosed) return null;
        reconnects.increment();
        return pauses.nextMs();
      },
    });
    this.#redis.on("error", (error) => {
      this.#lastError = error;
    });
    this.#redis.on("connecting", () => {
      this.#begunMs = this.#nowMs();
    });
    this.#redis.on("ready", () => {
      this.#isGivenUp = false;
      pauses.succeeded();
      this.#tellWaiting(null);
    });
    metrics.connected(() => this.isConnected);
  }

  /** @throws EngineError CONNECTOR_MISSING_PEER, CONNECTOR_FAILED */
  static async open(plan: RedisServerPlan, context: TaskContext): Promise<RedisLink> {
    const peer = { connector: plan.connector, name: "ioredis", range: ">=5" };
    const { Redis: Client } = await importPeer(peer, () => import("ioredis"));
    const link = new RedisLink(plan, Client, context);
    await link.#connect();
    return link;
  }

  get isConnected(): boolean {
    return this.#redis.status === "ready" && !this.#isGivenUp;
  }

  /**
   * Sends the commands in one go, and gives what the server says to each.
   *
   * @throws EngineError CONNECTOR_FAILED when there is no answer in time: any of them may have been carried out
   */
  async run(operation: RedisOperation, commands: readonly RedisCommand[]): Promise<readonly RedisReply[]> {
    const { operationTimeoutMs } = this.plan;
    const beganMs = this.#nowMs();
    const call = { isOver: false };
    try {
      const replies = await inTime(this.#send(operation, commands, call), operationTimeoutMs);
      this.#operationMs.record(Math.max(0, this.#nowMs() - beganMs));
      return replies;
    } catch (error) {
      call.isOver = true;
      // One that was begun after the operation has not had its time yet: it may be about to be ready.
      if (error instanceof NoAnswer && this.#begunMs <= beganMs) this.#giveUp();
      throw this.failure(operation, error);
    }
  }

  /** The error for what the server, or the way to it, has failed. */
  failure({ name, key }: RedisOperation, cause: unknown): Error {
    const { connector, server, secrets } = this.plan;
    const isLost = this.#isOpen && !this.#isClosed && !this.isConnected && !isReply(cause);
    const { message } = (this.#lastError ?? {}) as { message?: string };
    // In the library's own words these are about its settings, which are ours.
    const lost =
      message === undefined || /enableOfflineQueue|maxRetriesPerRequest/.test(message)
        ? "the connection is lost"
        : `the connection is lost: ${message}`;
    const isKnown = message !== undefined || !(cause instanceof NoAnswer);
    const problem = isLost && isKnown ? lost : undefined;
    return connectorFailed({
      connector,
      server,
      operation: name === CONNECT ? name : name.toUpperCase(),
      ...(key === undefined ? {} : { key }),
      cause,
      ...(problem === undefined ? {} : { problem }),
      remedy: remedyFor(cause, this.#lastError),
      secrets,
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tellWaiting(new Error("the connection was closed"));
    const { status } = this.#redis;
    if (status === "end") return;
    if (status === "reconnecting") {
      // There is no connection whose end could be waited for.
      this.#redis.disconnect();
      return;
    }
    const ended = new Promise<void>((resolve) => this.#redis.once("end", () => resolve()));
    this.#redis.disconnect();
    await withinMs(ended, this.plan.closeTimeoutMs, () => new Error("late")).catch(() => {});
  }

  async #connect(): Promise<void> {
    const { connectTimeoutMs } = this.plan;
    const late = () => new Error(`no connection within ${connectTimeoutMs} ms`);
    try {
      await withinMs(this.#redis.connect(), connectTimeoutMs, late);
      // The library goes on in database 0 where the server has no such one.
      const { db } = this.plan.client;
      if (typeof db === "number" && db > 0) await withinMs(this.#redis.select(db), connectTimeoutMs, late);
      this.#isOpen = true;
    } catch (error) {
      this.#redis.disconnect();
      this.#isClosed = true;
      const cause = this.#lastError ?? error;
      throw this.failure({ name: CONNECT }, cause);
    }
  }

  async #send(
    { bytes }: RedisOperation,
    commands: readonly RedisCommand[],
    call: { readonly isOver: boolean },
  ): Promise<readonly RedisReply[]> {
    if (!this.isConnected) await this.#connected();
    if (call.isOver) return [];
    const pipeline = this.#redis.pipeline();
    // Whole, since taking the name off would make another array per command.
    for (const command of commands as readonly [string, ...RedisArgument[]][]) {
      if (bytes) pipeline.callBuffer(...command);
      else pipeline.call(...command);
    }
    const replies = (await pipeline.exec()) ?? [];
    for (const [error] of replies) if (error !== null && !isReply(error)) throw error;
    return replies;
  }

  /** Whatever became of this connection, it is not worth waiting for any longer. */
  #giveUp(): void {
    if (this.#isClosed) return;
    this.#isGivenUp = true;
    this.#redis.disconnect(true);
  }

  #connected(): Promise<void> {
    if (this.#isClosed) return Promise.reject(new Error("the connection was closed"));
    return new Promise((resolve, reject) => {
      this.#waiting.push((problem) => (problem === null ? resolve() : reject(problem)));
    });
  }

  #tellWaiting(problem: Error | null): void {
    for (const tell of this.#waiting.splice(0)) tell(problem);
  }
}

/** The time of an operation is up. A clock does not tell this: timers may be early by it. */
class NoAnswer extends Error {}

/** As `withinMs`, for what happens all the time. */
function inTime<R>(operation: Promise<R>, timeoutMs: number): Promise<R> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new NoAnswer(`no answer within ${timeoutMs} ms`)), timeoutMs);
    operation.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** True for what the server itself has said; else it is not known whether it has carried out the command. */
function isReply(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === "ReplyError";
}

function remedyFor(...errors: readonly unknown[]): string {
  const text = errors.map((error) => String((error as { message?: unknown } | null)?.message ?? "")).join(" ");
  if (/NOAUTH|WRONGPASS|invalid password|AUTH/.test(text)) return "look at username and password";
  if (/DB index/.test(text)) return "give a db that the server has, see its setting databases";
  if (/WRONGTYPE/.test(text)) return "the key holds something of another type: look at who else writes it";
  if (/NOPERM/.test(text)) return "give that user the permission, or use another user";
  if (/OOM|MISCONF|READONLY/.test(text)) return "look at the server: it does not take writes";
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return "look at the host's name: nobody knows it";
  if (/ringBytesMax/.test(text)) return "send less of it on, or make rings larger";
  if (/certificate/i.test(text)) return CHECK_CERTIFICATE;
  return "look whether the server runs, and whether host, port and tls are right";
}
