import type { TaskContext } from "../../component/task-context.ts";
import { pauseMs } from "../shared/within-ms.ts";
import type { Fetcher } from "./fetcher.ts";
import type { GroupMember } from "./group-member.ts";
import type { Chunk, PartitionState } from "./partition-state.ts";

export interface OldestSeekerParts {
  readonly fetcher: Pick<Fetcher, "offsetsAt" | "wake">;
  readonly member: () => Pick<GroupMember, "commit">;
  readonly context: Pick<TaskContext, "logger">;
  readonly closing: AbortSignal;
  readonly fetched: (state: PartitionState, chunk: Chunk) => void;
  /** Gives the partition up as it was, and begins it there. */
  readonly beginAnew: (state: PartitionState, offset: number) => void;
}

/** Between two attempts. */
const AGAIN_MS = 100;

/** Finds where reading goes on in a partition whose log does not have what was to be read next. */
export class OldestSeeker {
  readonly #parts: OldestSeekerParts;

  constructor(parts: OldestSeekerParts) {
    this.#parts = parts;
  }

  /** Messages were removed before they were read, or the log was cut. */
  outOfRange(state: PartitionState): void {
    if (state.isAstray || state.isRevoked) return;
    const { topic, partition, fetchFrom } = state;
    const facts = { topic, partition, offset: fetchFrom };
    this.#parts.context.logger.warn(facts, "the log does not have the next offset: reading begins at its oldest");
    this.#begin(state, false);
  }

  /** The topic was deleted, and made anew: whatever its offsets, none of its messages was read. */
  madeAnew(state: PartitionState): void {
    if (state.isRevoked) return;
    const { topic, partition } = state;
    this.#parts.context.logger.warn({ topic, partition }, "the topic was made anew: reading begins at its oldest");
    this.#begin(state, true);
  }

  #begin(state: PartitionState, isOther: boolean): void {
    state.isAstray = true;
    void this.#seek(state, isOther);
  }

  /**
   * What was removed is passed like any other gap: what is here of the messages before it is emitted, and the commit
   * waits for them. A log that ends before is another one than was read: it is begun anew.
   */
  async #seek(state: PartitionState, isOther: boolean): Promise<void> {
    const { fetcher, fetched, closing } = this.#parts;
    const { fetchFrom } = state;
    do {
      const oldest = await this.#oldestOf(state);
      if (state.isRevoked || closing.aborted) return;
      if (oldest === null) continue;
      if (!isOther && oldest > fetchFrom) {
        fetched(state, { batches: [], from: fetchFrom, nextOffset: oldest, isReleased: true });
        fetcher.wake();
        return;
      }
      if (await this.#beginAt(state, oldest)) return;
    } while (await pauseMs(AGAIN_MS, closing));
  }

  async #oldestOf(state: PartitionState): Promise<number | null> {
    const { fetcher, context } = this.#parts;
    try {
      return (await fetcher.offsetsAt("earliest")).get(state.key) ?? 0;
    } catch (err) {
      context.logger.warn({ err }, "the oldest message could not be found: it is tried again");
      return null;
    }
  }

  /** False when the group did not take the commit, and the partition may still be this task's. */
  async #beginAt(state: PartitionState, offset: number): Promise<boolean> {
    const { topic, partition } = state;
    const isCommitted = await this.#parts
      .member()
      .commit([{ topic, partition, offset }])
      .catch(() => false);
    if (state.isRevoked) return true;
    if (isCommitted) this.#parts.beginAnew(state, offset);
    return isCommitted;
  }
}
