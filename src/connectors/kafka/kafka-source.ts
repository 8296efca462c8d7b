import type { NextTuple, SpoutStart } from "../../component/spout.ts";
import type { TaskContext } from "../../component/task-context.ts";
import { BadMessageWay, firstLine, refusalOf } from "../shared/bad-messages.ts";
import { ConnectorMetrics } from "../shared/connector-metrics.ts";
import { RowRoom } from "../shared/row-room.ts";
import { pauseMs, withinMs } from "../shared/within-ms.ts";
import { EndWatch } from "./end-watch.ts";
import { Fetcher } from "./fetcher.ts";
import { FirstOffsets, NotOwner } from "./first-offsets.ts";
import { type Assignment, GroupMember, type TopicPartition } from "./group-member.ts";
import { type KafkaLibrary, NOTHING } from "./kafka-client.ts";
import { RecordMessage, Unreadable } from "./kafka-message.ts";
import type { KafkaSpoutPlan } from "./kafka-spout-options.ts";
import { OffsetCommitter } from "./offset-committer.ts";
import { OldestSeeker } from "./oldest-seeker.ts";
import { OwnedPartitions } from "./owned-partitions.ts";
import { type Chunk, PartitionState } from "./partition-state.ts";

/** What a source emits through, whatever its streams are. */
export interface SourceCollector {
  emit(values: never, id?: unknown, position?: unknown): void;
  emitTo(stream: never, values: never, id?: unknown): void;
}

export interface KafkaSourceParts {
  readonly plan: KafkaSpoutPlan;
  readonly context: TaskContext;
  readonly collector: SourceCollector;
  readonly start: SpoutStart;
  /** @throws EngineError CONNECTOR_MISSING_PEER */
  readonly importLibrary: () => Promise<KafkaLibrary>;
}

/** A message on its way: what it is acked by. */
interface Taken {
  readonly state: PartitionState;
  readonly ordinal: number;
}

interface Waiter {
  resolve(result: NextTuple): void;
  reject(error: unknown): void;
}

/**
 * The position of a task's first message. A task that is opened with one is made again in the middle of its run, and
 * stands in for a member of the group that may be dead without the group's knowledge.
 */
interface Begun {
  readonly memberId: string | null;
}

/** What is left out or bad is looked at in one call, so many at most. */
const LOOKED_AT_MAX = 256;
/** Between two attempts at what the group or the brokers refuse for now. */
const AGAIN_MS = 100;

/**
 * One task of a Kafka spout: a member of its consumer group, and the reader of the partitions that the group gives to
 * it. It commits what was acked up to, partition by partition; what is acked of a partition that is not its own any
 * more is nobody's.
 */
export class KafkaSource {
  readonly #parts: KafkaSourceParts;
  readonly #metrics: ConnectorMetrics;
  readonly #read: { mark(by?: number): void };
  readonly #bad: BadMessageWay;
  readonly #room: RowRoom;
  readonly #owned = new OwnedPartitions();
  readonly #closing = new AbortController();
  #fetcher: Fetcher | null = null;
  #member: GroupMember | null = null;
  #committer: OffsetCommitter | null = null;
  #first: FirstOffsets | null = null;
  #end: EndWatch | null = null;
  /** Counts assignments: what was begun for an older one is left. */
  #serial = 0;
  #beginning: Promise<void> = Promise.resolve();
  #isOpen = false;
  #isAsked = false;
  #hasEmitted = false;
  /** The group gives its partitions anew: until it has, nothing more is emitted of them. */
  #isHeld = false;
  #isActive = true;
  #waiter: Waiter | null = null;

