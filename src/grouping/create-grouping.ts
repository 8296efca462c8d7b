import { invariant } from "../base/invariant.ts";
import type { Prng } from "../base/prng.ts";
import type { ColumnType } from "../tuple/field-spec.ts";
import { AllGrouping } from "./all-grouping.ts";
import { CustomGrouping } from "./custom-grouping.ts";
import { FieldsGrouping, StringKeyGrouping } from "./fields-grouping.ts";
import { GlobalGrouping } from "./global-grouping.ts";
import type { MultiGrouping, SingleGrouping, TargetLoad } from "./grouping.ts";
import type { GroupingSpec } from "./grouping-spec.ts";
import { LeastLoadedGrouping } from "./least-loaded-grouping.ts";
import { LocalOrShuffleGrouping } from "./local-or-shuffle-grouping.ts";
import { NoneGrouping } from "./none-grouping.ts";
import { PartialKeyGrouping } from "./partial-key-grouping.ts";
import { ShuffleGrouping } from "./shuffle-grouping.ts";

/** What a grouper is made from: one producing task's view of one subscription. */
export interface GroupingContext {
  readonly sourceTask: number;
  readonly sourceComponent: string;
  readonly stream: string;
  /** Ascending task ids of the consumer. */
  readonly targetTasks: readonly number[];
  /** By target: whether it lives on the producer's own worker. */
  readonly isLocal: readonly boolean[];
  /** For fields and partialKey: the key's columns of the stream. */
  readonly keyColumns: readonly number[];
  /** By column of the stream. */
  readonly columnTypes: readonly ColumnType[];
  /** For fields grouping: index into `targetTasks` by key group. */
  readonly groupOwners: readonly number[] | null;
  /** This grouper's own. */
  readonly prng: Prng;
  readonly load: TargetLoad;
  /** Tuples waiting at a local task from which on local-or-shuffle looks for another. */
  readonly localMarkRows: number;
}

/** The grouper of a subscription; null for a direct one, where the producer names the task itself. */
export function createGrouping(spec: GroupingSpec, context: GroupingContext): SingleGrouping | MultiGrouping | null {
  const { targetTasks, keyColumns, columnTypes, prng, load } = context;
  const targetCount = targetTasks.length;
  invariant(
    targetCount > 0,
    `stream "${context.stream}" of "${context.sourceComponent}" has a subscription without tasks`,
  );
  switch (spec.kind) {
    case "direct":
      return null;
    case "all":
      return new AllGrouping(targetCount);
    case "custom":
      return new CustomGrouping(spec.factory, context);
    case "global":
      return new GlobalGrouping();
    case "fields":
      return createFieldsGrouping(context);
    case "partialKey":
      return new PartialKeyGrouping(keyColumns, columnTypes, targetCount);
    case "shuffle":
      return targetCount === 1 ? new GlobalGrouping() : new ShuffleGrouping(targetCount, prng);
    case "none":
      return targetCount === 1 ? new GlobalGrouping() : new NoneGrouping(targetCount, prng);
    case "localOrShuffle":
      if (targetCount === 1) return new GlobalGrouping();
      return new LocalOrShuffleGrouping(context.isLocal, load, context.localMarkRows, prng);
    case "leastLoaded":
      return targetCount === 1 ? new GlobalGrouping() : new LeastLoadedGrouping(targetCount, load, prng);
  }
}

function createFieldsGrouping(context: GroupingContext): SingleGrouping {
  const { targetTasks, keyColumns, columnTypes, groupOwners } = context;
  invariant(groupOwners !== null, "a fields grouping needs the owners of its key groups");
  const types = keyColumns.map((column) => columnTypes[column]);
  // With `any` among them the hash still has to look, so that a key that is no key fails whatever the parallelism.
  if (targetTasks.length === 1 && !types.includes("any")) return new GlobalGrouping();
  return types.length === 1 && types[0] === "string"
    ? new StringKeyGrouping(keyColumns[0]!, groupOwners)
    : new FieldsGrouping(keyColumns, columnTypes, groupOwners);
}
