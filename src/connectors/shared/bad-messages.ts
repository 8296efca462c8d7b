import type { Outputs } from "../../component/outputs.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { Fields } from "../../tuple/field-types.ts";
import { fields } from "../../tuple/fields.ts";
import type { OptionReader } from "./option-reader.ts";

/**
 * The fields of a stream that takes what cannot be read. `origin` is a path, a topic with its partition or a key;
 * `position` says where in it; `bytes` are the first 4,096 of the message.
 */
export const BadMessage = fields("origin:string", "position:string", "reason:string", "bytes:bytes");

/** Of a bad message so many bytes are shown at most. */
export const BAD_MESSAGE_BYTES_MAX = 4096;
/** Of the texts about it so many characters: a reason may quote the whole of it. */
const TEXT_CHARS_MAX = 1000;

/** What a source emits: its own stream, and one of bad messages if it is given a name for it. */
export type WithBadMessages<F extends Fields, B> = [B] extends [string]
  ? { readonly [S in B | "default"]: S extends "default" ? F : typeof BadMessage }
  : F;

/** A message that cannot be read. */
export interface Unreadable {
  readonly origin: string;
  readonly position: string;
  readonly reason: string;
  /** The message, or its beginning. */
  readonly bytes: Uint8Array;
}

/** The option `badMessages`: the name of a stream, or null. */
export function readBadMessages(options: OptionReader): string | null {
  const stream = options.textOrNull("badMessages");
  if (stream === "default") throw options.bad("badMessages", 'the name of a stream other than "default"');
  return stream;
}

/** The streams of a source that sends bad messages to `badMessages`, if that is a name. */
export function outputWithBadMessages(own: Fields, badMessages: string | null): Outputs {
  return badMessages === null ? own : { default: own, [badMessages]: BadMessage };
}

/**
 * Why a row was refused whose values do not fit its fields, in one line. Every other error is not the message's
 * fault, and is thrown.
 */
export function refusalOf(error: unknown): string {
  // By its code: the engine's class may be that of another copy of the package.
  if ((error as { code?: unknown } | null)?.code !== "TUPLE_VALUE_INVALID") throw error;
  return firstLine((error as Error).message);
}

/** An error's message without the facts and the remedy below it. */
export function firstLine(message: string): string {
  return message.split("\n", 1)[0]!;
}

/** What a spout of any streams emits through. */
interface StreamEmitter {
  emitTo(stream: never, values: never, id?: unknown): void;
}

/** The way of a task's bad messages: to their stream, or into the log, and always counted. */
export class BadMessageWay {
  readonly #stream: string | null;
  readonly #collector: StreamEmitter;
  readonly #context: TaskContext;
  readonly #count: { increment(by?: number): void };
  readonly #bytesMax: number;
  readonly #charsMax: number;

  constructor(stream: string | null, collector: StreamEmitter, context: TaskContext) {
    this.#stream = stream;
    this.#collector = collector;
    this.#context = context;
    this.#count = context.metrics.counter("badMessages");
    // Whatever is wrong with a message, the word of it passes.
    this.#bytesMax = Math.min(BAD_MESSAGE_BYTES_MAX, Math.floor(context.tupleBytesMax / 4));
    this.#charsMax = Math.min(TEXT_CHARS_MAX, Math.floor(context.tupleBytesMax / 16));
  }

  /**
   * Where it goes to a stream it is emitted with the id, if there is one.
   *
   * @returns true when the source will hear of that id again; false when the message is done with this call
   */
  take(unreadable: Unreadable, id?: object): boolean {
    this.#count.increment();
    const { position, bytes } = unreadable;
    const origin = unreadable.origin.slice(0, this.#charsMax);
    const reason = unreadable.reason.slice(0, this.#charsMax);
    if (this.#stream === null) {
      this.#context.logger.warn({ origin, position, reason }, "a message that cannot be read was left out");
      return false;
    }
    // A copy, since the caller's bytes are a part of a buffer that will hold others. Not by `slice`: that of a Buffer
    // shows the same memory.
    const beginning = new Uint8Array(bytes.subarray(0, this.#bytesMax));
    const values = [origin, position, reason, beginning];
    this.#collector.emitTo(this.#stream as never, values as never, id);
    return id !== undefined;
  }
}
