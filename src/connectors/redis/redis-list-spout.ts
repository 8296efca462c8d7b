import type { SpoutClass } from "../../component/component-schema.ts";
import { spout } from "../../component/spout.ts";
import type { Fields, Values } from "../../tuple/field-types.ts";
import { fields } from "../../tuple/fields.ts";
import { BadMessageWay, outputWithBadMessages } from "../shared/bad-messages.ts";
import { OptionReader } from "../shared/option-reader.ts";
import { redelivering } from "../shared/redelivering.ts";
import { type ListMessage, type ListPlan, ListQueue } from "./list-queue.ts";
import { valueFromText, valuesOfJson } from "./message-values.ts";
import { QUEUE_OPTIONS, type QueueOutputs, type RedisQueueOptions, readQueue } from "./queue-options.ts";
import { openQueue, QueueSource } from "./queue-source.ts";
import { readServer } from "./server-options.ts";

/** Options of `redisListSpout`. */
export interface RedisListOptions<
  F extends Fields,
  D extends string | undefined = undefined,
  B extends string | undefined = undefined,
> extends RedisQueueOptions<F, D, B> {
  /** Of the tuples. Default: `fields("message:string")`. */
  readonly fields?: F;
  /**
   * The values of a message's tuple; what it throws is the reason why it cannot be read. Default: the message
   * itself where there is one field for a text or bytes; else a JSON object, by the names of the fields.
   */
  readonly read?: (message: ListMessage) => Readonly<Values<F>>;
  /** The end that messages are taken from. Default: "right", for producers that use LPUSH. */
  readonly from?: "left" | "right";
}

/**
 * Makes a spout over a list in Redis, from which producers never take anything themselves. A message is moved to a
 * list of the task when it is taken, and removed from there when its tree is acked or it was given up: after a crash
 * it is emitted again. At least once.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION, REPLAY_BAD_OPTION
 * @example redisListSpout({ key: "orders", fields: Order, replay: { retries: 5, deadLetter: "dead" } })
 */
export function redisListSpout<
  F extends Fields = Fields<readonly ["message:string"]>,
  const D extends string | undefined = undefined,
  const B extends string | undefined = undefined,
>(options: RedisListOptions<F, D, B>): SpoutClass<QueueOutputs<F, D, B>, []> {
  const name = "redisListSpout";
  const read = new OptionReader(name, options, [...QUEUE_OPTIONS, "from"]);
  const { rows, replay, badMessages, fetchMax, pollMs, messageBytesMax } = readQueue(read, fields("message:string"));
  const server = readServer(name, read);
  const plan: ListPlan = {
    key: read.text("key"),
    valuesOf: read.callback<ListPlan["valuesOf"]>("read") ?? defaultReader(rows),
    messageBytesMax,
    from: read.word("from", ["left", "right"], "right"),
  };
  const source = spout({
    output: outputWithBadMessages(rows, badMessages) as Fields,
    create: async (context, collector) => {
      const { link, queue } = await openQueue(server, context, (opened) => ListQueue.open(plan, opened, context));
      const way = new BadMessageWay(badMessages, collector as never, context);
      return new QueueSource({ queue, link, context, collector, badMessages: way, fetchMax, pollMs });
    },
  });
  return redelivering(source, replay) as never;
}

function defaultReader({ columns }: Fields): ListPlan["valuesOf"] {
  const [first] = columns;
  const isPlain = columns.length === 1 && (first!.type === "string" || first!.type === "bytes");
  return isPlain ? ({ bytes }) => [valueFromText(first!, bytes)] : ({ text }) => valuesOfJson(columns, text);
}
