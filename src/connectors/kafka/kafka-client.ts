import type { ConnectionOptions as TlsOptions } from "node:tls";
import type * as Kafka from "@platformatic/kafka";
import type { EngineError } from "../../base/engine-error.ts";
import type { Backoff } from "../../component/replay-options.ts";
import { CHECK_CERTIFICATE, connectorFailed } from "../shared/connector-failed.ts";
import { importPeer } from "../shared/import-peer.ts";
import { type OptionReader, TIMER_MS_MAX } from "../shared/option-reader.ts";
import { readBackoff } from "../shared/pauses.ts";

export type KafkaLibrary = typeof Kafka;

/** How a client proves who it is. */
export interface KafkaSasl {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER";
  readonly username?: string;
  readonly password?: string;
  /** For OAUTHBEARER. */
  readonly token?: string;
}

/** How a Kafka cluster is reached: options of `kafkaSpout` and `kafkaBolt` alike. */
export interface KafkaConnectionOptions {
  /** Some of the cluster's brokers, as "host:port". */
  readonly brokers: readonly string[];
  /** What the brokers call this client in their logs. Default: "stormcell". */
  readonly clientId?: string;
  /** True, or what `tls.connect` of Node takes. Default: no TLS. */
  readonly tls?: boolean | TlsOptions;
  readonly sasl?: KafkaSasl;
  /** Default: 10,000. */
  readonly connectTimeoutMs?: number;
  /** Default: 5,000. */
  readonly operationTimeoutMs?: number;
  /** Default: 5,000. */
  readonly closeTimeoutMs?: number;
  /** Default: `{ firstMs: 50, factor: 2, maxMs: 2_000, jitter: 0.2 }`. */
  readonly reconnect?: Backoff;
}

export const CONNECTION_OPTIONS = [
  "brokers",
  "clientId",
  "tls",
  "sasl",
  "connectTimeoutMs",
  "operationTimeoutMs",
  "closeTimeoutMs",
  "reconnect",
] as const;

/** The connection's options with everything filled in. */
export interface KafkaConnectionPlan {
  readonly connector: string;
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls: TlsOptions | null;
  readonly sasl: KafkaSasl | null;
  readonly connectTimeoutMs: number;
  readonly operationTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly reconnect: Required<Backoff>;
}

const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] as const;
const PEER = { name: "@platformatic/kafka", range: ">=1.35 <2" };

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function readConnection(connector: string, options: OptionReader): KafkaConnectionPlan {
  const ms = (name: string, byDefault: number) => options.whole(name, { min: 1, max: TIMER_MS_MAX, byDefault });
  return {
    connector,
    brokers: readBrokers(options),
    clientId: readName(options, "clientId", "stormcell"),
    tls: readTls(options),
    sasl: readSasl(options),
    connectTimeoutMs: ms("connectTimeoutMs", 10_000),
    operationTimeoutMs: ms("operationTimeoutMs", 5_000),
    closeTimeoutMs: ms("closeTimeoutMs", 5_000),
    reconnect: readBackoff(options, "reconnect"),
  };
}

/** True for what a topic may be called. */
export function isTopic(topic: unknown): topic is string {
  return typeof topic === "string" && /^[a-zA-Z0-9._-]{1,249}$/.test(topic) && !/^\.\.?$/.test(topic);
}

/** A name as Kafka takes them: without spaces. */
export function readName(options: OptionReader, name: string, byDefault?: string): string {
  const text = options.text(name, byDefault);
  if (/\s/.test(text)) throw options.bad(name, "a name without spaces");
  return text;
}

function readBrokers(options: OptionReader): readonly string[] {
  const brokers = options.given("brokers");
  const isBroker = (broker: unknown) =>
    typeof broker === "string" && /^[^\s:@/]+:\d{1,5}$|^\[[\da-f:.]+\]:\d{1,5}$/i.test(broker) && isPort(broker);
  if (Array.isArray(brokers) && brokers.length > 0 && brokers.every(isBroker)) return [...brokers] as string[];
  throw options.bad("brokers", 'a list such as ["127.0.0.1:9092"]', "name at least one broker with its port");
}

function isPort(broker: string): boolean {
  const port = Number(broker.slice(broker.lastIndexOf(":") + 1));
  return port >= 1 && port <= 65_535;
}

function readTls(options: OptionReader): TlsOptions | null {
  const tls = options.has("tls") ? options.given("tls") : false;
  if (typeof tls === "boolean") return tls ? {} : null;
  return options.objectOf("tls", "true, false, or the options of tls.connect") as TlsOptions;
}

function readSasl(options: OptionReader): KafkaSasl | null {
  if (!options.has("sasl")) return null;
  const sasl = options.group("sasl", ["mechanism", "username", "password", "token"]);
  const mechanism = sasl.word("mechanism", MECHANISMS, "PLAIN");
  if (mechanism === "OAUTHBEARER") return { mechanism, token: sasl.text("token") };
  return { mechanism, username: sasl.text("username"), password: sasl.text("password") };
}

