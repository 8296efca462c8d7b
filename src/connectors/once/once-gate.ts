import { EngineError } from "../../base/engine-error.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { AnyTuple, Tuple } from "../../tuple/tuple.ts";
import { Pauses, RECONNECT } from "../shared/pauses.ts";
import { withinMs } from "../shared/within-ms.ts";
import type { OncePlan, Outcome } from "./once-options.ts";
import type { OnceAnswer, OnceOperation, OnceSession } from "./once-store.ts";
import { readToken } from "./once-token.ts";

/** What of its collector a gate uses. */
export interface GateCollector {
  emit(anchor: AnyTuple, values: readonly unknown[]): void;
  ack(tuple: AnyTuple): void;
  fail(tuple: AnyTuple, error: unknown): void;
  reportError(error: unknown): void;
}

export interface GateParts {
  /** With the times filled in. */
  readonly plan: OncePlan & { readonly waitMaxMs: number };
  readonly session: OnceSession;
  readonly context: TaskContext;
  readonly collector: GateCollector;
}

/** A row, or an outcome, on its way to the store. */
interface Asking {
  readonly operation: OnceOperation;
  /** The row that wants to go on; null for an outcome. */
  readonly row: AnyTuple | null;
  readonly sinceMs: number;
  /** When it asks again, while it waits. */
  dueMs: number;
}

/** Operations that are sent together at most. */
const BATCH_MAX = 256;
/** Operations that wait to be sent: at this many the task takes no more input. */
const QUEUE_MAX = 4096;

/** One task of a gate. docs/ONCE.md has the protocol. */
export class OnceGate {
  readonly #parts: GateParts;
  readonly #pauses: Pauses;
  readonly #counts;
  /** In the order in which they came: what is told of an id is told in order. */
  #queue: Asking[] = [];
  #isAsking = false;
  #isPlanned = false;
  #isClosed = false;
  #pause: NodeJS.Timeout | null = null;
  /** Rows whose id another attempt has, by id. */
  readonly #waiting = new Map<string, Asking[]>();
  #waitingCount = 0;
  #whenThereIsRoom: (() => void)[] = [];
  #whenEmpty: (() => void)[] = [];

  constructor(parts: GateParts) {
    this.#parts = parts;
    const { context } = parts;
    this.#pauses = new Pauses(RECONNECT, context);
    this.#counts = {
      reserved: context.metrics.counter("reserved"),
      duplicates: context.metrics.counter("duplicates"),
      waited: context.metrics.counter("waited"),
      dropped: context.metrics.counter("dropped"),
      failed: context.metrics.counter("failed"),
    };
    context.metrics.gauge("waiting", () => this.#waitingCount);
  }

  /** A row that wants to go on. */
  takeRow(row: AnyTuple): void | Promise<void> {
    const { values, attempt } = row.$;
    const [id, token] = values.slice(-2) as [string, string];
    if (attempt === 0) {
      throw new EngineError("ONCE_UNTRACKED", {
        problem: "once cannot follow a tuple that belongs to no tree",
        facts: { id },
        remedy: "anchor what is emitted between the watched spout and the gate",
      });
    }
    const nowMs = this.#parts.context.nowMs();
    return this.#ask({ operation: { kind: "reserve", id, ...readToken(token) }, row, sinceMs: nowMs, dueMs: nowMs });
  }

  takeOutcome(outcome: Tuple<typeof Outcome>): void | Promise<void> {
    const { onceId: id, onceToken: token, completed } = outcome;
    this.#parts.collector.ack(outcome);
    return this.#ask(told({ kind: completed ? "confirm" : "release", id, ...readToken(token) }));
  }

