import type * as Kafka from "@platformatic/kafka";
import type { TaskContext } from "../../component/task-context.ts";
import { Pauses } from "../shared/pauses.ts";
import { pauseMs, withinMs } from "../shared/within-ms.ts";
import {
  clientOptions,
  hasProperty,
  type KafkaConnectionPlan,
  type KafkaLibrary,
  kafkaFailed,
  keepErrors,
  NOTHING,
} from "./kafka-client.ts";

/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** Partition, and the first offset that is not done. */
export interface PartitionOffset extends TopicPartition {
  readonly offset: number;
}

/** How partitions are told apart in maps. */
export function partitionKey(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}

/** What the group has given to this member. */
export interface Assignment {
  readonly partitions: readonly TopicPartition[];
  /** True when nobody can have had a partition between the assignment before and this one. */
  readonly isContinued: boolean;
}

export interface GroupSettings {
  readonly group: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatMs: number;
  /** Between two looks for partitions that were added. */
  readonly lookMs: number;
}

export interface GroupMemberParts {
  readonly library: KafkaLibrary;
  readonly plan: KafkaConnectionPlan;
  readonly settings: GroupSettings;
  readonly context: TaskContext;
  /** That of a task which this one stands in for: the group need not wait until its session is over. */
  readonly formerId: string | null;
  /** The group is about to give its partitions anew: the last moment to commit as their owner. */
  readonly leaving: () => void;
  readonly assigned: (assignment: Assignment) => void;
  readonly reconnected: () => void;
}

/**
 * One member of a consumer group: joins, is heard of by heartbeats, commits, leaves. It reads nothing.
 *
 * The library's client is given up, and a new one made, whenever anything but a rebalance goes wrong: a client whose
 * heartbeat has failed sends none any more, and one that knew a coordinator asks no other. The new one goes on under
 * the same member id, so that the group need not wait until the old member's session is over.
 */
export class GroupMember {
  readonly #parts: GroupMemberParts;
  readonly #pauses: Pauses;
  readonly #closing = new AbortController();
  #client: Kafka.Consumer;
  #memberId: string | null;
  #generation = 0;
  #isRecovering = false;
  #isIn = false;
  /** The group's leader hands out the partitions: how many of each topic there were when it did, else null. */
  #handedOut: string | null = null;
  readonly #looking: NodeJS.Timeout;

  constructor(parts: GroupMemberParts) {
    this.#parts = parts;
    this.#looking = setInterval(() => void this.#lookForPartitions().catch(NOTHING), parts.settings.lookMs);
    this.#pauses = new Pauses(parts.plan.reconnect, parts.context);
    this.#memberId = parts.formerId;
    this.#client = this.#makeClient();
  }

  get memberId(): string | null {
    return this.#memberId;
  }

  /** False while it is not, or may not be, in the group, and while the group gives its partitions anew. */
  get isIn(): boolean {
    return this.#isIn;
  }

