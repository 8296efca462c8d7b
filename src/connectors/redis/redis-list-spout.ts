import type { SpoutClass } from "../../component/component-schema.ts";
import type { ReplayOptions } from "../../component/replay-options.ts";
import { replaying } from "../../component/replaying.ts";
import { spout } from "../../component/spout.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { Fields, Values } from "../../tuple/field-types.ts";
import { fields } from "../../tuple/fields.ts";
import { BadMessageWay, outputWithBadMessages, type Unreadable } from "../shared/bad-messages.ts";
import { OptionReader } from "../shared/option-reader.ts";
import { UnreadableValue, valueFromText, valuesOfJson } from "./message-values.ts";
import { QUEUE_OPTIONS, type QueueOutputs, type RedisQueueOptions, readQueue } from "./queue-options.ts";
import { QueueSource, type RedisQueue } from "./queue-source.ts";
import { RedisLink } from "./redis-link.ts";
import { type RedisServerPlan, readServer } from "./server-options.ts";

/** A message of a list. */
export interface ListMessage {
  readonly bytes: Uint8Array;
  /** The bytes as UTF-8. */
  readonly text: string;
}

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

interface ListPlan {
  readonly server: RedisServerPlan;
  readonly key: string;
  readonly valuesOf: (message: ListMessage) => readonly unknown[];
  readonly messageBytesMax: number;
  readonly from: "left" | "right";
}

type Message = ListMessage & { readonly name: string };

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
  const plan: ListPlan = {
    server: readServer(name, read),
    key: read.text("key"),
    valuesOf: read.callback<ListPlan["valuesOf"]>("read") ?? defaultReader(rows),
    messageBytesMax,
    from: read.word("from", ["left", "right"], "right"),
  };
  const source = spout({
    output: outputWithBadMessages(rows, badMessages) as Fields,
    create: async (context, collector) => {
      const link = await RedisLink.open(plan.server, context);
      const queue = await ListQueue.open(plan, link, context);
      const way = new BadMessageWay(badMessages, collector as never, context);
      return new QueueSource<Message>({ queue, link, context, collector, badMessages: way, fetchMax, pollMs });
    },
  });
  return replaying(source, { ...replay, redelivers: true } as ReplayOptions<Fields>) as never;
}

function defaultReader({ columns }: Fields): ListPlan["valuesOf"] {
  const [first] = columns;
  const isPlain = columns.length === 1 && (first!.type === "string" || first!.type === "bytes");
  return isPlain ? ({ bytes }) => [valueFromText(first!, bytes)] : ({ text }) => valuesOfJson(columns, text);
}

/** One task's part in a list: the messages that it was handed are in a list of its own. */
class ListQueue implements RedisQueue<Message> {
  readonly #plan: ListPlan;
  readonly #link: RedisLink;
  /** Name of the list of what was handed to this task: the same in every run. */
  readonly #own: string;
  readonly #from: "LEFT" | "RIGHT";
  readonly #to: "LEFT" | "RIGHT";
  /** By content: how many equal messages are under way. */
  readonly #underWay = new Map<string, number>();
  /** How many to ask for: a list that is nearly empty is not asked for hundreds. */
  #wanted = 1;

  private constructor(plan: ListPlan, link: RedisLink, own: string) {
    this.#plan = plan;
    this.#link = link;
    this.#own = own;
    this.#from = plan.from === "left" ? "LEFT" : "RIGHT";
    this.#to = plan.from === "left" ? "RIGHT" : "LEFT";
  }

  static async open(plan: ListPlan, link: RedisLink, context: TaskContext): Promise<ListQueue> {
    const prefix = `${plan.key}:processing:${context.topology}/${context.component}/`;
    const queue = new ListQueue(plan, link, `${prefix}${context.taskIndex}`);
    const lists = `${plan.key}:processing`;
    await queue.#call("SADD", [["SADD", lists, queue.#own]]);
    if (context.taskIndex === 0) await queue.#returnLeftovers(lists, prefix, context.taskCount);
    return queue;
  }