/** @throws EngineError CONNECTOR_MISSING_PEER */
export function importKafka(connector: string): Promise<KafkaLibrary> {
  return importPeer({ connector, ...PEER }, () => import("@platformatic/kafka"));
}

/**
 * What every client is made with. It repeats nothing by itself: pauses, deadlines and what is done again are the
 * connector's, since the library goes on asking a coordinator that is none any more.
 */
export function clientOptions(plan: KafkaConnectionPlan, requestTimeoutMs: number) {
  const { brokers, clientId, tls, sasl, connectTimeoutMs } = plan;
  return {
    clientId,
    bootstrapBrokers: [...brokers],
    connectTimeout: connectTimeoutMs,
    requestTimeout: requestTimeoutMs,
    timeout: plan.operationTimeoutMs,
    retries: 0,
    ...(tls === null ? {} : { tls }),
    ...(sasl === null ? {} : { sasl: { ...sasl } }),
  };
}

/**
 * Nobody listens to some errors of the library's connections, and such an error would end the thread. So would a
 * connection to a broker that metadata do not list any more: the library asks for one to `undefined`, and what that
 * throws comes out of a socket's listener.
 */
export function keepErrors(client: Kafka.Consumer | Kafka.Producer, library: KafkaLibrary): void {
  client.on("error" as never, NOTHING as never);
  const { connections } = client;
  connections.on("connecting" as never, keepConnectionErrors as never);
  const get = connections.get.bind(connections) as unknown as GetConnection;
  const guarded: GetConnection = (broker, done) => {
    if (broker !== undefined) return get(broker, done);
    return done(new library.NetworkError("The broker has left the cluster, or the partition has no leader."));
  };
  connections.get = guarded as unknown as typeof connections.get;
}

type GetConnection = (broker: object | undefined, done: (error: Error | null) => void) => void;

function keepConnectionErrors({
  connection,
}: {
  connection: { on(event: string, listener: () => void): void };
}): void {
  connection.on("error", NOTHING);
}

export function NOTHING(): void {}

/** What was done when something failed. */
export interface KafkaOperation {
  readonly operation: string;
  readonly topic?: string;
  readonly cause: unknown;
  readonly remedy?: string;
}

/** CONNECTOR_FAILED of a Kafka cluster. */
export function kafkaFailed(plan: KafkaConnectionPlan, failed: KafkaOperation): EngineError {
  const { operation, topic, cause, remedy } = failed;
  const said = saidBy(cause);
  const { username, password, token } = plan.sasl ?? {};
  const { passphrase } = plan.tls ?? {};
  return connectorFailed({
    connector: plan.connector,
    server: plan.brokers.join(", "),
    operation,
    ...(topic === undefined ? {} : { topic }),
    cause: Object.assign(new Error(said), { stack: cause instanceof Error ? cause.stack : undefined }),
    remedy: remedy ?? remedyFor(said, cause),
    secrets: [username, password, token, passphrase].filter((secret) => secret !== undefined),
  });
}

/** Errors of the library hold others: what the broker or the system said is at the leaves. */
function saidBy(error: unknown): string {
  const said = new Set<string>();
  collectMessages(error, said, 0);
  return [...said].join("; ") || "no reason is known";
}

const DEPTH_MAX = 8;

function collectMessages(error: unknown, said: Set<string>, depth: number): void {
  if (depth > DEPTH_MAX) return;
  if (!(error instanceof Error)) {
    if (error !== undefined) said.add(String(error));
    return;
  }
  const { errors } = error as { errors?: unknown };
  if (Array.isArray(errors) && errors.length > 0) {
    for (const inner of errors) collectMessages(inner, said, depth + 1);
    return;
  }
  if (error.cause !== undefined) collectMessages(error.cause, said, depth + 1);
  const { apiId, serverErrorMessage } = error as { apiId?: unknown; serverErrorMessage?: unknown };
  const text = typeof apiId === "string" ? `${apiId}: ${error.message}` : error.message || error.name;
  said.add(
    typeof serverErrorMessage === "string" && serverErrorMessage !== "" ? `${text} (${serverErrorMessage})` : text,
  );
}

function remedyFor(said: string, cause: unknown): string {
  if (hasProperty(cause, "code", "PLT_KFK_AUTHENTICATION")) return "check mechanism, username and password of sasl";
  if (/unknown topic/i.test(said)) return "create the topic, or correct its name";
  if (/AUTHORIZATION/i.test(said)) return "give this client's user the rights that it lacks";
  if (/certificate/i.test(said)) return CHECK_CERTIFICATE;
  return "check that the brokers run, with the names and ports given in brokers, and with tls if they want it";
}

/** True when the error, or one within it, has this property. */
export function hasProperty(error: unknown, name: string, value: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  if ((error as Record<string, unknown>)[name] === value) return true;
  const { errors, cause } = error as { errors?: unknown; cause?: unknown };
  if (Array.isArray(errors) && errors.some((inner) => hasProperty(inner, name, value))) return true;
  return cause !== undefined && cause !== error && hasProperty(cause, name, value);
}
