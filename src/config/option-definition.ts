/** The layers that may set an option, each overriding those before it; the command line overrides them all. */
export type OptionScope = "cluster" | "topology" | "component";

export type OptionUnit = "ms" | "bytes" | "tuples" | "tasks" | "threads" | "calls" | "trees" | "restarts";

/** One option: what a value may be, what it is when nobody sets it, and what it means. */
export interface OptionDefinition<Value = unknown> {
  /** `integer` and `number` have bounds; `word` takes only one of `words`; `path` is that of a file or folder. */
  readonly type: "integer" | "number" | "word" | "path";
  /** What a number counts; null when it is only a number, or a word. */
  readonly unit: OptionUnit | null;
  readonly default: Value;
  readonly scopes: readonly OptionScope[];
  readonly min?: number;
  readonly max?: number;
  readonly powerOfTwo?: true;
  /** Words that are taken; with a number type, instead of a number. */
  readonly words?: readonly string[];
  readonly nullable?: true;
  readonly doc: string;
}
