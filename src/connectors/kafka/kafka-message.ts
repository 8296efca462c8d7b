import type * as Kafka from "@platformatic/kafka";
import type { PartitionState } from "./partition-state.ts";

/** One message of a topic, as a mapper sees it. What is not asked for is not decoded. */
export interface KafkaMessage<V = string, K = string> {
  readonly topic: string;
  readonly partition: number;
  /** Exact up to 2^53. */
  readonly offset: number;
  /** Milliseconds since 1970: when it was produced, or appended, as the topic is set up. */
  readonly timestampMs: number;
  /** Null of a message without a key. */
  readonly key: K | null;
  /** Null of a message without a value, which deletes its key from a compacted topic. */
  readonly value: V | null;
  readonly headers: ReadonlyMap<string, Uint8Array>;
  /** A header as text; null when there is none of that name. Of several with one name, the last. */
  header(name: string): string | null;
}

/** Makes a value of a message's bytes. What it throws makes the message a bad one. */
export type KafkaDecoder<V> = (bytes: Buffer) => V;

/** The ways of reading bytes that have names. */
export type KafkaDecoding = "string" | "json" | "bytes";

/** What bytes become: what a decoder `V` gives, where there is one, else what the decoding `N` stands for. */
export type Decoded<N, V> = [V] extends [never]
  ? N extends "string"
    ? string
    : N extends "bytes"
      ? Buffer
      : unknown
  : V;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const named: Readonly<Record<string, KafkaDecoder<unknown>>> = {
  // Bytes that are no text become U+FFFD.
  string: (bytes) => bytes.toString("utf8"),
  json: (bytes) => JSON.parse(bytes.toString("utf8")) as unknown,
  bytes: (bytes) => bytes,
};

export function decoderOf(decoding: KafkaDecoding | KafkaDecoder<unknown>): KafkaDecoder<unknown> {
  return typeof decoding === "function" ? decoding : named[decoding]!;
}

/** How messages are decoded. */
export interface KafkaDecoders {
  readonly key: KafkaDecoder<unknown>;
  readonly value: KafkaDecoder<unknown>;
}

/** What a decoder or a mapper threw: the message is bad. */
export class Unreadable extends Error {}

const UNREAD = Symbol("unread");

/** A message around what the library has read of it. */
export class RecordMessage implements KafkaMessage<unknown, unknown> {
  readonly offset: number;
  readonly #state: PartitionState;
  readonly #batch: Kafka.RecordsBatch;
  readonly #record: Kafka.KafkaRecord;
  readonly #decoders: KafkaDecoders;
  #key: unknown = UNREAD;
  #value: unknown = UNREAD;
  #headers: ReadonlyMap<string, Uint8Array> | null = null;

  constructor(
    state: PartitionState,
    batch: Kafka.RecordsBatch,
    record: Kafka.KafkaRecord,
    offset: number,
    decoders: KafkaDecoders,
  ) {
    this.offset = offset;
    this.#state = state;
    this.#batch = batch;
    this.#record = record;
    this.#decoders = decoders;
  }

  get topic(): string {
    return this.#state.topic;
  }

  get partition(): number {
    return this.#state.partition;
  }

  get timestampMs(): number {
    return Number(this.#batch.firstTimestamp + this.#record.timestampDelta);
  }

  get key(): unknown {
    if (this.#key === UNREAD) this.#key = decode(this.#record.key, this.#decoders.key);
    return this.#key;
  }

  get value(): unknown {
    if (this.#value === UNREAD) this.#value = decode(this.#record.value, this.#decoders.value);
    return this.#value;
  }

  get headers(): ReadonlyMap<string, Uint8Array> {
    this.#headers ??= headersOf(this.#record);
    return this.#headers;
  }

  header(name: string): string | null {
    const bytes = this.headers.get(name);
    return bytes === undefined ? null : utf8.decode(bytes);
  }

  /** Of key and value together. */
  get bytes(): number {
    return (this.#record.key?.length ?? 0) + (this.#record.value?.length ?? 0);
  }

  /** For whoever looks at a bad message. */
  get rawValue(): Uint8Array {
    return this.#record.value ?? NO_BYTES;
  }
}

const NO_BYTES = new Uint8Array(0);

function decode(bytes: Buffer | null | undefined, decoder: KafkaDecoder<unknown>): unknown {
  return bytes === null || bytes === undefined ? null : decoder(bytes);
}

function headersOf(record: Kafka.KafkaRecord): ReadonlyMap<string, Uint8Array> {
  const headers = new Map<string, Uint8Array>();
  for (const [name, value] of record.headers) headers.set(String(name ?? ""), value ?? NO_BYTES);
  return headers;
}
