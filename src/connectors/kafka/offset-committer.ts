import type { TaskContext } from "../../component/task-context.ts";
import type { GroupMember, PartitionOffset } from "./group-member.ts";
import { NOTHING } from "./kafka-client.ts";
import type { PartitionState } from "./partition-state.ts";

export interface OffsetCommitterParts {
  readonly member: GroupMember;
  readonly context: TaskContext;
  readonly commitMs: number;
  readonly states: () => Iterable<PartitionState>;
}

/** Commits what is done, from time to time and when it is asked to. One commit is under way at a time. */
export class OffsetCommitter {
  readonly #parts: OffsetCommitterParts;
  readonly #timer: NodeJS.Timeout;
  #isCommitting = false;

  constructor(parts: OffsetCommitterParts) {
    this.#parts = parts;
    this.#timer = setInterval(() => void this.commit(), parts.commitMs);
  }

  /** What is done is committed, unless a commit is under way already. It never rejects: what fails comes again. */
  async commit(): Promise<void> {
    if (this.#isCommitting || !this.#parts.member.isIn) return;
    const due = this.#due();
    if (due.length === 0) return;
    this.#isCommitting = true;
    try {
      await this.#commit(due);
    } finally {
      this.#isCommitting = false;
    }
  }

  /** As `commit`, and does not wait for one that is under way: its partitions are about to go. */
  commitBeforeLeaving(): void {
    const due = this.#due();
    if (due.length > 0) void this.#commit(due).catch(NOTHING);
  }

  /** What is done is committed once more; nothing is committed after that. */
  async commitLast(): Promise<void> {
    if (!this.#parts.member.isIn) return;
    const due = this.#due();
    if (due.length > 0) await this.#commit(due);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** What was done of a log that may be another one by now is not said of that one. */
  #due(): PartitionState[] {
    return [...this.#parts.states()].filter(
      ({ isAstray, window, committed }) => !isAstray && window.committable > committed,
    );
  }

  async #commit(due: readonly PartitionState[]): Promise<void> {
    const { member, context } = this.#parts;
    const offsets: PartitionOffset[] = due.map(({ topic, partition, window }) => ({
      topic,
      partition,
      offset: window.committable,
    }));
    try {
      if (!(await member.commit(offsets))) return;
    } catch (err) {
      context.logger.warn({ err }, "offsets could not be committed: it is tried again");
      return;
    }
    due.forEach((state, at) => {
      state.committed = Math.max(state.committed, offsets[at]!.offset);
    });
  }
}
