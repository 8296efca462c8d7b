import { isFields } from "../../component/outputs.ts";
import type { ReplayOptions } from "../../component/replay-options.ts";
import type { Fields, Row } from "../../tuple/field-types.ts";
import { fields } from "../../tuple/fields.ts";
import { readBadMessages } from "../shared/bad-messages.ts";
import { OptionReader, TIMER_MS_MAX } from "../shared/option-reader.ts";
import type { FetchSettings } from "./fetcher.ts";
import type { FirstOffset } from "./first-offsets.ts";
import type { GroupSettings } from "./group-member.ts";
import {
  CONNECTION_OPTIONS,
  isTopic,
  type KafkaConnectionOptions,
  type KafkaConnectionPlan,
  readConnection,
  readName,
} from "./kafka-client.ts";
import {
  type Decoded,
  decoderOf,
  type KafkaDecoder,
  type KafkaDecoders,
  type KafkaDecoding,
  type KafkaMessage,
  type RecordMessage,
  Unreadable,
} from "./kafka-message.ts";

/** The fields of a spout without a mapper: keys and values as text. */
export const KafkaRow = fields(
  "topic:string",
  "partition:int32",
  "offset:float64",
  "timestampMs:float64",
  "key:string?",
  "value:string?",
);

/** What may be lost and what may come twice. */
export type KafkaDelivery = "at-least-once" | "at-most-once" | "none";

/** Options of `kafkaSpout` that say what is read, and how. docs/CONNECTORS.md has their defaults. */
export interface KafkaReadOptions<B extends string | undefined> extends KafkaConnectionOptions {
  readonly topics: string | readonly string[];
  /** The consumer group: its members share the partitions, and its commits say what is done. */
  readonly group: string;
  /** Where a partition is begun. Default: "uncommitted-earliest". */
  readonly from?: FirstOffset;
  /** "end": reading ends with what was there at the start. Default: it never ends. */
  readonly until?: "end";
  readonly delivery?: KafkaDelivery;
  /** A stream for messages that cannot be read. Default: they are logged. */
  readonly badMessages?: B;
  /** A message with more bytes, key and value together, is a bad one. Default: 32,768. */
  readonly messageBytesMax?: number;
  /** Messages of a partition that may have been emitted behind the oldest that is not done. Default: 100,000. */
  readonly aheadMax?: number;
  /** Time between two commits. Default: 1,000. */
  readonly commitMs?: number;
  /** Of one partition in one fetch; twice as much of it may be held. Default: 1,048,576. */
  readonly fetchBytes?: number;
  /** How long a broker waits for a first message before it says that there is none. Default: 250. */
  readonly fetchWaitMs?: number;
  /** Reads what transactions have written before they are committed. Default: false. */
  readonly readUncommitted?: boolean;
  /** Default: 10,000. */
  readonly sessionTimeoutMs?: number;
  /** Default: 15,000, at least `sessionTimeoutMs`. */
  readonly rebalanceTimeoutMs?: number;
  /** Default: 1,000. */
  readonly heartbeatMs?: number;
}

/** How messages become tuples: with a mapper, whatever fields it fills. */
export interface KafkaMapOptions<F extends Fields, N extends KafkaDecoding, V, M extends KafkaDecoding, K> {
  readonly fields: F;
  /** Default: "string". */
  readonly value?: N | KafkaDecoder<V>;
  /** Default: "string". */
  readonly key?: M | KafkaDecoder<K>;
  /** The row of a message; null leaves it out. What it throws makes the message a bad one. */
  readonly map: (message: KafkaMessage<Decoded<N, V>, Decoded<M, K>>) => Row<F> | null;
}

/** Without a mapper: the fields of `KafkaRow`. */
export interface KafkaPlainOptions {
  readonly fields?: undefined;
  readonly value?: undefined;
  readonly key?: undefined;
  readonly map?: undefined;
}

/** How failed messages are emitted again; only at least once. */
export interface KafkaReplayOptions<F extends Fields, D extends string | undefined> {
  /**
   * As of `replaying`, but for two defaults: `retries` is Infinity, and pauses grow to 2 s only. A message that is
   * given up counts as done.
   */
  readonly replay?: Omit<ReplayOptions<F, D>, "redelivers">;
}

/** A Kafka spout's options with everything filled in. */
export interface KafkaSpoutPlan {
  readonly connection: KafkaConnectionPlan;
  readonly fetch: FetchSettings;
  readonly group: GroupSettings;
  readonly output: Fields;
  readonly from: FirstOffset;
  readonly untilEnd: boolean;
  readonly delivery: KafkaDelivery;
  readonly decoders: KafkaDecoders;
  /** Null for a message that is left out. @throws Unreadable */
  readonly valuesOf: (message: RecordMessage) => unknown[] | null;
  readonly badMessages: string | null;
  readonly messageBytesMax: number;
  readonly aheadMax: number;
  readonly commitMs: number;
  readonly replay: object | undefined;
}

