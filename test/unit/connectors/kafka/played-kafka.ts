import { EventEmitter } from "node:events";
import type { KafkaLibrary } from "../../../../src/connectors/kafka/kafka-client.ts";

/** One log of a played broker: what is at `first`, and behind it; null for an offset that holds nothing. */
export interface PlayedLog {
  first: number;
  values: (string | null)[];
}

export interface PlayedCommit {
  readonly memberId: string | null;
  readonly generation: number;
  /** By "topic:partition". */
  readonly offsets: Readonly<Record<string, number>>;
}

type Asked = Readonly<Record<string, unknown>>;

/** What a broker says when a member is not, or not any more, in the group as it is. */
export const REJOIN = Object.assign(new Error("rejoin"), { needsRejoin: true });

/**
 * A broker with one topic, "t", and a group that does as the test says: stands in for the library's clients. The
 * member of the group is the last consumer that has joined.
 */
export class PlayedKafka {
  topicId = "id-1";
  /** The broker that has all logs. */
  leader = 1;
  /** Messages at the end of each log that belong to a transaction which is not over. */
  unstable = 0;
  /** What the broker says of a partition in place of its messages. */
  readonly errors = new Map<number, number>();
  logs: PlayedLog[];
  /** The partitions that its member is given when it joins. */
  given: number[];
  generation = 0;
  readonly committed = new Map<string, number>();
  readonly commits: PlayedCommit[] = [];
  readonly consumers: PlayedConsumer[] = [];
  readonly producers: PlayedProducer[] = [];
  /** Operations in the order in which they were asked for. */
  readonly asked: string[] = [];
  /** The partitions of each fetch, in the order in which they were asked for. */
  readonly fetches: number[][] = [];
  /** Called before each answer: the answer waits for what it returns, and is what it throws. */
  before: (operation: string, asked: Asked, client: unknown) => unknown = () => undefined;
  #members = 0;

  constructor(partitions: number, messages: number) {
    const values = (partition: number) => Array.from({ length: messages }, (_, n) => `${partition}-${n}`);
    this.logs = Array.from({ length: partitions }, (_, n) => ({ first: 0, values: values(n) }));
    this.given = this.logs.map((_, n) => n);
  }

  get library(): KafkaLibrary {
    const kafka = this;
    const Consumer = class extends PlayedConsumer {
      constructor() {
        super(kafka);
        kafka.consumers.push(this);
      }
    };
    const Producer = class extends PlayedProducer {
      constructor() {
        super(kafka);
        kafka.producers.push(this);
      }
    };
    const compatibilityPartitioner = (_message: unknown, key: Buffer) => key[0]!;
    return { Consumer, Producer, NetworkError: Error, compatibilityPartitioner } as unknown as KafkaLibrary;
  }

  /** The consumer that is the group's member, or joins to be it. */
  get member(): PlayedConsumer {
    return this.consumers.findLast(({ hasJoined }) => hasJoined)!;
  }

  get metadata(): object {
    const partitions = this.logs.map(() => ({ leader: this.leader }));
    const topic = { id: this.topicId, partitionsCount: partitions.length, partitions };
    return { brokers: new Map([[this.leader, {}]]), topics: new Map([["t", topic]]) };
  }

  nextMember(): string {
    return `member-${++this.#members}`;
  }

  /** The member hears that the group gives its partitions anew, and then what it has. */
  rebalance(given: number[], memberId = this.member.memberId): void {
    this.member.emit("consumer:group:rebalance", {});
    this.assign(given, memberId);
  }

  assign(given: number[], memberId = this.member.memberId, generation = this.generation + 1): void {
    this.generation = generation;
    this.given = given;
    this.member.joined(memberId!);
  }
}

class PlayedConnections extends EventEmitter {
  isClosed = false;

