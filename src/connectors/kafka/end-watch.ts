import { type GroupMember, partitionKey, type TopicPartition } from "./group-member.ts";
import { NOTHING } from "./kafka-client.ts";
import type { OwnedPartitions } from "./owned-partitions.ts";

export interface EndWatchParts {
  /** Where reading ends, by partition. */
  readonly ends: ReadonlyMap<string, number>;
  readonly owned: OwnedPartitions;
  readonly member: GroupMember;
  readonly commit: () => Promise<void>;
  /** Called once everything is read. */
  readonly over: () => void;
}

const LOOK_MS = 100;

/**
 * Tells a task when a finite reading is over: its own partitions are read to their ends, and those of other tasks are
 * committed up to theirs. A task that ended with its own would not be there for the partitions of one that dies.
 */
export class EndWatch {
  readonly #parts: EndWatchParts;
  #timer: NodeJS.Timeout | null = null;
  #isLooking = false;
  #isClosed = false;
  #areOthersDone = false;

  constructor(parts: EndWatchParts) {
    this.#parts = parts;
  }

  endOf({ topic, partition }: TopicPartition): number {
    // A partition that is made later has nothing that was there at the start.
    return this.#parts.ends.get(partitionKey(topic, partition)) ?? 0;
  }

  get isOver(): boolean {
    if (![...this.#parts.owned.all()].every((state) => state.isRead)) return false;
    return this.#areOthersDone || this.#others().length === 0;
  }

  /** The task has nothing to emit: looks, from now on, for what others have done. */
  look(): void {
    if (this.#isClosed || this.#timer !== null) return;
    this.#timer = setTimeout(() => void this.#look().catch(NOTHING), LOOK_MS);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** Partitions that another task reads, or nobody yet. */
  #others(): TopicPartition[] {
    const { ends, owned } = this.#parts;
    return [...ends.keys()].map(partitionOf).filter((partition) => !owned.has(partition));
  }

  async #look(): Promise<void> {
    this.#timer = null;
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const { owned, member, commit, over } = this.#parts;
      if ([...owned.all()].every((state) => state.isRead)) {
        // Other tasks wait for this one as it waits for them.
        await commit();
        const others = this.#others();
        const committed = member.isIn ? await member.committed(others) : new Map<string, number>();
        const isDone = (partition: TopicPartition) => {
          const key = partitionKey(partition.topic, partition.partition);
          return (committed.get(key) ?? -1) >= this.endOf(partition);
        };
        this.#areOthersDone = others.every(isDone);
        if (this.isOver) over();
      }
    } finally {
      this.#isLooking = false;
      if (!this.isOver) this.look();
    }
  }
}

function partitionOf(key: string): TopicPartition {
  const colon = key.lastIndexOf(":");
  return { topic: key.slice(0, colon), partition: Number(key.slice(colon + 1)) };
}
