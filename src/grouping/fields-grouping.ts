import type { ColumnType } from "../tuple/field-spec.ts";
import { SingleGrouping } from "./grouping.ts";
import { keyGroupOf } from "./key-groups.ts";
import { hashKey, hashNull, hashString } from "./key-hash.ts";

/** Equal keys go to the same task: the hash of the key gives a key group, and a table of the plan gives its owner. */
export class FieldsGrouping extends SingleGrouping {
  readonly #keyColumns: readonly number[];
  readonly #columnTypes: readonly ColumnType[];
  readonly #groupOwners: readonly number[];

  constructor(keyColumns: readonly number[], columnTypes: readonly ColumnType[], groupOwners: readonly number[]) {
    super();
    this.#keyColumns = keyColumns;
    this.#columnTypes = columnTypes;
    this.#groupOwners = groupOwners;
  }

  choose(values: readonly unknown[]): number {
    return this.#groupOwners[keyGroupOf(hashKey(values, this.#keyColumns, this.#columnTypes))]!;
  }
}

/** The same for a key of one string column, as nearly all keys are: no loop, no look at types. */
export class StringKeyGrouping extends SingleGrouping {
  readonly keyColumn: number;
  readonly #groupOwners: readonly number[];

  constructor(keyColumn: number, groupOwners: readonly number[]) {
    super();
    this.keyColumn = keyColumn;
    this.#groupOwners = groupOwners;
  }

  choose(values: readonly unknown[]): number {
    const key = values[this.keyColumn] as string | null;
    return key === null ? this.#groupOwners[keyGroupOf(hashNull(0))]! : this.chooseByKey(key);
  }

  /** The target of every tuple with this key. */
  chooseByKey(key: string): number {
    return this.#groupOwners[keyGroupOf(hashString(key, 0))]!;
  }
}
