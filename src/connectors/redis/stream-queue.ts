import type { TaskContext } from "../../component/task-context.ts";
import type { Unreadable } from "../shared/bad-messages.ts";
import { ownValue, UnreadableValue } from "./message-values.ts";
import type { RedisQueue } from "./queue-source.ts";
import type { RedisArgument, RedisCommand, RedisLink } from "./redis-link.ts";

/** An entry of a stream. */
export interface StreamMessage {
  readonly id: string;
  /** What the entry has, by name. */
  readonly values: Readonly<Record<string, Uint8Array>>;
  /** What it has under that name, as UTF-8; null where it has nothing. */
  text(name: string): string | null;
}

export interface StreamPlan {
  readonly key: string;
  readonly group: string;
  readonly valuesOf: (message: StreamMessage) => readonly unknown[];
  readonly messageBytesMax: number;
  /** The id after which a group begins that is made. */
  readonly start: "0" | "$";
  readonly claimIdleMs: number;
  readonly deleteDone: boolean;
}

/** As the server gives it: null for one that was deleted meanwhile. */
type RawEntry = readonly [id: Buffer, pairs: readonly Buffer[] | null];

/** Entries of this task that are looked through in one go, and shown. */
const PAGE = 1000;

/** One task's part in a stream: a consumer of its group, with the same name in every run. */
export class StreamQueue implements RedisQueue<StreamMessage> {
  readonly #plan: StreamPlan;
  readonly #link: RedisLink;
  readonly #consumer: string;
  readonly #nowMs: () => number;
  readonly #underWay = new Set<string>();
  /** Where the search for entries of others goes on. */
  #claimCursor = "0-0";
  #claimDueMs = 0;
  #showing: NodeJS.Timeout | null = null;

  private constructor(plan: StreamPlan, link: RedisLink, context: TaskContext) {
    this.#plan = plan;
    this.#link = link;
    this.#consumer = `${context.topology}/${context.component}/${context.taskIndex}`;
    this.#nowMs = () => context.nowMs();
  }

  static async open(plan: StreamPlan, link: RedisLink, context: TaskContext): Promise<StreamQueue> {
    const queue = new StreamQueue(plan, link, context);
    await queue.#makeGroup(plan.start);
    queue.#showing = setInterval(() => queue.#show(), plan.claimIdleMs / 3);
    queue.#showing.unref();
    return queue;
  }

  async fetch(max: number): Promise<StreamMessage[]> {
    const claimed = await this.#claim(max);
    if (claimed.length > 0) return claimed;
    return this.#begin(await this.#readGroup(max, ">"));
  }

