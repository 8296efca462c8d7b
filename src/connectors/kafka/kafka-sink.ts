import type * as Kafka from "@platformatic/kafka";
import type { OutputCollector } from "../../component/output-collector.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { AnyTuple } from "../../tuple/tuple.ts";
import { ConnectorMetrics } from "../shared/connector-metrics.ts";
import { Pauses } from "../shared/pauses.ts";
import { pauseMs, withinMs } from "../shared/within-ms.ts";
import type { KafkaBoltPlan, OutgoingMessage } from "./kafka-bolt-options.ts";
import { clientOptions, hasProperty, type KafkaLibrary, kafkaFailed, keepErrors, NOTHING } from "./kafka-client.ts";
import { type Outgoing, type Part, partsOf } from "./outgoing-parts.ts";
import { produceOutcome } from "./produce-outcome.ts";

export interface KafkaSinkParts {
  readonly plan: KafkaBoltPlan;
  readonly context: TaskContext;
  readonly collector: Pick<OutputCollector<undefined>, "ack" | "fail">;
  /** @throws EngineError CONNECTOR_MISSING_PEER */
  readonly importLibrary: () => Promise<KafkaLibrary>;
}

/** Rows that can be sent. */
interface Known {
  readonly rows: readonly Outgoing[];
  readonly metadata: Kafka.ClusterMetadata;
}

/** All replicas that are in sync have the message. */
const ACKS_ALL = -1;

/** One task of a Kafka bolt: gathers tuples, sends them in batches, acks or fails each by what the broker said. */
export class KafkaSink {
  readonly #parts: KafkaSinkParts;
  readonly #metrics: ConnectorMetrics;
  readonly #written: { mark(by?: number): void };
  readonly #operationMs: { record(value: number): void };
  readonly #pauses: Pauses;
  readonly #closing = new AbortController();
  #library: KafkaLibrary | null = null;
  #producer: Kafka.Producer | null = null;
  #gathered: Outgoing[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** What is gathered was to be sent, and had no room. */
  #isDue = false;
  #underWay = 0;
  #isConnected = false;
  /** After a failure nothing is sent until then. */
  #pause: Promise<unknown> = Promise.resolve();
  #spread = 0;
  /** Those who wait for a batch to end. */
  #waiting: (() => void)[] = [];

  constructor(parts: KafkaSinkParts) {
    this.#parts = parts;
    this.#metrics = new ConnectorMetrics(parts.context);
    this.#written = this.#metrics.written;
    this.#operationMs = this.#metrics.operationMs;
    this.#pauses = new Pauses(parts.plan.connection.reconnect, parts.context);
    this.#metrics.inFlight(() => this.#underWay);
    this.#metrics.connected(() => this.#isConnected);
  }

  /** @throws EngineError CONNECTOR_MISSING_PEER, CONNECTOR_FAILED also for a topic that does not exist */
  async open(): Promise<void> {
    const { connection, checkTopics } = this.#parts.plan;
    this.#library = await this.#parts.importLibrary();
    this.#producer = this.#makeProducer();
    const late = () => new Error(`no answer within ${connection.connectTimeoutMs} ms`);
    for (const topic of checkTopics.length === 0 ? [null] : checkTopics) {
      try {
        const topics = topic === null ? [] : [topic];
        await withinMs(this.#producer.metadata({ topics }), connection.connectTimeoutMs, late);
      } catch (cause) {
        await this.close();
        throw kafkaFailed(connection, { operation: "reading metadata", ...(topic === null ? {} : { topic }), cause });
      }
    }
    this.#isConnected = true;
  }

  /** A promise, while as many batches are under way as may be: the task takes no more input until one has ended. */
  take(tuple: AnyTuple): undefined | Promise<void> {
    const { plan, collector } = this.#parts;
    let message: OutgoingMessage;
    try {
      message = plan.messageOf(tuple);
    } catch (error) {
      this.#metrics.failed.increment();
      collector.fail(tuple, error);
      return undefined;
    }
    this.#gathered.push({ tuple, message });
    if (this.#gathered.length >= plan.batchRows) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), plan.lingerMs);
    return this.#underWay < plan.inFlightMax ? undefined : this.#room();
  }

  /** Sends what is gathered, and waits until everything has been answered. */
  async flush(): Promise<void> {
    this.#send();
    while (this.#underWay > 0) await this.#batchEnd();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const { closeTimeoutMs } = this.#parts.plan.connection;
    const producer = this.#producer;
    this.#producer = null;
    this.#isConnected = false;
    if (producer !== null) await withinMs(producer.connections.close(), closeTimeoutMs, late).catch(NOTHING);
  }

  async #room(): Promise<void> {
    while (this.#underWay >= this.#parts.plan.inFlightMax) await this.#batchEnd();
  }

  #batchEnd(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const batch = this.#gathered;
    this.#isDue = batch.length > 0 && this.#underWay >= this.#parts.plan.inFlightMax;
    if (batch.length === 0 || this.#isDue) return;
    this.#gathered = [];
    this.#underWay++;
    void this.#sendBatch(batch).finally(() => {
      this.#underWay--;
      if (this.#isDue) this.#send();
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const resolve of waiting) resolve();
    });
  }

  async #sendBatch(batch: readonly Outgoing[]): Promise<void> {
    await this.#pause;
    const producer = this.#producer;
    if (producer === null) {
      this.#fail(batch, new Error("the task has ended"));
      return;
    }
    const { context } = this.#parts;
    const startMs = context.nowMs();
    const known = await this.#knownOf(producer, batch);
    if (known === null) return;
    const parts = partsOf(known.rows, known.metadata, (key) => this.#partitionOf(key));
    await this.#sendParts(producer, parts);
    this.#operationMs.record(context.nowMs() - startMs);
  }

  /** The rows whose topics exist; the others have failed, and do not take these with them. Null when all have. */
  async #knownOf(producer: Kafka.Producer, batch: readonly Outgoing[]): Promise<Known | null> {
    const topics = [...new Set(batch.map(({ message }) => message.topic))];
    try {
      return { rows: batch, metadata: await this.#metadataOf(producer, topics) };
    } catch (error) {
      if (!isOfTopic(error) || topics.length === 1) {
        this.#unreadable(producer, batch, error);
        return null;
      }
    }
    // An error may name another topic than the one that is not there: so each is asked for alone.
    let rows = batch;
    for (const topic of topics) {
      try {
        await this.#metadataOf(producer, [topic]);
      } catch (error) {
        const failed = rows.filter(({ message }) => !isOfTopic(error) || message.topic === topic);
        this.#unreadable(producer, failed, error);
        rows = rows.filter((row) => !failed.includes(row));
      }
    }
    return rows.length === 0 ? null : this.#knownOf(producer, rows);
  }

  #metadataOf(producer: Kafka.Producer, topics: readonly string[]): Promise<Kafka.ClusterMetadata> {
    return this.#within(producer.metadata({ topics: [...topics] }));
  }

