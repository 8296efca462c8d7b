import type { RowTimer } from "../../metrics/row-timer.ts";
import type { CreatedBolt, TupleClass } from "./create-instance.ts";
import type { HostedParts } from "./hosted-task.ts";
import type { InputEndParts } from "./input-end.ts";

/** What a bolt's task is made from. */
export interface BoltParts extends HostedParts, Omit<InputEndParts, "taskId"> {
  /** Makes the instance, with its collector installed, and gives what is passed to its hooks. */
  readonly create: () => CreatedBolt;
  /** True for a bolt whose tuples the engine anchors to and acks. */
  readonly isBasic: boolean;
  readonly anchorsMax: number;
  /** By edge index: the class of the tuples that come over that edge. */
  readonly tupleClasses: ReadonlyMap<number, TupleClass>;
  readonly concurrency: number;
  readonly turnMs: number;
  /** Chooses the tuples that are timed; null where times are not taken. */
  readonly rowTimer: RowTimer | null;
}
