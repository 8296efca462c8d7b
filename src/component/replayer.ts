import { EngineError } from "../base/engine-error.ts";
import { Prng } from "../base/prng.ts";
import type { Fields, Row } from "../tuple/field-types.ts";
import { DoneRows, type RowPosition } from "./done-rows.ts";
import { DueQueue } from "./due-queue.ts";
import { installCollector } from "./install-collector.ts";
import type { Outputs } from "./outputs.ts";
import type { ReplayPlan, ReplayWhen } from "./replay-options.ts";
import type { AckInfo, FailInfo, NextTuple, SettledInfo, SpoutHooks, SpoutStart } from "./spout.ts";
import { type SpoutEngine, spoutEngineOf } from "./spout-engine.ts";
import type { TaskContext } from "./task-context.ts";

/** What of the public collector is used. */
interface LetterCollector {
  emitTo(stream: never, values: never): void;
  reportError(error: unknown): void;
}

export interface ReplayerParts<F extends Fields> {
  readonly source: SpoutHooks<Outputs>;
  /** The streams that the source may emit to, and the names of their fields. */
  readonly streams: ReadonlyMap<string, readonly string[]>;
  readonly plan: ReplayPlan<F>;
  readonly context: TaskContext;
  readonly collector: LetterCollector;
  readonly start: SpoutStart;
}

/** One row of the source on its way: the id that the engine knows it by. */
interface Message {
  readonly owner: object;
  readonly stream: string;
  readonly values: readonly unknown[];
  readonly position: RowPosition;
  /** The id that the source gave it, if it did. */
  readonly sourceId: unknown;
  attempts: number;
  /** Failures that count among its retries. */
  failures: number;
}

type Maybe = void | Promise<void>;
type Failure = Pick<FailInfo, "latencyMs" | "attempt" | "error" | "component" | "task"> & {
  readonly reason: FailInfo["reason"];
};

type SourceResult = NextTuple | PromiseLike<NextTuple>;

/** Calls of the source in one call of `nextTuple` at most, while its rows are left out. */
const SKIPPING_CALLS_MAX = 10_000;
/** Of the error in a dead letter: one that quotes its row must not make the letter too long for its ring. */
const ERROR_CHARS_MAX = 10_000;

/** One task of a replaying spout, around an instance of its source. docs/REPLAY.md has the contract. */
export class Replayer<F extends Fields> {
  readonly #parts: ReplayerParts<F>;
  readonly #engine: SpoutEngine;
  readonly #prng: Prng;
  /** Messages that wait to be emitted again. */
  readonly #queue = new DueQueue<Message>();
  readonly #done: DoneRows;
  readonly #sourceCollector: object;
  /** Rows that the source has emitted since its beginning. */
  #rows = 0;
  #emits = 0;
  #isExhausted = false;
  #isActive = true;
  /** A read of the source is under way. */
  #isReading = false;
  /** How the last read ended, while nobody waited for it. */
  #unheard: { readonly result: Promise<NextTuple> | NextTuple } | null = null;
  /** Settles the promise that `nextTuple` has returned. */
  #letGo: (result: Promise<NextTuple> | NextTuple) => void = NOTHING;

