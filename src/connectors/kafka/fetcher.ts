import type * as Kafka from "@platformatic/kafka";
import type { TaskContext } from "../../component/task-context.ts";
import { Pauses } from "../shared/pauses.ts";
import { pauseMs, withinMs } from "../shared/within-ms.ts";
import { partitionKey } from "./group-member.ts";
import {
  clientOptions,
  type KafkaConnectionPlan,
  type KafkaLibrary,
  kafkaFailed,
  keepErrors,
  NOTHING,
} from "./kafka-client.ts";
import type { Chunk, PartitionState } from "./partition-state.ts";
import { readableBatches } from "./readable-batches.ts";

type FetchRequestTopic = Parameters<Kafka.Consumer["fetch"]>[0]["topics"][number];
type FetchResponse = Awaited<ReturnType<Kafka.Consumer["fetch"]>>;
type PartitionResponse = FetchResponse["responses"][number]["partitions"][number];
type Metadata = Kafka.ClusterMetadata;

export interface FetchSettings {
  readonly topics: readonly string[];
  readonly group: string;
  /** Of one partition in one fetch; a larger message comes all the same. */
  readonly fetchBytes: number;
  /** How long a broker waits for a first message. */
  readonly fetchWaitMs: number;
  readonly readUncommitted: boolean;
}

export interface FetcherParts {
  readonly library: KafkaLibrary;
  readonly plan: KafkaConnectionPlan;
  readonly settings: FetchSettings;
  readonly context: TaskContext;
  /** The partitions that this task reads now. */
  readonly states: () => Iterable<PartitionState>;
  readonly fetched: (state: PartitionState, chunk: Chunk) => void;
  /** What is to be read next is not in the log: it was removed before it was read, or the log was cut. */
  readonly outOfRange: (state: PartitionState) => void;
  /** The topic was deleted and made anew: the log is another one, whatever its offsets are. */
  readonly madeAnew: (state: PartitionState) => void;
  readonly reconnected: () => void;
}

/** Where partitions may be read from: their ends, or the first message at or after a time. */
export type LogPlace = "earliest" | "latest" | { readonly timestampMs: number };

const EARLIEST = -2n;
const LATEST = -1n;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;
const OFFSET_OUT_OF_RANGE = 1;
const REQUEST_BYTES_MAX = 50 * 1024 * 1024;
/** While enough of a partition is here to leave it out, its broker is not to wait long for the others. */
const SHORT_WAIT_MS = 10;
/** The end of a log that is not read from, since enough of it is here, is asked for so often. */
const ENDS_MS = 5_000;

/** Reads the partitions of one task: one request at a time to each broker, with what its partitions want. */
export class Fetcher {
  readonly #parts: FetcherParts;
  readonly #pauses: Pauses;
  readonly #closing = new AbortController();
  readonly #busyBrokers = new Set<number>();
  readonly #lookingAtEnds: NodeJS.Timeout;
  #client: Kafka.Consumer;
  #isPumping = false;
  #isWanted = false;
  #isPausing = false;
  #isConnected = false;
  /** Requests so far: the partition that comes first in one is another in the next. */
  #requests = 0;