  get(_broker: unknown, done: (error: Error | null) => void): void {
    done(null);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

class PlayedClient extends EventEmitter {
  readonly connections = new PlayedConnections();
  protected readonly kafka: PlayedKafka;

  constructor(kafka: PlayedKafka) {
    super();
    this.kafka = kafka;
  }

  async metadata(asked: { topics: string[] }): Promise<unknown> {
    await this.answer("metadata", asked);
    if (asked.topics.some((topic) => topic !== "t")) throw new Error(`Unknown topic ${asked.topics[0]}.`);
    return this.kafka.metadata;
  }

  clearMetadata(): void {
    this.kafka.asked.push("clearMetadata");
  }

  protected async answer(operation: string, asked: object): Promise<void> {
    this.kafka.asked.push(operation);
    await this.kafka.before(operation, asked as Asked, this);
  }
}

const BATCH_MESSAGES = 4;

interface AskedPartition {
  readonly partition: number;
  readonly fetchOffset: bigint;
}

export class PlayedConsumer extends PlayedClient {
  memberId: string | null = null;
  hasJoined = false;
  readonly topics = { trackAll: () => {} };

  get currentMetadata(): object {
    return this.kafka.metadata;
  }

  async joinGroup(): Promise<void> {
    await this.answer("joinGroup", { memberId: this.memberId });
    this.kafka.generation++;
    this.hasJoined = true;
    this.joined(this.memberId ?? this.kafka.nextMember());
  }

  joined(memberId: string): void {
    this.memberId = memberId;
    const assignments = [{ topic: "t", partitions: [...this.kafka.given] }];
    const generationId = this.kafka.generation;
    this.emit("consumer:group:join", { memberId, generationId, assignments, isLeader: true });
  }

  async leaveGroup(): Promise<void> {
    if (this.memberId !== null) await this.answer("leaveGroup", { memberId: this.memberId });
  }

  async commit({ offsets }: { offsets: { partition: number; offset: bigint }[] }): Promise<void> {
    const generation = this.kafka.generation;
    const named = offsets.map(({ partition, offset }) => [`t:${partition}`, Number(offset)] as const);
    await this.answer("commit", Object.fromEntries(named));
    this.kafka.commits.push({ memberId: this.memberId, generation, offsets: Object.fromEntries(named) });
    for (const [key, offset] of named) this.kafka.committed.set(key, offset);
  }

  async listCommittedOffsets(asked: { topics: { partitions: number[] }[] }): Promise<Map<string, bigint[]>> {
    await this.answer("listCommittedOffsets", asked);
    const offsets: bigint[] = [];
    for (const partition of asked.topics[0]!.partitions) {
      offsets[partition] = BigInt(this.kafka.committed.get(`t:${partition}`) ?? -1);
    }
    return new Map([["t", offsets]]);
  }

  async listOffsets(asked: { timestamp: bigint }): Promise<Map<string, bigint[]>> {
    await this.answer("listOffsets", asked);
    const isOldest = asked.timestamp === -2n;
    const { logs, unstable } = this.kafka;
    const at = ({ first, values }: PlayedLog) => BigInt(isOldest ? first : first + values.length - unstable);
    return new Map([["t", logs.map(at)]]);
  }

  async fetch(asked: { topics: { topicId: string; partitions: AskedPartition[] }[] }): Promise<unknown> {
    const wanted = asked.topics.flatMap(({ topicId, partitions: [one] }) => ({ topicId, ...one! }));
    this.kafka.fetches.push(wanted.map(({ partition }) => partition));
    await this.answer("fetch", asked);
    const responses = wanted.map((one) => ({ topicId: one.topicId, partitions: [this.#read(one)] }));
    // As the library does: what it has of the others is behind the error.
    const isFailed = responses.some(({ partitions: [one] }) => one!.errorCode !== 0);
    if (isFailed) throw Object.assign(new Error("some failed"), { response: { errorCode: 0, responses } });
    const isEmpty = responses.every(({ partitions: [one] }) => one!.records === undefined);
    if (isEmpty) await new Promise((resolve) => setTimeout(resolve, 2));
    return { errorCode: 0, responses };
  }

  #read({ topicId, partition, fetchOffset }: AskedPartition & { topicId: string }) {
    const { errors, unstable } = this.kafka;
    const { first, values } = this.kafka.logs[partition]!;
    const end = first + values.length;
    const stable = end - unstable;
    const from = Number(fetchOffset);
    const ends = { highWatermark: BigInt(end), lastStableOffset: BigInt(stable) };
    const answer = { partitionIndex: partition, ...ends, records: undefined };
    const errorCode = errors.get(partition);
    if (errorCode !== undefined) return { ...answer, errorCode };
    if (topicId !== this.kafka.topicId) return { ...answer, errorCode: 100 };
    if (from < first || from > end) return { ...answer, errorCode: 1 };
    if (from >= stable) return { ...answer, errorCode: 0 };
    // A broker gives whole batches: the first may begin before what was asked for.
    const start = from - ((from - first) % BATCH_MESSAGES);
    return { ...answer, errorCode: 0, records: [batchOf(start, values.slice(start - first, stable - first))] };
  }
}

function batchOf(firstOffset: number, values: readonly (string | null)[]): object {
  const records = values.flatMap((value, offsetDelta) =>
    value === null ? [] : [{ offsetDelta, timestampDelta: 0n, key: null, value: Buffer.from(value), headers: [] }],
  );
  const head = { firstOffset: BigInt(firstOffset), lastOffsetDelta: values.length - 1, attributes: 0 };
  return { ...head, firstTimestamp: 0n, producerId: -1n, records };
}

interface Sent {
  readonly topic: string;
  readonly partition: number;
  readonly value?: Buffer;
}

export class PlayedProducer extends PlayedClient {
  async send(asked: { messages: Sent[] }): Promise<void> {
    await this.answer("send", asked);
  }
}
