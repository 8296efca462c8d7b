import type { TaskContext } from "../../component/task-context.ts";
import type { Unreadable } from "../shared/bad-messages.ts";
import { UnreadableValue } from "./message-values.ts";
import type { RedisQueue } from "./queue-source.ts";
import type { RedisLink } from "./redis-link.ts";

/** A message of a list. */
export interface ListMessage {
  readonly bytes: Uint8Array;
  /** The bytes as UTF-8. */
  readonly text: string;
}

export interface ListPlan {
  readonly key: string;
  readonly valuesOf: (message: ListMessage) => readonly unknown[];
  readonly messageBytesMax: number;
  readonly from: "left" | "right";
}

/** A message as a queue hands it out. */
interface TakenMessage extends ListMessage {
  /** The same for messages with the same bytes. */
  readonly name: string;
  /** Fetches without an answer before it was taken. */
  readonly lostFetches: number;
}

/** One task's part in a list: the messages that it was handed are in a list of its own. */
export class ListQueue implements RedisQueue<TakenMessage> {
  readonly #plan: ListPlan;
  readonly #link: RedisLink;
  /** Name of the list of what was handed to this task: the same in every run. */
  readonly #own: string;
  readonly #from: "LEFT" | "RIGHT";
  readonly #to: "LEFT" | "RIGHT";
  /** By content: how many equal messages are under way. */
  readonly #underWay = new Map<string, number>();
  /** Removals of these may have been carried out. */
  readonly #unsure = new WeakSet<TakenMessage>();
  /** Fetches that were not answered: what they have moved is not known. */
  #lostFetches = 0;
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
    // A key that holds something else fails the start.
    await queue.lag();
    await queue.#call("SADD", [["SADD", lists, queue.#own]]);
    if (context.taskIndex === 0) await queue.#returnLeftovers(lists, prefix, context.taskCount);
    return queue;
  }

  async fetch(max: number): Promise<TakenMessage[]> {
    const wanted = Math.min(max, this.#wanted);
    const { key } = this.#plan;
    const command = ["LMOVE", key, this.#own, this.#from, this.#to] as const;
    const values = await this.#call("LMOVE", new Array<typeof command>(wanted).fill(command)).catch((error) => {
      this.#lostFetches++;
      throw error;
    });
    const messages = values.filter((value) => value !== null).map((value) => this.#begin(value as Buffer));
    this.#wanted = messages.length < wanted ? Math.max(1, messages.length) : Math.min(max, wanted * 8);
    return messages;
  }

  async recover(): Promise<TakenMessage[]> {
    const [values] = await this.#call("LRANGE", [["LRANGE", this.#own, 0, -1]]);
    const handedOut = this.#plan.from === "left" ? (values as Buffer[]) : (values as Buffer[]).reverse();
    const known = new Map(this.#underWay);
    const messages: TakenMessage[] = [];
    for (const bytes of handedOut) {
      const name = bytes.toString("latin1");
      const count = known.get(name) ?? 0;
      if (count > 0) known.set(name, count - 1);
      else messages.push(this.#begin(bytes));
    }
    return messages;
  }

  async forget(messages: readonly TakenMessage[]): Promise<void> {
    // From the end with the oldest.
    const count = this.#plan.from === "left" ? 1 : -1;
    const removed = messages.filter((message) => !this.#unsure.has(message) || this.#isAlone(message));
    const removals = removed.map(({ bytes }) => ["LREM", this.#own, count, bytes as Buffer] as const);
    try {
      if (removals.length > 0) await this.#call("LREM", removals);
    } catch (error) {
      for (const message of removed) this.#unsure.add(message);
      if (removed.some((message) => this.#isAlone(message))) throw error;
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

  valuesOf(message: TakenMessage): readonly unknown[] {
    const { messageBytesMax, valuesOf } = this.#plan;
    const { length } = message.bytes;
    if (length > messageBytesMax) throw new UnreadableValue(`it has ${length} bytes, more than ${messageBytesMax}`);
    return valuesOf(message);
  }

  unreadable({ bytes }: TakenMessage, reason: string): Unreadable {
    return { origin: this.#plan.key, position: "", reason, bytes };
  }

  /**
   * Whether no equal message can stand in the list of this task. Asked again for one that has any, a removal might
   * take away that one, which is not done: better that this one comes twice.
   */
  #isAlone({ name, lostFetches }: TakenMessage): boolean {
    return this.#underWay.get(name) === 1 && lostFetches === this.#lostFetches;
  }

  #begin(bytes: Buffer): TakenMessage {
    const name = bytes.toString("latin1");
    this.#underWay.set(name, (this.#underWay.get(name) ?? 0) + 1);
    return {
      bytes,
      name,
      lostFetches: this.#lostFetches,
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