  constructor(parts: FetcherParts) {
    this.#parts = parts;
    this.#pauses = new Pauses(parts.plan.reconnect, parts.context);
    this.#lookingAtEnds = setInterval(() => void this.#lookAtEnds().catch(NOTHING), ENDS_MS);
    this.#client = this.#makeClient();
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** The partitions of all topics. @throws EngineError CONNECTOR_FAILED also for a topic that does not exist */
  async open(): Promise<ReadonlyMap<string, number>> {
    const { plan, settings } = this.#parts;
    const counts = new Map<string, number>();
    for (const topic of settings.topics) {
      try {
        const late = () => new Error(`no answer within ${plan.connectTimeoutMs} ms`);
        const metadata = await withinMs(this.#client.metadata({ topics: [topic] }), plan.connectTimeoutMs, late);
        counts.set(topic, metadata.topics.get(topic)?.partitionsCount ?? 0);
      } catch (cause) {
        throw kafkaFailed(plan, { operation: "reading metadata", topic, cause });
      }
    }
    this.#isConnected = true;
    return counts;
  }

  /** Offsets of all partitions of all topics, by key. @throws EngineError CONNECTOR_FAILED */
  async offsetsAt(place: LogPlace): Promise<Map<string, number>> {
    if (place === "earliest") return this.#listOffsets(EARLIEST);
    const ends = await this.#listOffsets(LATEST);
    if (place === "latest") return ends;
    const found = await this.#listOffsets(BigInt(Math.ceil(place.timestampMs)));
    // Where no message is as young, reading begins with the next that comes.
    for (const [key, end] of ends) if ((found.get(key) ?? -1) < 0) found.set(key, end);
    return found;
  }

  /** A partition has come, or wants more: asks for it, unless a request is under way or a pause goes on. */
  wake(): void {
    this.#isWanted = true;
    if (this.#isPumping || this.#isPausing || this.#closing.signal.aborted) return;
    this.#isPumping = true;
    void this.#pump().finally(() => {
      this.#isPumping = false;
      if (this.#isWanted) this.wake();
    });
  }

  close(): void {
    this.#closing.abort();
    clearInterval(this.#lookingAtEnds);
    this.#isConnected = false;
    this.#client.connections.close().catch(NOTHING);
  }

  get #isolation(): number {
    return this.#parts.settings.readUncommitted ? READ_UNCOMMITTED : READ_COMMITTED;
  }

  #makeClient(): Kafka.Consumer {
    const { library, plan, settings } = this.#parts;
    const client = new library.Consumer({
      // Its own deadline is the connector's, which a busy thread does not make pass too soon.
      ...clientOptions(plan, 2 * (settings.fetchWaitMs + plan.operationTimeoutMs)),
      groupId: settings.group,
      maxBytes: REQUEST_BYTES_MAX,
    });
    keepErrors(client, library);
    client.topics.trackAll(...settings.topics);
    return client;
  }

  async #listOffsets(timestamp: bigint): Promise<Map<string, number>> {
    const { plan, settings } = this.#parts;
    const found = new Map<string, number>();
    const late = () => new Error(`no answer within ${plan.operationTimeoutMs} ms`);
    for (const topic of settings.topics) {
      const asked = { topics: [topic], timestamp, isolationLevel: this.#isolation };
      try {
        const listed = await withinMs(this.#client.listOffsets(asked), plan.operationTimeoutMs, late);
        listed.get(topic)?.forEach((offset, partition) => {
          found.set(partitionKey(topic, partition), Number(offset));
        });
      } catch (cause) {
        throw kafkaFailed(plan, { operation: "reading offsets", topic, cause });
      }
    }
    return found;
  }

  /** Answers tell where logs end; a topology that is so slow that nothing is asked for has its lag all the same. */
  async #lookAtEnds(): Promise<void> {
    const waiting = [...this.#parts.states()].filter((state) => !state.hasRoom);
    if (waiting.length === 0) return;
    const ends = await this.offsetsAt("latest");
    for (const state of waiting) state.endOffset = Math.max(state.endOffset, ends.get(state.key) ?? 0);
  }

  async #pump(): Promise<void> {
    this.#isWanted = false;
    if (![...this.#parts.states()].some((state) => state.wantsMore)) return;
    const client = this.#client;
    let metadata: Metadata;
    try {
      const { plan, settings } = this.#parts;
      const late = () => new Error(`no answer within ${plan.operationTimeoutMs} ms`);
      metadata = await withinMs(client.metadata({ topics: [...settings.topics] }), plan.operationTimeoutMs, late);
    } catch (error) {
      this.#failed(client, error);
      return;
    }
    this.#lookForOthers(metadata);
    for (const [broker, { wanting, isSomeLeftOut }] of this.#byBroker(metadata)) {
      if (broker < 0 && wanting.length > 0) this.#pause(client);
      if (broker < 0 || this.#busyBrokers.has(broker) || wanting.length === 0) continue;
      this.#busyBrokers.add(broker);
      void this.#fetch(client, metadata, broker, wanting, isSomeLeftOut).finally(() => {
        this.#busyBrokers.delete(broker);
        this.wake();
      });
    }
  }

  /** A topic that was deleted and made anew has another id. */
  #lookForOthers(metadata: Metadata): void {
    for (const state of [...this.#parts.states()]) {
      const id = metadata.topics.get(state.topic)?.id ?? null;
      const isOther = state.topicId !== null && id !== null && id !== state.topicId;
      state.topicId = id ?? state.topicId;
      if (isOther) this.#parts.madeAnew(state);
    }
  }

  /** Under -1 those that have no leader for now: the next metadata may know one. */
  #byBroker(metadata: Metadata): Map<number, { wanting: PartitionState[]; isSomeLeftOut: boolean }> {
    const brokers = new Map<number, { wanting: PartitionState[]; isSomeLeftOut: boolean }>();
    for (const state of this.#parts.states()) {
      const leader = metadata.topics.get(state.topic)?.partitions[state.partition]?.leader ?? -1;
      const broker = brokers.get(leader) ?? { wanting: [], isSomeLeftOut: false };
      brokers.set(leader, broker);
      if (state.wantsMore) broker.wanting.push(state);
      else if (!state.isRead) broker.isSomeLeftOut = true;
    }
    return brokers;
  }

  async #fetch(
    client: Kafka.Consumer,
    metadata: Metadata,
    node: number,
    wanting: readonly PartitionState[],
    isSomeLeftOut: boolean,
  ): Promise<void> {
    const { plan, settings, reconnected } = this.#parts;
    const maxWaitTime = isSomeLeftOut ? Math.min(SHORT_WAIT_MS, settings.fetchWaitMs) : settings.fetchWaitMs;
    // A broker gives the most to the first: all have their turn.
    const first = this.#requests++ % wanting.length;
    const inTurn = [...wanting.slice(first), ...wanting.slice(0, first)];
    const asked = inTurn.map((state) => ({ state, from: state.fetchFrom }));
    const late = () => new Error(`no answer within ${plan.operationTimeoutMs} ms`);
    let response: FetchResponse;
    try {
      const topics = asked.map(({ state, from }) => this.#request(metadata, state, from));
      const fetch = client.fetch({ node, topics, maxWaitTime, minBytes: 1, isolationLevel: this.#isolation });
      response = await withinMs(fetch, maxWaitTime + plan.operationTimeoutMs, late);
    } catch (error) {
      // Some partitions may have failed, and the others been read.
      const partial = responseOf(error);
      if (partial === null) {
        this.#failed(client, error);
        return;
      }
      response = partial;
    }
    if (client !== this.#client || this.#closing.signal.aborted) return;
    if (!this.#isConnected) {
      this.#isConnected = true;
      reconnected();
    }
    if (this.#take(metadata, asked, response)) this.#pauses.succeeded();
    else this.#pause(client);
  }

  #request(metadata: Metadata, state: PartitionState, from: number): FetchRequestTopic {
    const partition = {
      partition: state.partition,
      currentLeaderEpoch: -1,
      fetchOffset: BigInt(from),
      lastFetchedEpoch: -1,
      partitionMaxBytes: this.#parts.settings.fetchBytes,
    };
    return { topicId: metadata.topics.get(state.topic)!.id, partitions: [partition] };
  }

  /** False when some partition could not be read and its leader is to be looked for. */
  #take(
    metadata: Metadata,
    asked: readonly { readonly state: PartitionState; readonly from: number }[],
    response: FetchResponse,
  ): boolean {
    const answers = new Map<string, PartitionResponse>();
    for (const { topicId, partitions } of response.responses) {
      for (const answer of partitions) answers.set(`${topicId}:${answer.partitionIndex}`, answer);
    }
    let isGood = true;
    for (const { state, from } of asked) {
      const answer = answers.get(`${metadata.topics.get(state.topic)!.id}:${state.partition}`);
      // It may have been given up, or begun anew elsewhere, meanwhile.
      if (answer === undefined || state.isRevoked || state.isAstray || state.fetchFrom !== from) continue;
      if (answer.errorCode === OFFSET_OUT_OF_RANGE) this.#parts.outOfRange(state);
      else if (answer.errorCode !== 0) isGood = false;
      else this.#takeAnswer(state, from, answer);
    }
    return isGood;
  }

  #takeAnswer(state: PartitionState, from: number, answer: PartitionResponse): void {
    const end = this.#parts.settings.readUncommitted ? answer.highWatermark : answer.lastStableOffset;
    state.endOffset = Number(end);
    const { records } = answer;
    const last = records?.at(-1);
    if (records === undefined || last === undefined) return;
    const nextOffset = Number(last.firstOffset) + last.lastOffsetDelta + 1;
    if (nextOffset <= from) return;
    const batches = readableBatches(records, answer.abortedTransactions ?? []);
    this.#parts.fetched(state, { batches, from, nextOffset, isReleased: true });
  }

  /** A client that failed is not used again: what its connections still carry is not known. */
  #failed(client: Kafka.Consumer, error: unknown): void {
    if (client !== this.#client || this.#closing.signal.aborted) return;
    if (this.#isConnected || this.#pauses.failures === 0) {
      const { plan, settings, context } = this.#parts;
      const err = kafkaFailed(plan, { operation: "fetching", topic: settings.topics.join(", "), cause: error });
      context.logger.warn({ err }, "the brokers are out of reach");
    }
    this.#isConnected = false;
    this.#client = this.#makeClient();
    client.connections.close().catch(NOTHING);
    this.#pause(this.#client);
  }

  #pause(client: Kafka.Consumer): void {
    client.clearMetadata();
    if (this.#isPausing) return;
    this.#isPausing = true;
    void pauseMs(this.#pauses.nextMs(), this.#closing.signal).then(() => {
      this.#isPausing = false;
      this.wake();
    });
  }
}

/** The whole answer behind an error that says that parts of it failed. */
function responseOf(error: unknown): FetchResponse | null {
  const { response } = (error ?? {}) as { response?: Partial<FetchResponse> };
  return Array.isArray(response?.responses) && response.errorCode === 0 ? (response as FetchResponse) : null;
}
