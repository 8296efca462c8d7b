/** How a stream's tuples are divided among the tasks of a consumer. */
export type GroupingSpec =
  | { readonly kind: "shuffle" | "all" | "global" | "none" | "direct" | "localOrShuffle" | "leastLoaded" }
  | { readonly kind: "fields" | "partialKey"; readonly fields: readonly string[] }
  | { readonly kind: "custom"; readonly factory: CustomGroupingFactory };

export type GroupingKind = GroupingSpec["kind"];

/** Makes one grouper per producing task. */
export type CustomGroupingFactory = (context: CustomGroupingContext) => CustomGrouper;

/** What a user writes for a custom grouping. */
export interface CustomGrouper<V = readonly unknown[]> {
  /** Indices into `targetTasks`; none, one, or several. */
  chooseTasks(values: V): readonly number[] | number;
}

/** What the factory of a custom grouping learns: one producing task's side of the subscription. */
export interface CustomGroupingContext {
  readonly sourceTask: number;
  readonly sourceComponent: string;
  readonly stream: string;
  /** Ascending task ids of the consumer. */
  readonly targetTasks: readonly number[];
}
