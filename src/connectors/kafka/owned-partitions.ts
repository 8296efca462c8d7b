import { type Assignment, partitionKey, type TopicPartition } from "./group-member.ts";
import type { PartitionState } from "./partition-state.ts";

/** Messages of one partition that follow each other, before another partition has its turn. */
const TURN_MESSAGES = 256;

/** The partitions that one task reads, and whose turn it is. */
export class OwnedPartitions {
  readonly #states = new Map<string, PartitionState>();
  /** Those that may have messages: owned ones, and given-up ones whose messages were committed before. */
  #turns: PartitionState[] = [];
  #at = 0;
  #inTurn = 0;

  all(): IterableIterator<PartitionState> {
    return this.#states.values();
  }

  get size(): number {
    return this.#states.size;
  }

  has({ topic, partition }: TopicPartition): boolean {
    return this.#states.has(partitionKey(topic, partition));
  }

  add(state: PartitionState): void {
    this.#states.set(state.key, state);
    this.#turns.push(state);
  }

  /**
   * Gives up what the group has taken away, or may have given to others meanwhile; tells what is to be begun.
   *
   * @param keepsReleased true where released messages are committed: nobody else reads them
   */
  assign({ partitions, isContinued }: Assignment, keepsReleased: boolean): TopicPartition[] {
    const given = new Set(partitions.map(({ topic, partition }) => partitionKey(topic, partition)));
    for (const state of [...this.#states.values()]) {
      if (!isContinued || !given.has(state.key)) this.giveUp(state, keepsReleased);
    }
    return partitions.filter((partition) => !this.has(partition));
  }

  giveUp(state: PartitionState, keepsReleased: boolean): void {
    state.isRevoked = true;
    this.#states.delete(state.key);
    this.#turns = this.#turns.filter((other) => !other.isRevoked || (keepsReleased && other.hasReleased));
    this.#at = 0;
    this.#inTurn = 0;
  }

  /** The next message of any partition whose window is not too far ahead. */
  next(aheadMax: number): { readonly state: PartitionState; readonly next: NextRecord } | null {
    const count = this.#turns.length;
    for (let looked = 0; looked <= count && count > 0; looked++) {
      if (this.#at >= count) this.#at = 0;
      const state = this.#turns[this.#at]!;
      const next = this.#inTurn < TURN_MESSAGES && state.window.ahead < aheadMax ? state.next() : null;
      if (next !== null) {
        this.#inTurn++;
        return { state, next };
      }
      this.#at++;
      this.#inTurn = 0;
    }
    return null;
  }
}

type NextRecord = NonNullable<ReturnType<PartitionState["next"]>>;
