import type { Fetcher, LogPlace } from "./fetcher.ts";
import { type GroupMember, type PartitionOffset, partitionKey, type TopicPartition } from "./group-member.ts";

/** Where a partition is begun. */
export type FirstOffset =
  | "uncommitted-earliest"
  | "uncommitted-latest"
  | "earliest"
  | "latest"
  | { readonly timestampMs: number };

/** A partition that is begun, and what was committed of it. */
export interface BegunPartition extends PartitionOffset {
  readonly committed: number;
}

/** Where reading begins where nothing is committed. */
function placeWithoutCommit(from: FirstOffset): LogPlace {
  if (from === "uncommitted-earliest") return "earliest";
  return from === "uncommitted-latest" ? "latest" : from;
}

/**
 * Decides where the partitions of one task are begun.
 *
 * `earliest`, `latest` and a time are said of the beginning of a run. They hold for what the task is given before it
 * is first asked for messages, while all tasks of the run are being opened; what it is given after that, some other
 * task has begun. They do not hold for a task that is made again. A place that was not committed is committed before
 * anything is read from it: if its reader dies, the next one begins there, and not at what is "latest" by then.
 */
export class FirstOffsets {
  readonly #from: FirstOffset;
  readonly #fetcher: Fetcher;
  #isBeginning: boolean;
  /** Taken when the task was opened. */
  #beginning: ReadonlyMap<string, number> | null = null;

  constructor(from: FirstOffset, fetcher: Fetcher, isMadeAgain: boolean) {
    this.#from = from;
    this.#fetcher = fetcher;
    const isOfCommits = from === "uncommitted-earliest" || from === "uncommitted-latest";
    this.#isBeginning = !isOfCommits && !isMadeAgain;
  }

  async open(): Promise<void> {
    if (this.#isBeginning) this.#beginning = await this.#fetcher.offsetsAt(placeWithoutCommit(this.#from));
  }

  /** The task was asked for messages: from now on other tasks may have begun what it is given. */
  begun(): void {
    this.#isBeginning = false;
    this.#beginning = null;
  }

  async begin(member: GroupMember, partitions: readonly TopicPartition[]): Promise<BegunPartition[]> {
    const beginning = this.#isBeginning ? this.#beginning : null;
    const committed = await member.committed(partitions);
    const isAllKnown = partitions.every(({ topic, partition }) => committed.has(partitionKey(topic, partition)));
    const fallback =
      beginning ?? (isAllKnown ? new Map() : await this.#fetcher.offsetsAt(placeWithoutCommit(this.#from)));
    const begun = partitions.map(({ topic, partition }) => {
      const key = partitionKey(topic, partition);
      const known = committed.get(key) ?? -1;
      const offset = beginning !== null || known < 0 ? (fallback.get(key) ?? 0) : known;
      return { topic, partition, offset, committed: known };
    });
    const isNew = ({ offset, committed: known }: BegunPartition) => offset !== known;
    const unsaid = begun.filter(isNew);
    if (unsaid.length > 0 && !(await member.commit(unsaid))) throw new NotOwner();
    return begun.map((partition) => ({ ...partition, committed: partition.offset }));
  }
}

/** The group gives its partitions anew: what was begun is begun by whoever has it then. */
export class NotOwner extends Error {}