  /**
   * Resolves once the group has given it partitions, or none. A cluster that has just started says for a while that
   * nobody coordinates the group yet: it is asked again, for `connectTimeoutMs`.
   *
   * @throws EngineError CONNECTOR_FAILED
   */
  async join(): Promise<void> {
    const { plan, context } = this.#parts;
    const endMs = context.nowMs() + plan.connectTimeoutMs;
    for (;;) {
      try {
        await this.#join();
        this.#pauses.succeeded();
        return;
      } catch (cause) {
        const isForNow = hasProperty(cause, "code", "PLT_KFK_PROTOCOL") && hasProperty(cause, "canRetry", true);
        if (!isForNow || context.nowMs() > endMs) throw this.#notJoined(cause);
      }
      if (!(await pauseMs(this.#pauses.nextMs(), this.#closing.signal))) throw this.#notJoined(new Error("closed"));
    }
  }

  /**
   * Commits; false when the group does not take commits of this member now, or may have taken this one for that of
   * a later owner. What was not committed then is its next owner's.
   *
   * While the group gives its partitions anew nothing is sent: a broker answers nothing on a connection before it has
   * answered the joining, which may take longer than an operation, and what had waited would then be sent as an owner
   * that this member may not be any more.
   *
   * @throws EngineError CONNECTOR_FAILED
   */
  async commit(offsets: readonly PartitionOffset[]): Promise<boolean> {
    const isOut = !this.#isIn || this.#client.memberId === null;
    if (isOut) return false;
    const { plan } = this.#parts;
    const client = this.#client;
    const generation = this.#generation;
    const wanted = offsets.map(({ topic, partition, offset }) => ({
      topic,
      partition,
      offset: BigInt(offset),
      leaderEpoch: -1,
    }));
    try {
      await this.#within(client.commit({ offsets: wanted }), client);
      return generation === this.#generation;
    } catch (cause) {
      if (hasProperty(cause, "needsRejoin", true)) return false;
      throw kafkaFailed(plan, { operation: "committing", topic: offsets[0]?.topic ?? "", cause });
    }
  }

  /** The committed offsets of these partitions, by key; those without one are left out. */
  async committed(partitions: readonly TopicPartition[]): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    if (partitions.length === 0) return found;
    const client = this.#client;
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    const asked = [...topics].map(([topic, list]) => ({ topic, partitions: list }));
    try {
      for (const [topic, offsets] of await this.#within(client.listCommittedOffsets({ topics: asked }), client)) {
        // Sparse: the partitions that were not asked for are missing.
        offsets.forEach((offset, partition) => {
          if (offset >= 0n) found.set(partitionKey(topic, partition), Number(offset));
        });
      }
      return found;
    } catch (cause) {
      throw kafkaFailed(this.#parts.plan, { operation: "reading committed offsets", cause });
    }
  }

  /** Leaves the group, if it can be reached, and ends all connections. */
  async close(): Promise<void> {
    this.#closing.abort();
    clearInterval(this.#looking);
    this.#isIn = false;
    const client = this.#client;
    const { closeTimeoutMs } = this.#parts.plan;
    await withinMs(leave(client), closeTimeoutMs, () => new Error("late")).catch(NOTHING);
    letGo(client);
  }

  #notJoined(cause: unknown): Error {
    const { plan, settings } = this.#parts;
    return kafkaFailed(plan, { operation: `joining the group ${settings.group}`, cause });
  }

  async #join(): Promise<void> {
    const { settings, plan } = this.#parts;
    const client = this.#client;
    const deadlineMs = settings.rebalanceTimeoutMs + plan.operationTimeoutMs;
    await withinMs(client.joinGroup({}), deadlineMs, () => new Error(`no answer within ${deadlineMs} ms`));
  }

  /** An operation that is not answered in time leaves its connection in an unknown state: the client is given up. */
  async #within<R>(operation: Promise<R>, client: Kafka.Consumer): Promise<R> {
    const { operationTimeoutMs } = this.#parts.plan;
    return withinMs(operation, operationTimeoutMs, () => {
      this.#trouble(client);
      return new Error(`no answer within ${operationTimeoutMs} ms`);
    });
  }

  #makeClient(): Kafka.Consumer {
    const { library, plan, settings } = this.#parts;
    const client = new library.Consumer({
      ...clientOptions(plan, settings.rebalanceTimeoutMs + plan.operationTimeoutMs),
      groupId: settings.group,
      sessionTimeout: settings.sessionTimeoutMs,
      rebalanceTimeout: settings.rebalanceTimeoutMs,
      heartbeatInterval: settings.heartbeatMs,
    });
    keepErrors(client, library);
    client.topics.trackAll(...settings.topics);
    client.memberId = this.#memberId;
    client.on("consumer:group:rebalance", () => this.#leaving(client));
    client.on("consumer:group:join", ({ memberId, generationId, assignments, isLeader }) => {
      if (client !== this.#client) return;
      this.#handedOut = isLeader === true ? (this.#countsOf(client.currentMetadata) ?? "") : null;
      this.#joined(memberId, generationId ?? 0, assignments ?? []);
    });
    client.on("consumer:heartbeat:error", () => this.#trouble(client));
    // Told when joining again after a rebalance has failed.
    client.on("error" as never, (() => this.#trouble(client)) as never);
    return client;
  }

  /** What is committed here goes out before the library joins again, on the same connection. */
  #leaving(client: Kafka.Consumer): void {
    if (client !== this.#client || !this.#isIn) return;
    this.#parts.leaving();
    this.#isIn = false;
  }

  #joined(memberId: string, generation: number, assignments: readonly Kafka.GroupAssignment[]): void {
    const isNext = generation === this.#generation || generation === this.#generation + 1;
    const isContinued = this.#memberId === memberId && isNext && this.#generation > 0;
    this.#memberId = memberId;
    this.#generation = generation;
    this.#isIn = true;
    const partitions = assignments.flatMap(({ topic, partitions: numbers }) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    this.#parts.assigned({ partitions, isContinued });
  }

  /**
   * A group whose members stay the same has no reason to give its partitions anew: one that was added would be
   * nobody's. Its leader, who alone decides, joins again then.
   */
  async #lookForPartitions(): Promise<void> {
    const client = this.#client;
    const handedOut = this.#handedOut;
    if (handedOut === null || !this.#isIn) return;
    const topics = [...this.#parts.settings.topics];
    const counts = this.#countsOf(await client.metadata({ topics, forceUpdate: true }));
    const isSame = client === this.#client && handedOut === this.#handedOut && this.#isIn;
    if (!isSame || counts === null || counts === handedOut) return;
    this.#parts.context.logger.info({ topics }, "partitions were added: the group gives them anew");
    this.#leaving(client);
    this.#join().catch(() => this.#trouble(client));
  }

  /** As text, to be compared; null where it is not known. */
  #countsOf(metadata: Kafka.ClusterMetadata | undefined): string | null {
    const counts = this.#parts.settings.topics.map((topic) => metadata?.topics.get(topic)?.partitionsCount);
    return counts.includes(undefined) ? null : counts.join(" ");
  }

  #trouble(client: Kafka.Consumer): void {
    if (client !== this.#client || this.#isRecovering || this.#closing.signal.aborted) return;
    this.#isRecovering = true;
    this.#isIn = false;
    this.#handedOut = null;
    void this.#recover().finally(() => {
      this.#isRecovering = false;
    });
  }

  async #recover(): Promise<void> {
    const { context, reconnected } = this.#parts;
    while (await pauseMs(this.#pauses.nextMs(), this.#closing.signal)) {
      const old = this.#client;
      this.#client = this.#makeClient();
      letGo(old);
      try {
        await this.#join();
        this.#pauses.succeeded();
        reconnected();
        return;
      } catch (error) {
        if (this.#pauses.failures > 1) continue;
        context.logger.warn({ err: this.#notJoined(error) }, "the consumer group is out of reach");
      }
    }
  }
}

/** Ends its connections and heartbeats without leaving the group: whoever comes after it may be the same member. */
function letGo(client: Kafka.Consumer): void {
  client.memberId = null;
  leave(client).catch(NOTHING);
  client.connections.close().catch(NOTHING);
}

/** By its types the library's method gives no promise. */
function leave(client: Kafka.Consumer): Promise<void> {
  return client.leaveGroup() as unknown as Promise<void>;
}
