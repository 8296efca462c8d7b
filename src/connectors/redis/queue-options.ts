import { isFields } from "../../component/outputs.ts";
import type { ReplayOptions } from "../../component/replay-options.ts";
import type { ReplayOutputs, ReplayStreams } from "../../component/replaying.ts";
import type { Fields } from "../../tuple/field-types.ts";
import { type BadMessage, readBadMessages } from "../shared/bad-messages.ts";
import type { OptionReader } from "../shared/option-reader.ts";
import { type RedisServerOptions, SERVER_OPTIONS } from "./server-options.ts";

/** Options that spouts over queues in Redis have in common. */
export interface RedisQueueOptions<F extends Fields, D extends string | undefined, B extends string | undefined>
  extends RedisServerOptions {
  /** Of the list, or the stream. */
  readonly key: string;
  /** What becomes of failed messages: see docs/REPLAY.md. */
  readonly replay?: ReplayOptions<F, D>;
  /** The stream for what cannot be read. Without it that is logged. */
  readonly badMessages?: B;
  /** A message with more bytes cannot be read. Default: 32,768; what a ring takes bounds it, see `ringBytesMin`. */
  readonly messageBytesMax?: number;
  /** Messages that are fetched in one go at most. Default: 256. */
  readonly fetchMax?: number;
  /** How often an empty queue is looked at. Default: 20. */
  readonly pollMs?: number;
}

/** What a spout over a queue emits. */
export type QueueOutputs<F extends Fields, D, B> = [B] extends [string]
  ? ReplayStreams<{ readonly [S in B | "default"]: S extends "default" ? F : typeof BadMessage }, D>
  : ReplayOutputs<F, D>;

/** Names of the options that spouts over queues have in common. */
export const QUEUE_OPTIONS = [
  "key",
  "fields",
  "read",
  "replay",
  "badMessages",
  "messageBytesMax",
  "fetchMax",
  "pollMs",
  ...SERVER_OPTIONS,
] as const;

/** Options of a queue, checked. */
export interface QueuePlan {
  readonly rows: Fields;
  /** Checked where the spout is made. */
  readonly replay: object | undefined;
  readonly badMessages: string | null;
  readonly fetchMax: number;
  readonly pollMs: number;
  readonly messageBytesMax: number;
}

/** What both kinds of queues are told. @throws EngineError CONNECTOR_BAD_OPTION */
export function readQueue(read: OptionReader, byDefault: Fields): QueuePlan {
  const rows = read.has("fields") ? read.given("fields") : byDefault;
  if (!isFields(rows)) throw read.bad("fields", "what fields(...) made");
  return {
    rows,
    replay: read.objectOf("replay", "the options of replaying"),
    badMessages: readBadMessages(read),
    fetchMax: read.whole("fetchMax", { min: 1, max: 10_000, byDefault: 256 }),
    pollMs: read.whole("pollMs", { min: 1, max: 60_000, byDefault: 20 }),
    messageBytesMax: read.whole("messageBytesMax", { min: 1, byDefault: 32_768 }),
  };
}
