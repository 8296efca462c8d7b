import type { NextTuple, SpoutHooks } from "../../component/spout.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { Fields } from "../../tuple/field-types.ts";
import { type BadMessageWay, refusalOf, type Unreadable } from "../shared/bad-messages.ts";
import { ConnectorMetrics } from "../shared/connector-metrics.ts";
import { Pauses } from "../shared/pauses.ts";
import { RowRoom } from "../shared/row-room.ts";
import { pauseMs, withinMs } from "../shared/within-ms.ts";
import { RedisLink } from "./redis-link.ts";
import type { RedisServerPlan } from "./server-options.ts";

/** A list or a stream, as one task reads it: what it has handed out stays with it until it is forgotten. */
export interface RedisQueue<M> {
  /** New messages, at most so many; none where there are none now. They are under way from then on. */
  fetch(max: number): Promise<M[]>;
  /** Messages that were handed to this task and are not under way: after a crash, and after a lost answer. */
  recover(): Promise<M[]>;
  /** Messages that are done. May be asked again for the same ones. */
  forget(messages: readonly M[]): Promise<void>;
  /** Messages that nobody has been handed yet; null when that is not known. */
  lag(): Promise<number | null>;
  /** The values of its tuple. @throws whatever says why it cannot be read */
  valuesOf(message: M): readonly unknown[];
  /** For the stream of bad messages. */
  unreadable(message: M, reason: string): Unreadable;
  close?(): void;
}

export interface QueueSourceParts<M> {
  readonly queue: RedisQueue<M>;
  readonly link: RedisLink;
  readonly context: TaskContext;
  readonly collector: { emit(values: never, id: unknown): void; reportError(error: unknown): void };
  readonly badMessages: BadMessageWay;
  readonly fetchMax: number;
  readonly pollMs: number;
}

/** Connects, and opens a queue over the connection: where that fails, as at a key of another type, none is left. */
export async function openQueue<Q>(
  server: RedisServerPlan,
  context: TaskContext,
  open: (link: RedisLink) => Promise<Q>,
): Promise<{ readonly link: RedisLink; readonly queue: Q }> {
  const link = await RedisLink.open(server, context);
  try {
    return { link, queue: await open(link) };
  } catch (error) {
    await link.close();
    throw error;
  }
}

/**
 * A request whose answer was given up may be carried out after the look that follows it, by a server that was stopped
 * or over a connection that is no longer ours: so this task looks again, so long after a failure.
 */
const LOOK_AGAIN_MS = [1_000, 3_000, 10_000, 30_000];
/** Messages that are told as done in one go. */
const FORGET_MAX = 1024;
const LAG_MS = 1000;

/** The hooks of a spout over a queue in Redis: emits each message with itself as its id. */
export class QueueSource<M extends object> implements SpoutHooks<Fields> {
  readonly #parts: QueueSourceParts<M>;
  readonly #pauses: Pauses;
  readonly #read: { mark(by?: number): void };
  readonly #room: RowRoom;
  #fetched: M[] = [];
  #at = 0;
  #isActive = true;
  #isClosing = false;
  /** Something may have been handed to this task that it does not know of. */
  #mustRecover = true;
  /** When it looks for them again, ascending. */
  #looksMs: readonly number[] = [];
  #done: M[] = [];
  #forgetting: Promise<void> | null = null;
  #lag = 0;
  #lagDueMs = 0;

  constructor(parts: QueueSourceParts<M>) {
    this.#parts = parts;
    this.#pauses = new Pauses(parts.link.plan.reconnect, parts.context);
    this.#room = new RowRoom(parts.context);
    const metrics = new ConnectorMetrics(parts.context);
    this.#read = metrics.read;
    metrics.lag(() => this.#lag);
  }

  nextTuple(): NextTuple | Promise<NextTuple> {
    return this.#emitNext() ? undefined : this.#readOn();
  }

  /** A message is done. */
  ack(id: unknown): void {
    this.#forget(id as M);
  }

  /** A message is given up. */
  fail(id: unknown): void {
    this.#forget(id as M);
  }

  activate(): void {
    this.#isActive = true;
  }

  deactivate(): void {
    this.#isActive = false;
  }

  async close(): Promise<void> {
    this.#isActive = false;
    this.#isClosing = true;
    const { link, queue } = this.#parts;
    queue.close?.();
    const forgotten = this.#forgetting ?? Promise.resolve();
    await withinMs(forgotten, link.plan.closeTimeoutMs, () => new Error("late")).catch(() => {});
    await link.close();
  }

  /** The next message that can be read; false when none is left of those that were fetched. */
  #emitNext(): boolean {
    const { queue, badMessages } = this.#parts;
    while (this.#at < this.#fetched.length) {
      const message = this.#fetched[this.#at++]!;
      const problem = this.#tryEmit(message);
      if (problem === null) return true;
      if (badMessages.take(queue.unreadable(message, problem), message)) return true;
      this.#forget(message);
    }
    return false;
  }

