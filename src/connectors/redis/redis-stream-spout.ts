import type { SpoutClass } from "../../component/component-schema.ts";
import { spout } from "../../component/spout.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { Fields, Values } from "../../tuple/field-types.ts";
import { fields } from "../../tuple/fields.ts";
import { BadMessageWay, outputWithBadMessages } from "../shared/bad-messages.ts";
import { OptionReader, TIMER_MS_MAX } from "../shared/option-reader.ts";
import { redelivering } from "../shared/redelivering.ts";
import { ownValue, valueFromText } from "./message-values.ts";
import { QUEUE_OPTIONS, type QueueOutputs, type RedisQueueOptions, readQueue } from "./queue-options.ts";
import { openQueue, QueueSource } from "./queue-source.ts";
import { readServer } from "./server-options.ts";
import { type StreamMessage, type StreamPlan, StreamQueue } from "./stream-queue.ts";

/** Options of `redisStreamSpout`. */
export interface RedisStreamOptions<
  F extends Fields,
  D extends string | undefined = undefined,
  B extends string | undefined = undefined,
> extends RedisQueueOptions<F, D, B> {
  /** The consumer group: made where there is none. */
  readonly group: string;
  /** Of the tuples. */
  readonly fields: F;
  /**
   * The values of an entry's tuple; what it throws is the reason why it cannot be read. Default: what the entry
   * has under the names of the fields.
   */
  readonly read?: (message: StreamMessage) => Readonly<Values<F>>;
  /** Where a group begins that is made: at the first entry, or behind the last one. Default: "first". */
  readonly start?: "first" | "new";
  /**
   * An entry that another consumer was handed and has shown no sign of for so long is taken over from it. A running
   * task shows its own three times as often. Default: 60,000.
   */
  readonly claimIdleMs?: number;
  /** Removes entries from the stream when they are done. Default: false. */
  readonly deleteDone?: boolean;
}

const OPTIONS = [...QUEUE_OPTIONS, "group", "start", "claimIdleMs", "deleteDone"];

/**
 * Makes a spout over a stream in Redis, as a consumer of a group. An entry is acknowledged when its tree is acked or
 * it was given up; after a crash it is emitted again, by the same task or by another one. At least once.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION, REPLAY_BAD_OPTION
 * @example redisStreamSpout({ key: "orders", group: "billing", fields: Order, replay: { deadLetter: "dead" } })
 */
export function redisStreamSpout<
  F extends Fields,
  const D extends string | undefined = undefined,
  const B extends string | undefined = undefined,
>(options: RedisStreamOptions<F, D, B>): SpoutClass<QueueOutputs<F, D, B>, []> {
  const name = "redisStreamSpout";
  const read = new OptionReader(name, options, OPTIONS);
  if (!read.has("fields")) throw read.bad("fields", "what fields(...) made");
  const { rows, replay, badMessages, fetchMax, pollMs, messageBytesMax } = readQueue(read, fields("message:string"));
  const server = readServer(name, read);
  const plan: StreamPlan = {
    key: read.text("key"),
    group: read.text("group"),
    valuesOf: read.callback<StreamPlan["valuesOf"]>("read") ?? defaultReader(rows),
    messageBytesMax,
    start: read.word("start", ["first", "new"], "first") === "new" ? "$" : "0",
    claimIdleMs: read.whole("claimIdleMs", { min: 100, max: TIMER_MS_MAX, byDefault: 60_000 }),
    deleteDone: read.flag("deleteDone", false),
  };
  const source = spout({
    output: outputWithBadMessages(rows, badMessages) as Fields,
    create: async (context: TaskContext, collector) => {
      const { link, queue } = await openQueue(server, context, (opened) => StreamQueue.open(plan, opened, context));
      const way = new BadMessageWay(badMessages, collector as never, context);
      return new QueueSource({ queue, link, context, collector, badMessages: way, fetchMax, pollMs });
    },
  });
  return redelivering(source, replay) as never;
}

function defaultReader({ columns }: Fields): StreamPlan["valuesOf"] {
  return ({ values }) => columns.map((column) => valueFromText(column, ownValue(values, column.name)));
}