  #unreadable(producer: Kafka.Producer, rows: readonly Outgoing[], error: unknown): void {
    if (!isOfTopic(error)) this.#broken(producer, error);
    this.#fail(rows, this.#failure("reading metadata", rows, error));
  }

  /** The partitions of a batch in one request to each broker; what was refused for its size again, in halves. */
  async #sendParts(producer: Kafka.Producer, parts: readonly Part[]): Promise<void> {
    const messages = parts.flatMap((part) => part.messages);
    const { compression } = this.#parts.plan;
    let error: unknown = null;
    try {
      await this.#within(producer.send({ messages: [...messages], acks: ACKS_ALL, compression }));
    } catch (thrown) {
      error = thrown;
    }
    const { written, tooLarge, failed } = produceOutcome(parts, error);
    for (const part of written) this.#ack(part.rows);
    for (const part of failed) this.#fail(part.rows, this.#failure("producing", part.rows, error));
    if (error === null || written.length > 0) this.#succeeded(producer);
    else if (failed.length > 0) this.#broken(producer, error);
    for (const part of tooLarge) {
      if (part.rows.length === 1) this.#fail(part.rows, this.#failure("producing", part.rows, error));
      else for (const half of part.halves()) await this.#sendParts(producer, [half]);
    }
  }

  #within<R>(operation: Promise<R>): Promise<R> {
    const { operationTimeoutMs } = this.#parts.plan.connection;
    return withinMs(operation, operationTimeoutMs, () => new Error(`no answer within ${operationTimeoutMs} ms`));
  }

  #partitionOf(key: Buffer | null): number {
    if (key === null) return this.#spread++;
    return this.#library!.compatibilityPartitioner(null as never, key);
  }

  #ack(rows: readonly Outgoing[]): void {
    const { collector } = this.#parts;
    for (const { tuple } of rows) collector.ack(tuple);
    this.#written.mark(rows.length);
  }

  #fail(rows: readonly Outgoing[], error: unknown): void {
    const { collector } = this.#parts;
    for (const { tuple } of rows) collector.fail(tuple, error);
    this.#metrics.failed.increment(rows.length);
  }

  #failure(operation: string, rows: readonly Outgoing[], cause: unknown): Error {
    const topic = rows[0]?.message.topic;
    return kafkaFailed(this.#parts.plan.connection, { operation, ...(topic === undefined ? {} : { topic }), cause });
  }

  #succeeded(producer: Kafka.Producer): void {
    if (producer !== this.#producer) return;
    if (!this.#isConnected) this.#metrics.reconnects.increment();
    this.#isConnected = true;
    this.#pauses.succeeded();
  }

  /** A client that failed is not used again: what its connections still carry is not known. */
  #broken(producer: Kafka.Producer, error: unknown): void {
    if (producer !== this.#producer || this.#closing.signal.aborted) return;
    if (this.#isConnected) {
      const err = kafkaFailed(this.#parts.plan.connection, { operation: "producing", cause: error });
      this.#parts.context.logger.warn({ err }, "the brokers are out of reach");
    }
    this.#isConnected = false;
    this.#producer = this.#makeProducer();
    producer.connections.close().catch(NOTHING);
    this.#pause = pauseMs(this.#pauses.nextMs(), this.#closing.signal);
  }

  #makeProducer(): Kafka.Producer {
    const { connection, inFlightMax } = this.#parts.plan;
    const producer = new this.#library!.Producer({
      // Its own deadline is the connector's, which a busy thread does not make pass too soon.
      ...clientOptions(connection, 2 * connection.operationTimeoutMs),
      maxInflights: inFlightMax,
    });
    keepErrors(producer, this.#library!);
    return producer;
  }
}

/** True when a broker has answered, and has no such topic, or none for this client. */
function isOfTopic(error: unknown): boolean {
  if (hasProperty(error, "code", "PLT_KFK_PROTOCOL")) return true;
  return error instanceof Error && error.message.startsWith("Unknown topic ");
}

function late(): Error {
  return new Error("late");
}