  /** Null when it is emitted, or why it cannot be read. */
  #tryEmit(message: M): string | null {
    const { queue, collector } = this.#parts;
    let values: readonly unknown[];
    try {
      values = queue.valuesOf(message);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    const problem = Array.isArray(values) ? this.#room.problemOf(values) : null;
    if (problem !== null) return problem;
    try {
      collector.emit(values as never, message);
      return null;
    } catch (error) {
      // What a reader makes of a message need not fit the fields: that is no reason to stop, either.
      return refusalOf(error);
    }
  }

  /** Asks until there is something, or nothing more is wanted. */
  async #readOn(): Promise<NextTuple> {
    const { context, pollMs } = this.#parts;
    const { signal } = context;
    while (this.#isActive && !signal.aborted) {
      const waitMs = (await this.#tryFetch()) ? 0 : this.#mustRecover ? this.#pauses.nextMs() : pollMs;
      // What was handed to this task meanwhile is found by the next one.
      if (!this.#isActive) break;
      if (this.#emitNext()) return undefined;
      if (waitMs > 0) await pauseMs(waitMs, signal);
    }
    return "idle";
  }

  /** True when something came. */
  async #tryFetch(): Promise<boolean> {
    const { queue, fetchMax, collector } = this.#parts;
    try {
      const messages = this.#mustLook() ? await queue.recover() : [];
      this.#mustRecover = false;
      if (messages.length === 0) messages.push(...(await queue.fetch(fetchMax)));
      this.#pauses.succeeded();
      this.#fetched = messages;
      this.#at = 0;
      if (messages.length > 0) this.#read.mark(messages.length);
      await this.#lookAtLag();
      return messages.length > 0;
    } catch (error) {
      if (!this.#isClosing && this.#pauses.failures === 0) collector.reportError(error);
      this.#mustRecover = true;
      const nowMs = this.#parts.context.nowMs();
      this.#looksMs = LOOK_AGAIN_MS.map((ms) => nowMs + ms);
      return false;
    }
  }

  /** Whether messages are to be looked for that were handed to this task without its knowing. */
  #mustLook(): boolean {
    const nowMs = this.#parts.context.nowMs();
    const isDue = this.#looksMs.length > 0 && this.#looksMs[0]! <= nowMs;
    if (isDue) this.#looksMs = this.#looksMs.filter((dueMs) => dueMs > nowMs);
    return this.#mustRecover || isDue;
  }

  async #lookAtLag(): Promise<void> {
    const nowMs = this.#parts.context.nowMs();
    if (nowMs < this.#lagDueMs) return;
    this.#lagDueMs = nowMs + LAG_MS;
    try {
      this.#lag = (await this.#parts.queue.lag()) ?? this.#lag;
    } catch {
      // Messages are what counts: the next look will tell.
    }
  }

  #forget(message: M): void {
    this.#done.push(message);
    this.#forgetting ??= Promise.resolve().then(() => this.#forgetAll());
  }

  /** Until all are forgotten. At the end of the task it is tried once more only. */
  async #forgetAll(): Promise<void> {
    const { queue, link, context } = this.#parts;
    const pauses = new Pauses(link.plan.reconnect, context);
    while (this.#done.length > 0) {
      const messages = this.#done.splice(0, FORGET_MAX);
      try {
        await queue.forget(messages);
        pauses.succeeded();
      } catch {
        this.#done.unshift(...messages);
        if (this.#isClosing) break;
        await pauseMs(pauses.nextMs(), context.signal);
      }
    }
    this.#forgetting = null;
  }
}