  /** Rows that wait ask again when it is time. */
  tick(): void {
    if (this.#waiting.size === 0) return;
    const nowMs = this.#parts.context.nowMs();
    for (const [id, waiting] of this.#waiting) {
      // Their source emits them again, or has given them up.
      const alive = waiting.filter(({ row }) => !row!.$.isExpired);
      const first = alive[0] !== undefined && alive[0].dueMs <= nowMs ? alive.shift() : undefined;
      this.#waitingCount -= waiting.length - alive.length;
      if (alive.length === 0) this.#waiting.delete(id);
      else this.#waiting.set(id, alive);
      if (first !== undefined) this.#queue.push(first);
    }
    this.#send();
  }

  /** Resolves when the store has everything, or `closeTimeoutMs` later. */
  settle(): void | Promise<void> {
    if (this.#isEmpty) return undefined;
    const emptied = new Promise<void>((resolve) => this.#whenEmpty.push(resolve));
    const { closeTimeoutMs } = this.#parts.plan;
    return withinMs(emptied, closeTimeoutMs, () => new Error("late")).catch(() => {
      this.#parts.context.logger.warn({ operations: this.#queue.length }, "the store of once has not taken all yet");
    });
  }

  async close(): Promise<void> {
    await this.settle();
    this.#isClosed = true;
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#queue = [];
    await this.#parts.session.close?.();
  }

  get #isEmpty(): boolean {
    return this.#queue.length === 0 && !this.#isAsking;
  }

  #ask(asking: Asking): void | Promise<void> {
    this.#queue.push(asking);
    if (!this.#parts.session.isRemote) {
      this.#send();
      return undefined;
    }
    // What comes in the same turn goes together.
    if (!this.#isPlanned) {
      this.#isPlanned = true;
      queueMicrotask(() => {
        this.#isPlanned = false;
        this.#send();
      });
    }
    if (this.#queue.length < QUEUE_MAX) return undefined;
    return new Promise((resolve) => this.#whenThereIsRoom.push(resolve));
  }

  #send(): void {
    while (!this.#isAsking && this.#pause === null && this.#queue.length > 0) {
      const batch = this.#queue.splice(0, BATCH_MAX);
      const answers = this.#parts.session.apply(batch.map(({ operation }) => operation));
      if (!(answers instanceof Promise)) {
        this.#take(batch, answers);
        continue;
      }
      this.#isAsking = true;
      answers.then(
        (all) => {
          this.#isAsking = false;
          this.#pauses.succeeded();
          this.#take(batch, all);
          this.#send();
        },
        (error) => {
          this.#isAsking = false;
          this.#refused(batch, error);
        },
      );
    }
    if (this.#queue.length < QUEUE_MAX) for (const goOn of this.#whenThereIsRoom.splice(0)) goOn();
    if (this.#isEmpty) for (const tell of this.#whenEmpty.splice(0)) tell();
  }

  #take(batch: readonly Asking[], answers: readonly OnceAnswer[]): void {
    for (const [k, asking] of batch.entries()) this.#takeAnswer(asking, answers[k]!);
  }

  #takeAnswer(asking: Asking, { state, leftMs }: OnceAnswer): void {
    const { collector } = this.#parts;
    const { row, operation } = asking;
    if (row === null) {
      this.#wakeNext(operation.id);
    } else if (state === "busy") {
      this.#busy(asking, row, leftMs);
    } else if (state === "done") {
      this.#counts.duplicates.increment();
      collector.ack(row);
      this.#wakeNext(operation.id);
    } else if (row.$.isExpired) {
      // Its tree failed meanwhile, and its outcome may have been told before the reservation was there.
      this.#queue.push(told({ ...operation, kind: "release" }));
    } else {
      this.#counts.reserved.increment();
      collector.emit(row, row.$.values.slice(0, -2));
      collector.ack(row);
    }
  }

  #busy(asking: Asking, row: AnyTuple, leftMs: number): void {
    const { plan, collector, context } = this.#parts;
    const { id } = asking.operation;
    if (plan.onBusy === "drop") {
      this.#counts.dropped.increment();
      collector.ack(row);
      return;
    }
    const nowMs = context.nowMs();
    const waitedMs = nowMs - asking.sinceMs;
    if (waitedMs >= plan.waitMaxMs || this.#waitingCount >= plan.waitingMax) {
      this.#counts.failed.increment();
      const { waitMaxMs, waitingMax } = plan;
      const facts = { id, waitedMs: Math.round(waitedMs), waitMaxMs, waiting: this.#waitingCount, waitingMax };
      collector.fail(row, busyTooLong(facts));
      return;
    }
    if (asking.dueMs === asking.sinceMs) this.#counts.waited.increment();
    asking.dueMs = nowMs + Math.max(1, Math.min(leftMs, plan.askAgainMs));
    this.#waitingCount++;
    const others = this.#waiting.get(id);
    if (others === undefined) this.#waiting.set(id, [asking]);
    else others.push(asking);
  }

  /** Something of the id has changed: the next row that waits for it asks again. */
  #wakeNext(id: string): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    this.#queue.push(waiting.shift()!);
    this.#waitingCount--;
    if (waiting.length === 0) this.#waiting.delete(id);
  }

  /** The store did not answer. Rows are failed, to come again; outcomes are told again, before all others. */
  #refused(batch: readonly Asking[], error: unknown): void {
    // What was not taken in the time that the end of a task gives is nobody's.
    if (this.#isClosed) return;
    const { collector } = this.#parts;
    const outcomes: Asking[] = [];
    for (const asking of batch) {
      const { row, operation } = asking;
      if (row === null) outcomes.push(asking);
      // The store may have reserved it all the same, and its outcome may have been told before.
      else if (row.$.isExpired) outcomes.push(told({ ...operation, kind: "release" }));
      else {
        this.#counts.failed.increment();
        collector.fail(row, error);
      }
    }
    if (this.#pauses.failures === 0) collector.reportError(error);
    this.#queue.unshift(...outcomes);
    this.#pause = setTimeout(() => {
      this.#pause = null;
      this.#send();
    }, this.#pauses.nextMs());
  }
}

function told(operation: OnceOperation): Asking {
  return { operation, row: null, sinceMs: 0, dueMs: 0 };
}

function busyTooLong(facts: Readonly<Record<string, unknown>>): EngineError {
  return new EngineError("ONCE_BUSY", {
    problem: "another attempt has an id, and neither ends nor loses its lease in the time that a tuple waits for it",
    facts,
    remedy: "the tuple's spout emits it again as its rules say; see docs/ONCE.md for what to look at",
  });
}
