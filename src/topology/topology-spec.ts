import type { ComponentCode } from "../component/component-code.ts";
import type { FailureSpec } from "../component/failure-policy.ts";
import type { StreamDeclaration } from "../component/outputs.ts";
import type { TaskHookFactory } from "../component/task-hook.ts";
import type { WorkerHookFactory } from "../component/worker-hook.ts";
import type { GroupingSpec } from "../grouping/grouping-spec.ts";
import type { FieldSpec } from "../tuple/field-spec.ts";

export type { ComponentCode } from "../component/component-code.ts";
export type {
  CustomGrouper,
  CustomGroupingContext,
  CustomGroupingFactory,
  GroupingKind,
  GroupingSpec,
} from "../grouping/grouping-spec.ts";

/** One stream of a component, as plain data. */
export type StreamSpec = StreamDeclaration;

/** One stream into one input of a component, and how it is divided among the component's tasks. */
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

/** A component as declared: everything the same in every thread, and its code. */
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
  /** What happens when a hook throws; absent where the defaults hold. */
  readonly onError?: FailureSpec;
  /** Code, never compared or sent: what makes one task's instance. Feeders and outputs have none. */
  readonly component: ComponentCode | null;
}

/** A topology as plain data (but for code): what the builder made, validated, the same in every thread. */
export interface TopologySpec {
  readonly components: readonly ComponentSpec[];
  /** Ports that the builder function returned: property name → component id. */
  readonly outputPorts: Readonly<Record<string, string>>;
  readonly feederPorts: Readonly<Record<string, string>>;
  /** Code, never compared or sent: one hook for each worker, one for each instance of a task. */
  readonly workerHooks?: readonly WorkerHookFactory[];
  readonly taskHooks?: readonly TaskHookFactory[];
}
