import type { FieldSpec } from "../tuple/field-spec.ts";

/** How a stream's tuples are divided among the tasks of a consumer. */
export type GroupingSpec =
  | { readonly kind: "shuffle" | "all" | "global" | "none" | "direct" | "localOrShuffle" | "leastLoaded" }
  | { readonly kind: "fields" | "partialKey"; readonly fields: readonly string[] }
  | { readonly kind: "custom"; readonly factory: CustomGroupingFactory };

/** Makes one grouper per producing task. */
export type CustomGroupingFactory = (context: CustomGroupingContext) => {
  /** Indices into `targetTasks`; none, one, or several. */
  chooseTasks(values: readonly unknown[]): readonly number[] | number;
};

export interface CustomGroupingContext {
  readonly sourceTask: number;
  readonly sourceComponent: string;
  readonly stream: string;
  /** Ascending task ids of the consumer. */
  readonly targetTasks: readonly number[];
}

export interface StreamSpec {
  readonly fields: readonly FieldSpec[];
  readonly direct: boolean;
}

export interface SubscriptionSpec {
  readonly source: string;
  readonly stream: string;
  /** Name of the consumer's input: "default" for a bolt with one input. */
  readonly input: string;
  readonly grouping: GroupingSpec;
  /** True for the declared back edge of a cycle. */
  readonly feedback: boolean;
}

/** Who runs a component's tasks: `spout` and `bolt` on workers; `feeder` and `output` are the main thread's ends. */
export type ComponentKind = "spout" | "bolt" | "feeder" | "output";

export interface ComponentSpec {
  readonly id: string;
  readonly kind: ComponentKind;
  readonly parallelism: number | "auto";
  /** By stream id; "default" is the stream of a component that declares just one. */
  readonly outputs: Readonly<Record<string, StreamSpec>>;
  /** By input name; "default" for a component with one input. */
  readonly inputs: Readonly<Record<string, readonly FieldSpec[]>>;
  readonly subscriptions: readonly SubscriptionSpec[];
  /** Component-level settings as given: raw option values that resolve-config layers over the topology's. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Code, never compared or sent: what makes one task's instance. Feeders and outputs have none. */
  readonly component: ComponentCode | null;
}

/** The code behind a component. The engine calls `create` once per task, on the worker that hosts it. */
export interface ComponentCode {
  readonly style: "basic" | "rich" | "spout";
  create(): object;
}

/** A topology as plain data (but for code): what the builder made, validated, the same in every thread. */
export interface TopologySpec {
  readonly components: readonly ComponentSpec[];
  /** Ports that the builder function returned: property name → component id. */
  readonly outputPorts: Readonly<Record<string, string>>;
  readonly feederPorts: Readonly<Record<string, string>>;
}