  constructor(parts: KafkaSourceParts) {
    this.#parts = parts;
    const { plan, context, collector } = parts;
    this.#metrics = new ConnectorMetrics(context);
    this.#read = this.#metrics.read;
    this.#bad = new BadMessageWay(plan.badMessages, collector, context);
    this.#room = new RowRoom(context);
    const sum = (read: (state: PartitionState) => number) => () =>
      [...this.#owned.all()].reduce((total, state) => total + read(state), 0);
    this.#metrics.lag(sum((state) => state.lag));
    this.#metrics.inFlight(sum((state) => state.window.ahead));
    this.#metrics.connected(() => this.#member?.isIn === true && this.#fetcher?.isConnected === true);
  }

  /** @throws EngineError CONNECTOR_MISSING_PEER, CONNECTOR_FAILED */
  async open(): Promise<void> {
    try {
      await this.#open();
      this.#isOpen = true;
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  nextTuple(): NextTuple | Promise<NextTuple> {
    if (!this.#isAsked) {
      this.#isAsked = true;
      this.#first!.begun();
    }
    if (this.#emitNext()) return undefined;
    if (this.#end?.isOver === true) return "exhausted";
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#end?.look();
    });
  }

  /** Done: acked, or given up. */
  done(id: unknown): void {
    const { state, ordinal } = id as Taken;
    if (state.isRevoked) return;
    const wasFull = state.window.ahead >= this.#parts.plan.aheadMax;
    state.window.done(ordinal);
    if (wasFull) this.#notify();
  }

  activate(): void {
    this.#isActive = true;
  }

  deactivate(): void {
    this.#isActive = false;
    this.#letGo("idle");
  }

  /** Commits what is done, leaves the group, ends connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#isActive = false;
    this.#serial++;
    this.#end?.close();
    this.#committer?.close();
    this.#fetcher?.close();
    this.#letGo("idle");
    const halfMs = this.#parts.plan.connection.closeTimeoutMs / 2;
    const late = () => new Error("late");
    if (this.#committer !== null) await withinMs(this.#committer.commitLast(), halfMs, late).catch(NOTHING);
    if (this.#member !== null) await withinMs(this.#member.close(), halfMs, late).catch(NOTHING);
  }

  async #open(): Promise<void> {
    const { plan, context, start, importLibrary } = this.#parts;
    const { connection } = plan;
    const library = await importLibrary();
    const reconnected = () => this.#metrics.reconnects.increment();
    const states = () => this.#owned.all();
    const fetcher = new Fetcher({
      library,
      plan: connection,
      settings: plan.fetch,
      context,
      states,
      fetched: (state, chunk) => this.#fetched(state, chunk),
      outOfRange: (state) => seeker.outOfRange(state),
      madeAnew: (state) => seeker.madeAnew(state),
      reconnected,
    });
    this.#fetcher = fetcher;
    const seeker = new OldestSeeker({
      fetcher,
      member: () => this.#member!,
      context,
      closing: this.#closing.signal,
      fetched: (state, chunk) => this.#fetched(state, chunk),
      beginAnew: (state, offset) => this.#beginAnew(state, offset),
    });
    const counts = await fetcher.open();
    const before = start.position as Begun | undefined;
    this.#first = new FirstOffsets(plan.from, fetcher, counts, before !== undefined);
    await this.#first.open();
    const ends = plan.untilEnd ? await fetcher.offsetsAt("latest") : null;
    const member = new GroupMember({
      library,
      plan: connection,
      settings: plan.group,
      context,
      formerId: before?.memberId ?? null,
      leaving: () => this.#leaving(),
      assigned: (assignment) => this.#assigned(assignment),
      reconnected,
    });
    this.#member = member;
    const committer = new OffsetCommitter({ member, context, commitMs: plan.commitMs, states });
    this.#committer = committer;
    if (ends !== null) {
      const over = () => this.#notify();
      this.#end = new EndWatch({ ends, owned: this.#owned, member, commit: () => committer.commit(), over });
    }
    await member.join();
    // The group may have given its partitions anew meanwhile: what fails then fails the start, too.
    for (let begun = null; begun !== this.#beginning; ) {
      begun = this.#beginning;
      await begun;
    }
  }

  #leaving(): void {
    this.#isHeld = true;
    this.#committer?.commitBeforeLeaving();
  }

  #assigned(assignment: Assignment): void {
    if (this.#closing.signal.aborted) return;
    const serial = ++this.#serial;
    this.#isHeld = false;
    const fresh = this.#owned.assign(assignment, this.#keepsReleased);
    const beginning = this.#begin(fresh, serial);
    beginning.catch(NOTHING);
    this.#beginning = beginning;
    this.#fetcher!.wake();
    this.#notify();
  }

  async #begin(fresh: readonly TopicPartition[], serial: number): Promise<void> {
    while (fresh.length > 0 && serial === this.#serial) {
      try {
        const begun = await this.#first!.begin(this.#member!, fresh);
        if (serial !== this.#serial) return;
        for (const { topic, partition, offset, committed } of begun) {
          this.#addState({ topic, partition }, offset, committed);
        }
        this.#fetcher!.wake();
        this.#notify();
        return;
      } catch (error) {
        // The next assignment says what is to be begun.
        if (error instanceof NotOwner || serial !== this.#serial) return;
        if (!this.#isOpen) throw error;
        this.#parts.context.logger.warn({ err: error }, "partitions could not be begun: it is tried again");
      }
      await pauseMs(AGAIN_MS, this.#closing.signal);
    }
  }

  /** What is committed before it is emitted is emitted whoever has its partition by then: nobody else reads it. */
  get #keepsReleased(): boolean {
    return this.#parts.plan.delivery === "at-most-once";
  }

  #addState(partition: TopicPartition, start: number, committed: number): void {
    const untilOffset = this.#end?.endOf(partition) ?? Number.POSITIVE_INFINITY;
    const roomMade = () => this.#fetcher!.wake();
    this.#owned.add(new PartitionState({ ...partition, start, committed, untilOffset, roomMade }));
  }

  #fetched(state: PartitionState, chunk: Chunk): void {
    if (this.#keepsReleased) {
      chunk.isReleased = false;
      state.add(chunk);
      state.releasing = state.releasing.then(() => this.#release(state, chunk));
    } else {
      state.add(chunk);
      this.#notify();
    }
  }

  /** At most once: a message leaves only after its offset is committed. */
  async #release(state: PartitionState, chunk: Chunk): Promise<void> {
    const { topic, partition, untilOffset } = state;
    const offset = Math.min(chunk.nextOffset, untilOffset);
    while (!state.isRevoked && !this.#closing.signal.aborted) {
      const committing = state.isAstray ? false : this.#member!.commit([{ topic, partition, offset }]);
      const isCommitted = await Promise.resolve(committing).catch(() => false);
      if (isCommitted) {
        state.committed = offset;
        chunk.isReleased = true;
        this.#notify();
        return;
      }
      await pauseMs(AGAIN_MS, this.#closing.signal);
    }
  }

  /** The log is another one than was read. */
  #beginAnew(state: PartitionState, offset: number): void {
    const { topic, partition } = state;
    this.#owned.giveUp(state, this.#keepsReleased);
    this.#addState({ topic, partition }, offset, offset);
    this.#fetcher!.wake();
  }