  constructor(parts: ReplayerParts<F>) {
    this.#parts = parts;
    const { context, collector, start, source } = parts;
    this.#engine = spoutEngineOf(collector);
    this.#prng = new Prng(Number(context.config?.seed ?? 0) + Math.imul(context.taskId ?? 0, 0x9e3779b1));
    // A source that redelivers says by itself what is not done, and not in the same order.
    this.#done = parts.plan.redelivers
      ? new DoneRows(undefined)
      : new DoneRows(start.position as RowPosition | undefined, start.doneAhead);
    this.#sourceCollector = this.#makeSourceCollector();
    installCollector(source, this.#sourceCollector);
  }

  open(): Maybe {
    const { source, context, start } = this.#parts;
    const position = start.position as RowPosition | undefined;
    // A source that knows its own positions begins behind this one; the rows of others are counted off.
    if (position?.source !== undefined) this.#rows = position.rows;
    return source.open?.(context, { position: position?.source, doneAhead: [] });
  }

  nextTuple(): NextTuple | Promise<NextTuple> {
    if (this.#queue.size > 0) {
      if (this.#queue.nextDueMs <= this.#parts.context.nowMs()) {
        this.#emit(this.#queue.take());
        return undefined;
      }
      if (this.#queue.size >= this.#parts.plan.waitingMax) return "idle";
    }
    if (this.#unheard !== null) {
      const { result } = this.#unheard;
      this.#unheard = null;
      return result;
    }
    if (this.#isReading) return this.#waitForRead();
    if (this.#isExhausted) return this.#queue.size > 0 ? "idle" : "exhausted";
    const emitsBefore = this.#emits;
    for (let calls = 0; calls < SKIPPING_CALLS_MAX; calls++) {
      const rowsBefore = this.#rows;
      const result = this.#parts.source.nextTuple(this.#sourceCollector as never) as SourceResult;
      if (isPromise(result)) {
        this.#read(result);
        return this.#waitForRead();
      }
      const wasLeftOut = this.#rows > rowsBefore && this.#emits === emitsBefore;
      if (result !== undefined || !wasLeftOut) return this.#said(result);
    }
    return undefined;
  }

  ack(id: unknown, info: AckInfo): Maybe {
    if (!this.#isOurs(id)) return undefined;
    return id.sourceId === undefined ? undefined : this.#parts.source.ack?.(id.sourceId, info);
  }

  fail(id: unknown, info: FailInfo): Maybe {
    if (!this.#isOurs(id) || info.willSettle) return undefined;
    return this.#failed(id, info);
  }

  settled(id: unknown, info: SettledInfo): Maybe {
    if (!this.#isOurs(id)) return undefined;
    const { completed, reason } = info;
    if (completed) return this.ack(id, info);
    return this.#failed(id, { ...info, reason: reason ?? "timeout" });
  }

  /** For a source that wants ticks. */
  get ticks(): Pick<SpoutHooks<Outputs>, "onTick"> {
    const { source } = this.#parts;
    return source.onTick === undefined ? {} : { onTick: () => source.onTick!(this.#sourceCollector as never) };
  }

  activate(): Maybe {
    this.#isActive = true;
    return this.#parts.source.activate?.();
  }

  deactivate(): Maybe {
    this.#isActive = false;
    this.#letGo("idle");
    return this.#parts.source.deactivate?.();
  }

  close(): Maybe {
    const { context, source } = this.#parts;
    if (this.#queue.size > 0) {
      context.logger.warn(
        { messages: this.#queue.size },
        "messages that failed are not emitted again: the task ends",
      );
    }
    return source.close?.();
  }

  /** Promises of a source are waited for apart from `nextTuple`, which must also come to what is to be replayed. */
  #read(first: PromiseLike<NextTuple>): void {
    this.#isReading = true;
    this.#readOn(first).then(
      (result) => this.#readEnded(this.#said(result)),
      (error) => {
        const failed = Promise.reject(error);
        failed.catch(NOTHING);
        this.#readEnded(failed);
      },
    );
  }

  /** Goes on while all that comes is left out. */
  async #readOn(first: PromiseLike<NextTuple>): Promise<NextTuple> {
    let rows = this.#rows;
    const emits = this.#emits;
    let result = await first;
    while (result === undefined && this.#rows > rows && this.#emits === emits && this.#isActive) {
      rows = this.#rows;
      result = await (this.#parts.source.nextTuple(this.#sourceCollector as never) as SourceResult);
    }
    return result;
  }

  #readEnded(result: Promise<NextTuple> | NextTuple): void {
    this.#isReading = false;
    const letGo = this.#letGo;
    if (letGo === NOTHING) this.#unheard = { result };
    else letGo(result);
  }

  #waitForRead(): NextTuple | Promise<NextTuple> {
    // Time must go on for what waits, and virtual time does not while a promise is pending.
    if (this.#queue.size > 0) return "idle";
    return new Promise((resolve) => {
      this.#letGo = (result) => {
        this.#letGo = NOTHING;
        resolve(result);
      };
    });
  }

  #said(result: NextTuple): NextTuple {
    if (result !== "exhausted") return result;
    this.#isExhausted = true;
    return this.#queue.size > 0 ? "idle" : "exhausted";
  }

  #take(stream: string, values: readonly unknown[], sourceId: unknown, sourcePosition: unknown): void {
    const rows = ++this.#rows;
    const position: RowPosition = { rows, source: sourcePosition };
    if (this.#done.isBelow(rows)) return;
    if (this.#done.has(rows)) {
      this.#engine.skip(position);
      return;
    }
    this.#emit({ owner: this, stream, values, position, sourceId: sourceId ?? undefined, attempts: 0, failures: 0 });
  }

  #emit(message: Message): void {
    this.#emits++;
    message.attempts++;
    const { stream, values, attempts } = message;
    // A source that redelivers counts nothing off, but may say that it has begun.
    const isKept = !this.#parts.plan.redelivers || message.position.source !== undefined;
    const position = isKept ? message.position : undefined;
    this.#engine.emitAttempt(values, { stream, id: message, attempt: attempts, position });
  }

  #failed(message: Message, failure: Failure): Maybe {
    const { on, retries } = this.#parts.plan;
    const { reason } = failure;
    // An attempt that was waited for has settled when this is called: nothing more to wait for.
    const when: ReplayWhen = on[reason] === "after-settled" ? "now" : (on[reason] as ReplayWhen);
    if (reason !== "worker-lost") message.failures++;
    if (when === "give-up" || message.failures > retries) return this.#giveUp(message, failure);
    const delayMs = when === "now" ? 0 : this.#backoffMs(Math.max(1, message.failures));
    this.#queue.add(message, this.#parts.context.nowMs() + delayMs);
    this.#letGo("idle");
    return undefined;
  }

  #backoffMs(failures: number): number {
    const { firstMs, factor, maxMs, jitter } = this.#parts.plan.backoff;
    return Math.min(maxMs, firstMs * factor ** (failures - 1)) * (1 - jitter * this.#prng.nextFloat());
  }

  #giveUp(message: Message, failure: Failure): Maybe {
    const { plan, collector, context } = this.#parts;
    const { reason, error, component } = failure;
    const row = this.#rowOf(message);
    // What names the source's rows says nothing of what goes another way.
    const id = plan.id === null || message.stream !== "default" ? message.position.rows : plan.id(row);
    const attempts = message.attempts;
    const finish = () => this.#givenUp(message, failure);
    if (typeof plan.deadLetter === "function") {
      const taken = plan.deadLetter({ id, row, reason, error, component, attempts });
      if (isPromise(taken)) return Promise.resolve(taken).then(finish);
    } else if (typeof plan.deadLetter === "string") {
      const text = error === undefined ? null : error instanceof Error ? error.message : String(error);
      const charsMax = Math.min(ERROR_CHARS_MAX, Math.floor(context.tupleBytesMax / 16));
      const letter = [id, [...message.values], reason, text?.slice(0, charsMax) ?? null, component, attempts];
      collector.emitTo(plan.deadLetter as never, letter as never);
    } else {
      context.logger.error({ id, reason, err: error, component, attempts }, "a message was given up");
    }
    return finish();
  }

  #givenUp(message: Message, failure: Failure): Maybe {
    this.#engine.giveUp(message);
    if (message.sourceId === undefined) return undefined;
    return this.#parts.source.fail?.(message.sourceId, { ...failure, willSettle: false });
  }

  #rowOf({ stream, values }: Message): Row<F> {
    return Object.fromEntries(this.#parts.streams.get(stream)!.map((name, k) => [name, values[k]])) as Row<F>;
  }

  /** Trees of an instance before this one may still end. */
  #isOurs(id: unknown): id is Message {
    return (id as Partial<Message> | null)?.owner === this;
  }

  #makeSourceCollector(): object {
    const { collector, streams } = this.#parts;
    const emit = (values: readonly unknown[], id?: unknown, position?: unknown) =>
      this.#take("default", values, id, position);
    const refuse = () => {
      throw new EngineError("REPLAY_BAD_SOURCE", {
        problem: "the source of a replaying spout emits where it declares no stream, or asks where a tuple goes",
        remedy: "let it emit to its streams with emit and emitTo; write a spout of your own where that does not do",
      });
    };
    return {
      emit,
      emitTo: (stream: string, ...[values, id, position]: Parameters<typeof emit>) => {
        if (!streams.has(stream)) refuse();
        const isTracked = stream === "default" || (id !== undefined && id !== null);
        if (isTracked) this.#take(stream, values, id, position);
        else collector.emitTo(stream as never, values as never);
      },
      emitDirect: refuse,
      emitAndTell: refuse,
      emitToAndTell: refuse,
      reportError: (error: unknown) => collector.reportError(error),
    };
  }
}

function isPromise(value: unknown): value is PromiseLike<NextTuple> {
  return typeof value === "object" && value !== null && "then" in value;
}

function NOTHING(): void {}
