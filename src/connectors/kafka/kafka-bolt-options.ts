import { isFields } from "../../component/outputs.ts";
import type { AnyTuple } from "../../tuple/tuple.ts";
import { OptionReader, TIMER_MS_MAX } from "../shared/option-reader.ts";
import { CONNECTION_OPTIONS, isTopic, type KafkaConnectionPlan, readConnection } from "./kafka-client.ts";

/** What a message's key or value may be: text, bytes, or null for none. */
export type KafkaPayload = string | Uint8Array | null;

/** A message as it is sent. */
export interface OutgoingMessage {
  readonly topic: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: ReadonlyMap<Buffer, Buffer> | null;
  readonly timestamp: bigint | null;
  /** Null: by the key. */
  readonly partition: number | null;
}

/** A Kafka bolt's options with everything filled in. */
export interface KafkaBoltPlan {
  readonly connection: KafkaConnectionPlan;
  readonly checkTopics: readonly string[];
  /** Throws what a user's function throws. */
  readonly messageOf: (tuple: AnyTuple) => OutgoingMessage;
  readonly compression: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  readonly batchRows: number;
  readonly lingerMs: number;
  readonly inFlightMax: number;
}

type OfTuple<R> = (tuple: AnyTuple) => R;

const CONNECTOR = "kafkaBolt";
const COMPRESSIONS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
const OPTIONS = [
  ...CONNECTION_OPTIONS,
  "input",
  "topic",
  "key",
  "value",
  "headers",
  "timestampMs",
  "partition",
  "compression",
  "checkTopics",
  "batchRows",
  "lingerMs",
  "inFlightMax",
];

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function readBoltOptions(given: unknown): KafkaBoltPlan {
  const options = new OptionReader(CONNECTOR, given, OPTIONS);
  const input = options.given("input");
  if (!isFields(input)) throw options.bad("input", "the fields of its input: fields(...)");
  const names = input.columns.map((column) => column.name);
  return {
    connection: readConnection(CONNECTOR, options),
    checkTopics: readCheckTopics(options),
    messageOf: messageMaker(options, names),
    compression: options.word("compression", COMPRESSIONS, "none"),
    batchRows: options.whole("batchRows", { min: 1, max: 100_000, byDefault: 500 }),
    lingerMs: options.whole("lingerMs", { min: 0, max: TIMER_MS_MAX, byDefault: 5 }),
    inFlightMax: options.whole("inFlightMax", { min: 1, max: 1_000, byDefault: 4 }),
  };
}

function readCheckTopics(options: OptionReader): readonly string[] {
  const topic = options.given("topic");
  if (!options.has("checkTopics")) return typeof topic === "string" ? [topic] : [];
  const topics = options.given("checkTopics");
  if (Array.isArray(topics) && topics.every(isTopic)) return [...topics];
  throw options.bad("checkTopics", "a list of names of topics");
}

function readTopic(options: OptionReader): string {
  const topic = options.given("topic");
  if (isTopic(topic)) return topic;
  throw options.bad("topic", "the name of a topic, or a function of the tuple");
}

function messageMaker(options: OptionReader, names: readonly string[]): OfTuple<OutgoingMessage> {
  const topicOf =
    typeof options.given("topic") === "function" ? options.callback<OfTuple<string>>("topic")! : readTopic(options);
  const toKey = options.has("key") ? payloadReader(options, "key", names) : () => null;
  const toValue = options.has("value") ? payloadReader(options, "value", names) : jsonOf(names);
  const headersOf = options.callback<OfTuple<Readonly<Record<string, string | Uint8Array>>>>("headers");
  const timeOf = options.callback<OfTuple<number>>("timestampMs");
  const partitionOf = options.callback<OfTuple<number>>("partition");
  return (tuple) => ({
    topic: typeof topicOf === "string" ? topicOf : topicName(topicOf(tuple)),
    key: bytesOf(toKey(tuple)),
    value: bytesOf(toValue(tuple)),
    headers: headersOf === null ? null : headerMap(headersOf(tuple)),
    timestamp: timeOf === null ? null : BigInt(Math.trunc(timeOf(tuple))),
    partition: partitionOf === null ? null : partitionNumber(partitionOf(tuple)),
  });
}

/** One row with a topic or partition that is none would take its whole batch with it. */
function topicName(topic: unknown): string {
  if (isTopic(topic)) return topic;
  throw new TypeError(`topic gave ${String(topic)}, and no name of a topic`);
}

function partitionNumber(partition: unknown): number {
  if (Number.isSafeInteger(partition) && (partition as number) >= 0) return partition as number;
  throw new TypeError(`partition gave ${String(partition)}, and no whole number from 0`);
}

function payloadReader(options: OptionReader, name: string, names: readonly string[]): OfTuple<KafkaPayload> {
  const given = options.given(name);
  if (typeof given === "function") return given as OfTuple<KafkaPayload>;
  if (typeof given !== "string" || !names.includes(given)) {
    throw options.bad(name, ["a function of the tuple", ...names]);
  }
  return (tuple) => payloadOf((tuple as unknown as Readonly<Record<string, unknown>>)[given]);
}

/** A field's value as bytes or text: what is neither becomes JSON. */
function payloadOf(value: unknown): KafkaPayload {
  if (value === null || value === undefined) return null;
  if (typeof value === "string" || value instanceof Uint8Array) return value;
  return JSON.stringify(value, plainValue);
}

function jsonOf(names: readonly string[]): OfTuple<string> {
  return (tuple) => {
    const row = tuple as unknown as Readonly<Record<string, unknown>>;
    return JSON.stringify(Object.fromEntries(names.map((name) => [name, row[name]])), plainValue);
  };
}

/** JSON has no big integers and no bytes: digits as text, and base64. */
function plainValue(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
}

function bytesOf(payload: KafkaPayload): Buffer | null {
  if (payload === null || payload === undefined) return null;
  if (typeof payload === "string") return Buffer.from(payload, "utf8");
  if (payload instanceof Uint8Array) return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  throw new TypeError(`a key or value is ${typeof payload}, and no text, bytes or null`);
}

function headerMap(headers: Readonly<Record<string, string | Uint8Array>>): ReadonlyMap<Buffer, Buffer> {
  return new Map(
    Object.entries(headers).map(([name, value]) => [Buffer.from(name, "utf8"), bytesOf(value) ?? Buffer.alloc(0)]),
  );
}