  async recover(): Promise<StreamMessage[]> {
    const all: RawEntry[] = [];
    for (let after = "0-0"; ; ) {
      const entries = await this.#readGroup(PAGE, after);
      // Looked at now: what is done while the next page is read is not under way any more, and must not come again.
      all.push(...entries.filter(([id]) => !this.#underWay.has(String(id))));
      // Not before all are there: what is taken for under way when the next page fails would never be emitted.
      if (entries.length < PAGE) return this.#begin(all);
      after = String(entries.at(-1)![0]);
    }
  }

  async forget(messages: readonly StreamMessage[]): Promise<void> {
    const ids = messages.map(({ id }) => id);
    await this.#acknowledge(ids, this.#plan.deleteDone);
    for (const id of ids) this.#underWay.delete(id);
  }

  async lag(): Promise<number | null> {
    const { key, group } = this.#plan;
    const [groups] = await this.#call([["XINFO", "GROUPS", key]]);
    for (const pairs of groups as readonly unknown[][]) {
      const facts = new Map<string, unknown>();
      for (let at = 0; at + 1 < pairs.length; at += 2) facts.set(String(pairs[at]), pairs[at + 1]);
      const lag = facts.get("lag");
      if (String(facts.get("name")) === group) return typeof lag === "number" ? lag : null;
    }
    return null;
  }

  valuesOf(message: StreamMessage): readonly unknown[] {
    const { messageBytesMax, valuesOf } = this.#plan;
    let bytes = 0;
    for (const value of Object.values(message.values)) bytes += value.length;
    if (bytes > messageBytesMax) throw new UnreadableValue(`it has ${bytes} bytes, more than ${messageBytesMax}`);
    return valuesOf(message);
  }

  unreadable({ id, values }: StreamMessage, reason: string): Unreadable {
    const texts = Object.entries(values).map(([name, value]) => [name, Buffer.from(value).toString()]);
    const bytes = Buffer.from(JSON.stringify(Object.fromEntries(texts)));
    return { origin: this.#plan.key, position: id, reason, bytes };
  }

  close(): void {
    if (this.#showing !== null) clearInterval(this.#showing);
  }

  /** Entries of consumers that have shown no sign of life. */
  async #claim(max: number): Promise<StreamMessage[]> {
    const { key, group, claimIdleMs } = this.#plan;
    const nowMs = this.#nowMs();
    if (nowMs < this.#claimDueMs) return [];
    const command = ["XAUTOCLAIM", key, group, this.#consumer, claimIdleMs, this.#claimCursor, "COUNT", max] as const;
    const [answer] = await this.#call([command]);
    const [next, entries] = answer as readonly [Buffer, readonly (RawEntry | null)[]];
    this.#claimCursor = String(next);
    // Once through all of them, and again after a while.
    if (this.#claimCursor === "0-0") this.#claimDueMs = nowMs + claimIdleMs / 3;
    return this.#begin(entries.filter((entry) => entry !== null));
  }

  /** Shows that this task is alive, and works on its entries: nobody else takes them over. */
  #show(): void {
    const { key, group } = this.#plan;
    const ids = [...this.#underWay];
    const commands: RedisCommand[] = [];
    for (let at = 0; at < ids.length; at += PAGE) {
      commands.push(["XCLAIM", key, group, this.#consumer, 0, ...ids.slice(at, at + PAGE), "JUSTID"]);
    }
    // When it fails, the next one comes in time.
    if (commands.length > 0) this.#call(commands).catch(() => {});
  }

  async #readGroup(max: number, after: string): Promise<readonly RawEntry[]> {
    const { key, group } = this.#plan;
    const command = ["XREADGROUP", "GROUP", group, this.#consumer, "COUNT", max, "STREAMS", key, after] as const;
    try {
      const [answer] = await this.#call([command]);
      const [stream] = (answer ?? []) as readonly (readonly [Buffer, readonly RawEntry[]])[];
      return stream?.[1] ?? [];
    } catch (error) {
      if (!String(error).includes("NOGROUP")) throw error;
      // Somebody has removed the stream with its groups: what comes into a new one is all new.
      await this.#makeGroup("0");
      return [];
    }
  }

  /** What of the entries is new to this task; those that were deleted meanwhile are done. */
  async #begin(entries: readonly RawEntry[]): Promise<StreamMessage[]> {
    const messages: StreamMessage[] = [];
    const gone: string[] = [];
    for (const [rawId, pairs] of entries) {
      const id = String(rawId);
      if (this.#underWay.has(id)) continue;
      if (pairs === null) gone.push(id);
      else messages.push(messageOf(id, pairs));
    }
    if (gone.length > 0) await this.#acknowledge(gone, false);
    for (const { id } of messages) this.#underWay.add(id);
    return messages;
  }

  async #acknowledge(ids: readonly string[], deletes: boolean): Promise<void> {
    const { key, group } = this.#plan;
    const commands: RedisCommand[] = [["XACK", key, group, ...ids]];
    if (deletes) commands.push(["XDEL", key, ...ids]);
    await this.#call(commands);
  }

  async #makeGroup(start: RedisArgument): Promise<void> {
    const { key, group } = this.#plan;
    const operation = { name: "XGROUP CREATE", key };
    const [reply] = await this.#link.run(operation, [["XGROUP", "CREATE", key, group, start, "MKSTREAM"]]);
    const [error] = reply!;
    if (error !== null && !error.message.includes("BUSYGROUP")) throw this.#link.failure(operation, error);
  }

  /** What the server answers to each command. @throws EngineError CONNECTOR_FAILED also for an error of its own */
  async #call(commands: readonly RedisCommand[]): Promise<unknown[]> {
    const operation = { name: commands[0]![0], key: this.#plan.key, bytes: true };
    const replies = await this.#link.run(operation, commands);
    return replies.map(([error, value]) => {
      if (error !== null) throw this.#link.failure(operation, error);
      return value;
    });
  }
}

function messageOf(id: string, pairs: readonly Buffer[]): StreamMessage {
  // Without a prototype: an entry may have any names, and lack those that every object inherits.
  const values = Object.create(null) as Record<string, Uint8Array>;
  for (let at = 0; at + 1 < pairs.length; at += 2) values[String(pairs[at])] = pairs[at + 1]!;
  return {
    id,
    values,
    text(name) {
      const value = ownValue(values, name);
      return value === undefined ? null : Buffer.from(value).toString();
    },
  };
}