const CONNECTOR = "kafkaSpout";
const FROM = ["uncommitted-earliest", "uncommitted-latest", "earliest", "latest"] as const;
const DELIVERIES = ["at-least-once", "at-most-once", "none"] as const;
const DECODINGS = ["string", "json", "bytes"] as const;
const OPTIONS = [
  ...CONNECTION_OPTIONS,
  "topics",
  "group",
  "from",
  "until",
  "delivery",
  "badMessages",
  "messageBytesMax",
  "aheadMax",
  "commitMs",
  "fetchBytes",
  "fetchWaitMs",
  "readUncommitted",
  "sessionTimeoutMs",
  "rebalanceTimeoutMs",
  "heartbeatMs",
  "fields",
  "value",
  "key",
  "map",
  "replay",
];
const BYTES_MAX = 1_073_741_824;
/** Between two looks for partitions that were added. */
const LOOK_MS = 5_000;

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function readSpoutOptions(given: unknown): KafkaSpoutPlan {
  const options = new OptionReader(CONNECTOR, given, OPTIONS);
  const ms = (name: string, min: number, byDefault: number) =>
    options.whole(name, { min, max: TIMER_MS_MAX, byDefault });
  const topics = readTopics(options);
  const group = readName(options, "group");
  const delivery = options.word("delivery", DELIVERIES, "at-least-once");
  const sessionTimeoutMs = ms("sessionTimeoutMs", 1, 10_000);
  if (options.has("until") && options.given("until") !== "end") throw options.bad("until", '"end"');
  if (options.has("replay") && delivery !== "at-least-once") {
    throw options.bad("replay", 'nothing, unless delivery is "at-least-once"');
  }
  return {
    connection: readConnection(CONNECTOR, options),
    fetch: {
      topics,
      group,
      fetchBytes: options.whole("fetchBytes", { min: 1, max: BYTES_MAX, byDefault: 1_048_576 }),
      fetchWaitMs: ms("fetchWaitMs", 1, 250),
      readUncommitted: options.flag("readUncommitted", false),
    },
    group: {
      group,
      topics,
      sessionTimeoutMs,
      rebalanceTimeoutMs: ms("rebalanceTimeoutMs", sessionTimeoutMs, Math.max(15_000, sessionTimeoutMs)),
      heartbeatMs: options.whole("heartbeatMs", {
        min: 1,
        max: sessionTimeoutMs,
        byDefault: Math.min(1_000, Math.ceil(sessionTimeoutMs / 3)),
      }),
      lookMs: LOOK_MS,
    },
    from: readFrom(options),
    untilEnd: options.has("until"),
    delivery,
    badMessages: readBadMessages(options),
    messageBytesMax: options.whole("messageBytesMax", { min: 1, max: BYTES_MAX, byDefault: 32_768 }),
    aheadMax: options.whole("aheadMax", { min: 1, max: 16_777_216, byDefault: 100_000 }),
    commitMs: ms("commitMs", 1, 1_000),
    replay: options.objectOf("replay", "the options of replaying"),
    ...readMapping(options),
  };
}

function readTopics(options: OptionReader): readonly string[] {
  const given = options.given("topics");
  const topics = Array.isArray(given) ? (given as unknown[]) : [given];
  if (topics.length > 0 && topics.every(isTopic)) return [...new Set(topics as string[])];
  throw options.bad("topics", "the name of a topic, or a list of names");
}

function readFrom(options: OptionReader): FirstOffset {
  const from = options.given("from");
  if (typeof from !== "object" || from === null) return options.word("from", FROM, "uncommitted-earliest");
  const time = options.group("from", ["timestampMs"]);
  return { timestampMs: time.number("timestampMs", { min: 0, byDefault: Number.NaN }) };
}

function readMapping(options: OptionReader): Pick<KafkaSpoutPlan, "output" | "decoders" | "valuesOf"> {
  const decoding = (name: "key" | "value") =>
    typeof options.given(name) === "function"
      ? options.callback<KafkaDecoder<unknown>>(name)!
      : options.word(name, DECODINGS, "string");
  const decoders = { key: decoderOf(decoding("key")), value: decoderOf(decoding("value")) };
  const map = options.callback<(message: RecordMessage) => Readonly<Record<string, unknown>> | null>("map");
  const output = options.given("fields");
  if (map === null) {
    for (const name of ["fields", "key", "value"]) {
      if (options.has(name)) throw options.bad(name, "nothing, where there is no map");
    }
    return { output: KafkaRow, decoders, valuesOf: plainValues };
  }
  if (!isFields(output)) throw options.bad("fields", "the fields that map fills: fields(...)");
  const names = output.columns.map((column) => column.name);
  const valuesOf = (message: RecordMessage) => {
    const row = guarded(() => map(message));
    return row === null || row === undefined ? null : names.map((name) => row[name]);
  };
  return { output, decoders, valuesOf };
}

function plainValues(message: RecordMessage): unknown[] {
  const { topic, partition, offset, timestampMs } = message;
  return guarded(() => [topic, partition, offset, timestampMs, message.key, message.value]);
}

function guarded<R>(make: () => R): R {
  try {
    return make();
  } catch (error) {
    throw new Unreadable(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
