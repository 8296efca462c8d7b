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

type FirstFetcher = Pick<Fetcher, "offsetsAt">;

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
 *
 * A partition that was added after the task was opened is begun at its oldest message, wherever the others were: what
 * it was given before the group took notice of it is not lost.
 */
export class FirstOffsets {
  readonly #from: FirstOffset;
  readonly #fetcher: FirstFetcher;
  #isBeginning: boolean;
  /** Taken when the task was opened. */
  #beginning: ReadonlyMap<string, number> | null = null;
  readonly #counts: ReadonlyMap<string, number>;

  /** @param counts of the partitions that each topic had when the task was opened */
  constructor(from: FirstOffset, fetcher: FirstFetcher, counts: ReadonlyMap<string, number>, isMadeAgain: boolean) {
    this.#from = from;
    this.#fetcher = fetcher;
    this.#counts = counts;
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
    const knownOf = (key: string) => committed.get(key) ?? -1;
    const needs = partitions.filter(({ topic, partition }) => knownOf(partitionKey(topic, partition)) < 0);
    const isAdded = ({ topic, partition }: TopicPartition) => partition >= (this.#counts.get(topic) ?? 0);
    const oldest = await this.#offsetsFor(needs.filter(isAdded), "earliest");
    const others = needs.filter((partition) => !isAdded(partition));
    const fallback = beginning ?? (await this.#offsetsFor(others, placeWithoutCommit(this.#from)));
    const begun = partitions.map(({ topic, partition }) => {
      const key = partitionKey(topic, partition);
      const known = knownOf(key);
      const first = oldest.get(key) ?? fallback.get(key) ?? 0;
      return { topic, partition, offset: beginning !== null || known < 0 ? first : known, committed: known };
    });
    const isNew = ({ offset, committed: known }: BegunPartition) => offset !== known;
    const unsaid = begun.filter(isNew);
    if (unsaid.length > 0 && !(await member.commit(unsaid))) throw new NotOwner();
    return begun.map((partition) => ({ ...partition, committed: partition.offset }));
  }

  async #offsetsFor(partitions: readonly TopicPartition[], place: LogPlace): Promise<ReadonlyMap<string, number>> {
    const offsets = partitions.length === 0 ? new Map<string, number>() : await this.#fetcher.offsetsAt(place);
    const keys = partitions.map(({ topic, partition }) => partitionKey(topic, partition));
    return new Map(keys.map((key) => [key, offsets.get(key) ?? 0]));
  }
}

/** The group gives its partitions anew: what was begun is begun by whoever has it then. */
export class NotOwner extends Error {}
