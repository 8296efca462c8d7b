import type { ColumnType } from "../tuple/field-spec.ts";
import { SingleGrouping } from "./grouping.ts";
import { finish, hashKey } from "./key-hash.ts";

/** Makes the second hash independent of the first. */
const SECOND_HASH_MASK = 0x9e3779b9;

/**
 * Each key has two candidate tasks, always the same two, and a tuple goes to the one that this grouper has sent fewer
 * tuples to. A frequent key then loads two tasks instead of one; consumers combine their two partial results.
 */
export class PartialKeyGrouping extends SingleGrouping {
  readonly #keyColumns: readonly number[];
  readonly #columnTypes: readonly ColumnType[];
  readonly #sent: Float64Array;

  constructor(keyColumns: readonly number[], columnTypes: readonly ColumnType[], targetCount: number) {
    super();
    this.#keyColumns = keyColumns;
    this.#columnTypes = columnTypes;
    this.#sent = new Float64Array(targetCount);
  }

  choose(values: readonly unknown[]): number {
    const targetCount = this.#sent.length;
    if (targetCount === 1) return 0;
    const hash = hashKey(values, this.#keyColumns, this.#columnTypes);
    const first = hash % targetCount;
    // Over the others only: two candidates are two tasks.
    const second = (first + 1 + (finish(hash ^ SECOND_HASH_MASK) % (targetCount - 1))) % targetCount;
    const chosen = this.#sent[second]! < this.#sent[first]! ? second : first;
    this.#sent[chosen]! += 1;
    return chosen;
  }
}
