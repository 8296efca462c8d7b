import type * as Kafka from "@platformatic/kafka";
import { partitionKey, type TopicPartition } from "./group-member.ts";
import { OffsetWindow } from "./offset-window.ts";

type RecordsBatch = Kafka.RecordsBatch;

/** What one fetch has brought of a partition. */
export interface Chunk {
  /** Without markers of transactions and what was given up with them. */
  readonly batches: readonly RecordsBatch[];
  /** The offset that was asked for: a batch may begin before it. */
  readonly from: number;
  /** Where the next fetch begins. */
  readonly nextOffset: number;
  /** False until its offsets are committed, where that comes first. */
  isReleased: boolean;
}

/** So many chunks of a partition are held at most: one is emitted while the other comes. */
const CHUNKS_MAX = 2;

/** Where the reading of a partition begins and ends. */
export interface PartitionStart extends TopicPartition {
  readonly start: number;
  readonly committed: number;
  readonly untilOffset: number;
  /** Called when a chunk is used up: there is room for another. */
  readonly roomMade: () => void;
}

/** One partition that this task reads. It is given up, and never used again, when the group takes it away. */
export class PartitionState implements TopicPartition {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  readonly window: OffsetWindow;
  /** What is to be read ends here: Infinity, where it has no end. */
  readonly untilOffset: number;
  /** Where the next fetch begins. */
  fetchFrom: number;
  /** The end of the log, as the last answer told it. */
  endOffset: number;
  /** What was committed last, so far as this task knows. */
  committed: number;
  isRevoked = false;
  /** The log does not have what is to be fetched next: until it is known what it has, nothing is asked for. */
  isAstray = false;
  /** Which topic of its name this is, once that is known: one that is deleted and made anew is another. */
  topicId: string | null = null;
  /** Chunks are released one after the other, where they are. */
  releasing: Promise<void> = Promise.resolve();
  readonly #chunks: Chunk[] = [];
  readonly #roomMade: () => void;
  #batchAt = 0;
  #recordAt = 0;

  constructor({ topic, partition, start, committed, untilOffset, roomMade }: PartitionStart) {
    this.topic = topic;
    this.partition = partition;
    this.key = partitionKey(topic, partition);
    this.window = new OffsetWindow(start);
    this.fetchFrom = start;
    this.endOffset = start;
    this.committed = committed;
    this.untilOffset = untilOffset;
    this.#roomMade = roomMade;
  }

  /** True when a further chunk would be taken. */
  get wantsMore(): boolean {
    return !this.isRevoked && !this.isAstray && this.hasRoom && this.fetchFrom < this.untilOffset;
  }

  get hasRoom(): boolean {
    return this.#chunks.length < CHUNKS_MAX;
  }

  /** True when everything up to `untilOffset` was handed out. */
  get isRead(): boolean {
    return this.window.seenTo >= this.untilOffset;
  }

  /** True when there may be a message to hand out. */
  get hasReleased(): boolean {
    return this.#chunks[0]?.isReleased === true;
  }

  /** How far what is done is behind the end of the log. */
  get lag(): number {
    return Math.max(0, this.endOffset - this.window.committable);
  }

  add(chunk: Chunk): void {
    this.isAstray = false;
    this.fetchFrom = chunk.nextOffset;
    this.#chunks.push(chunk);
    // One that holds no message is passed without a further look.
    if (chunk.batches.length === 0 && this.#chunks.length === 1) this.#passChunk(chunk);
  }

  /**
   * The next message, to be handed out now; null when there is none. `batch` is then the batch that it is of.
   */
  next(): { readonly batch: RecordsBatch; readonly record: Kafka.KafkaRecord; readonly offset: number } | null {
    for (let chunk = this.#chunks[0]; chunk?.isReleased; chunk = this.#chunks[0]) {
      for (; this.#batchAt < chunk.batches.length; this.#batchAt++, this.#recordAt = 0) {
        const batch = chunk.batches[this.#batchAt]!;
        const first = Number(batch.firstOffset);
        while (this.#recordAt < batch.records.length) {
          const record = batch.records[this.#recordAt++]!;
          const offset = first + record.offsetDelta;
          if (offset >= chunk.from && offset < this.untilOffset) return { batch, record, offset };
        }
      }
      this.#passChunk(chunk);
    }
    return null;
  }

  #passChunk(chunk: Chunk): void {
    this.#chunks.shift();
    this.#batchAt = 0;
    this.#recordAt = 0;
    this.window.passTo(Math.min(chunk.nextOffset, this.untilOffset));
    this.#roomMade();
  }
}