  async fetch(max: number): Promise<Message[]> {
    const wanted = Math.min(max, this.#wanted);
    const { key } = this.#plan;
    const command = ["LMOVE", key, this.#own, this.#from, this.#to] as const;
    const values = await this.#call("LMOVE", new Array<typeof command>(wanted).fill(command));
    const messages = values.filter((value) => value !== null).map((value) => this.#begin(value as Buffer));
    this.#wanted = messages.length < wanted ? Math.max(1, messages.length) : Math.min(max, wanted * 8);
    return messages;
  }

  async recover(): Promise<Message[]> {
    const [values] = await this.#call("LRANGE", [["LRANGE", this.#own, 0, -1]]);
    const handedOut = this.#plan.from === "left" ? (values as Buffer[]) : (values as Buffer[]).reverse();
    const known = new Map(this.#underWay);
    const messages: Message[] = [];
    for (const bytes of handedOut) {
      const name = bytes.toString("latin1");
      const count = known.get(name) ?? 0;
      if (count > 0) known.set(name, count - 1);
      else messages.push(this.#begin(bytes));
    }
    return messages;
  }

  async forget(messages: readonly Message[]): Promise<void> {
    // From the end with the oldest.
    const count = this.#plan.from === "left" ? 1 : -1;
    const removals = messages.map(({ bytes }) => ["LREM", this.#own, count, bytes as Buffer] as const);
    try {
      await this.#call("LREM", removals);
    } catch (error) {
      // Asked again, it might remove an equal one that is still under way: better that this one comes twice.
      const areUnique = messages.every(({ name }) => this.#underWay.get(name) === 1);
      if (areUnique) throw error;
    }
    for (const { name } of messages) {
      const left = this.#underWay.get(name)! - 1;
      if (left === 0) this.#underWay.delete(name);
      else this.#underWay.set(name, left);
    }
  }

  async lag(): Promise<number> {
    const [length] = await this.#call("LLEN", [["LLEN", this.#plan.key]]);
    return Number(length);
  }

  valuesOf(message: Message): readonly unknown[] {
    const { messageBytesMax, valuesOf } = this.#plan;
    const { length } = message.bytes;
    if (length > messageBytesMax) throw new UnreadableValue(`it has ${length} bytes, more than ${messageBytesMax}`);
    return valuesOf(message);
  }

  unreadable({ bytes }: Message, reason: string): Unreadable {
    return { origin: this.#plan.key, position: "", reason, bytes };
  }

  #begin(bytes: Buffer): Message {
    const name = bytes.toString("latin1");
    this.#underWay.set(name, (this.#underWay.get(name) ?? 0) + 1);
    return {
      bytes,
      name,
      get text() {
        return bytes.toString();
      },
    };
  }

  /** What was handed to tasks that there are no more, since the component has fewer of them than in a run before. */
  async #returnLeftovers(lists: string, prefix: string, taskCount: number): Promise<void> {
    const [names] = await this.#call("SMEMBERS", [["SMEMBERS", lists]]);
    for (const name of (names as Buffer[]).map(String)) {
      if (!name.startsWith(prefix) || Number(name.slice(prefix.length)) < taskCount) continue;
      const [length] = await this.#call("LLEN", [["LLEN", name]]);
      const back = ["LMOVE", name, this.#plan.key, this.#to, this.#from] as const;
      await this.#call("LMOVE", new Array<typeof back>(Number(length)).fill(back));
      await this.#call("SREM", [["SREM", lists, name]]);
    }
  }

  /** What the server answers to each command. @throws EngineError CONNECTOR_FAILED also for an error of its own */
  async #call(name: string, commands: Parameters<RedisLink["run"]>[1]): Promise<unknown[]> {
    const operation = { name, key: this.#plan.key, bytes: true };
    const replies = await this.#link.run(operation, commands);
    return replies.map(([error, value]) => {
      if (error !== null) throw this.#link.failure(operation, error);
      return value;
    });
  }
}