  /** Emits one message, if there is one that is not left out or bad. */
  #emitNext(): boolean {
    if (this.#isHeld || !this.#isActive) return false;
    const { plan } = this.#parts;
    for (let looked = 0; looked < LOOKED_AT_MAX; looked++) {
      const found = this.#owned.next(plan.aheadMax);
      if (found === null) return false;
      const { state, next } = found;
      this.#read.mark();
      const message = new RecordMessage(state, next.batch, next.record, next.offset, plan.decoders);
      if (this.#emit(state, message)) return true;
    }
    // The engine calls again.
    return true;
  }

  #emit(state: PartitionState, message: RecordMessage): boolean {
    const { plan, collector } = this.#parts;
    const ordinal = state.window.take(message.offset);
    try {
      const values = message.bytes > plan.messageBytesMax ? tooLarge(message, plan) : plan.valuesOf(message);
      const problem = values === null ? null : this.#room.problemOf(values);
      if (problem !== null) throw new Unreadable(problem);
      if (values !== null) {
        const id = this.#idOf(state, ordinal);
        collector.emit(values as never, id, this.#hasEmitted ? undefined : this.#begun);
        this.#hasEmitted = true;
        if (id === undefined) state.window.done(ordinal);
        return true;
      }
    } catch (error) {
      const reason = error instanceof Unreadable ? firstLine(error.message) : refusalOf(error);
      if (this.#takeBad(message, reason, this.#idOf(state, ordinal))) return true;
    }
    state.window.done(ordinal);
    return false;
  }

  /** Undefined where nobody wants to hear what becomes of it. */
  #idOf(state: PartitionState, ordinal: number): Taken | undefined {
    return this.#parts.plan.delivery === "at-least-once" ? { state, ordinal } : undefined;
  }

  get #begun(): Begun {
    return { memberId: this.#member!.memberId };
  }

  /** True when it is done with its tuple. */
  #takeBad(message: RecordMessage, reason: string, id: Taken | undefined): boolean {
    const origin = `${message.topic}[${message.partition}]`;
    return this.#bad.take({ origin, position: String(message.offset), reason, bytes: message.rawValue }, id);
  }

  /** Something has changed for whoever waits. */
  #notify(): void {
    if (this.#waiter === null) return;
    try {
      if (this.#emitNext()) this.#letGo(undefined);
      else if (this.#end?.isOver === true) this.#letGo("exhausted");
      else this.#end?.look();
    } catch (error) {
      const waiter = this.#waiter;
      this.#waiter = null;
      waiter.reject(error);
    }
  }

  #letGo(result: NextTuple): void {
    const waiter = this.#waiter;
    this.#waiter = null;
    waiter?.resolve(result);
  }
}

function tooLarge(message: RecordMessage, plan: KafkaSpoutPlan): never {
  throw new Unreadable(`it has ${message.bytes} bytes: more than messageBytesMax, ${plan.messageBytesMax}`);
}
