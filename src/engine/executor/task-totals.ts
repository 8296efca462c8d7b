import type { MetricLayout, OutputCounter, TaskCounter } from "../../metrics/metric-layout.ts";
import { INPUT_COUNTERS, type InputCounter, OUTPUT_COUNTERS, TASK_COUNTERS } from "../../metrics/metric-layout.ts";
import type { MetricsReader } from "../../metrics/metrics-reader.ts";

/** What a task has done since its start. Storm's words with Storm's definitions, never sampled: docs/METRICS.md. */
export interface TaskTotals {
  /** Calls of emit. */
  readonly emitted: number;
  /** Copies sent: one per target task. */
  readonly transferred: number;
  /** Calls of execute; for an output, tuples that the program took. */
  readonly executed: number;
  /** For a bolt: tuples that it acked. For a spout: trees that were fully processed. */
  readonly acked: number;
  /** For a bolt: tuples that it failed. For a spout: trees that failed. */
  readonly failed: number;
  /** Errors that a component reported, and those of its hooks: they belong to no tuple. */
  readonly errors: number;
  /** For a spout: those of the failed trees whose time was up. */
  readonly timedOut: number;
  /** How often the task went on with a new instance after a failure. */
  readonly restarts: number;
  /** Tuples whose execution threw, and which the policy `drop` acked all the same. */
  readonly dropped: number;
  /** Tuples that were not executed, since their trees had failed before. */
  readonly expired: number;
  /** Of a spout: emits that are no first attempts. */
  readonly replayed: number;
  /** Messages that a replaying spout gave up, and dropped tuples that went to a dead letter target. */
  readonly deadLettered: number;
  /** Executions that have begun and whose promise is pending, at this moment. */
  readonly executing: number;
}

export const NO_TOTALS: TaskTotals = {
  emitted: 0,
  transferred: 0,
  executed: 0,
  acked: 0,
  failed: 0,
  errors: 0,
  timedOut: 0,
  restarts: 0,
  dropped: 0,
  expired: 0,
  replayed: 0,
  deadLettered: 0,
  executing: 0,
};

const NAMES = Object.keys(NO_TOTALS) as (keyof TaskTotals)[];

export function addTotals(a: TaskTotals, b: TaskTotals): TaskTotals {
  return Object.fromEntries(NAMES.map((name) => [name, a[name] + b[name]])) as unknown as TaskTotals;
}

/** What one task has done, as of the reader's last reading. */
export function totalsOf(reader: MetricsReader, layout: MetricLayout, taskId: number): TaskTotals {
  const { shape, firstCounter } = layout.placeOf(taskId);
  const ofTask = (name: TaskCounter) => reader.counters[firstCounter + TASK_COUNTERS.indexOf(name)]!;
  const sum = (firsts: readonly { readonly first: number }[], index: number) =>
    firsts.reduce((total, { first }) => total + reader.counters[firstCounter + first + index]!, 0);
  const ofOutputs = (name: OutputCounter) => {
    const index = OUTPUT_COUNTERS.indexOf(name);
    return sum(
      shape.outputs.filter(({ count }) => index < count),
      index,
    );
  };
  const ofInputs = (name: InputCounter) => sum(shape.inputs, INPUT_COUNTERS.indexOf(name));
  return {
    emitted: ofOutputs("emitted"),
    transferred: ofOutputs("transferred"),
    executed: ofInputs("executed"),
    acked: ofInputs("acked") + ofOutputs("acked"),
    failed: ofInputs("failed") + ofOutputs("failed"),
    errors: ofTask("errors"),
    timedOut: ofTask("timedOut"),
    restarts: ofTask("restarts"),
    dropped: ofTask("dropped"),
    expired: ofTask("expired"),
    replayed: ofOutputs("replayed"),
    deadLettered: ofTask("deadLettered"),
    executing: reader.levelOf(taskId, "executing"),
  };
}
