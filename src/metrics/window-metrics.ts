import {
  type ComponentShape,
  INPUT_COUNTERS,
  type InputCounter,
  OUTPUT_COUNTERS,
  type OutputCounter,
  TASK_COUNTERS,
  type TaskCounter,
} from "./metric-layout.ts";
import type { InputMetrics, MetricCounts, OutputMetrics, TimeShares, WindowMetrics } from "./metrics-snapshot.ts";

/** A counter's place within a task's. */
const TASK_COUNTER_AT = Object.fromEntries(TASK_COUNTERS.map((name, at) => [name, at])) as Record<
  TaskCounter,
  number
>;

/** Counters of one task, or sums over those of a component, over some span: numbered as its shape says. */
export type SpanCounters = Float64Array;

export function newSpanCounters(shape: ComponentShape): SpanCounters {
  return new Float64Array(shape.counterCount);
}

/** Writes what a task counted since `then` into `into`, and adds it to `sums`. */
export function takeSpan(
  place: { readonly firstCounter: number; readonly shape: ComponentShape },
  now: Float64Array,
  then: Float64Array | null,
  into: { readonly own: SpanCounters; readonly sums: SpanCounters },
): void {
  const { firstCounter, shape } = place;
  for (let counter = 0; counter < shape.counterCount; counter++) {
    const at = firstCounter + counter;
    const since = now[at]! - (then === null ? 0 : then[at]!);
    into.own[counter] = since;
    into.sums[counter] = into.sums[counter]! + since;
  }
}

/** Share of a span that a task spent in `execute`, promises that held it included; Storm's capacity. */
export function capacityOf(shape: ComponentShape, counters: SpanCounters, spanMs: number): number | null {
  if (shape.kind !== "bolt" || spanMs <= 0) return null;
  return (counters[TASK_COUNTER_AT.executeUs]! + counters[TASK_COUNTER_AT.waitingUs]!) / 1_000 / spanMs;
}

/** @param taskCount how many tasks the counters are of: shares are means */
export function windowMetrics(
  shape: ComponentShape,
  counters: SpanCounters,
  span: { readonly spanMs: number; readonly taskCount: number; readonly capacity: number | null },
): WindowMetrics {
  const { spanMs, taskCount, capacity } = span;
  const counts = countsOf(shape, counters);
  const batches = counters[TASK_COUNTER_AT.batchesIn]!;
  const executeUs = counters[TASK_COUNTER_AT.executeUs]!;
  return {
    spanMs,
    counts,
    shares: sharesOf(counters, spanMs * taskCount),
    capacity,
    executeMs: shape.kind !== "bolt" || counts.executed === 0 ? null : executeUs / 1_000 / counts.executed,
    meanBatchRows: batches === 0 ? null : counters[TASK_COUNTER_AT.rowsIn]! / batches,
    outputs: Object.fromEntries(shape.outputs.map((output) => [output.stream, outputMetrics(output, counters)])),
    inputs: shape.inputs.map(({ component, stream, input, first }) => ({
      component,
      stream,
      input,
      ...inputCounters(first, counters),
    })),
  };
}

/** Sums over streams and inputs. Of a spout acks and fails are those of its streams, of a bolt those of its inputs. */
export function countsOf(shape: ComponentShape, counters: SpanCounters): MetricCounts {
  const outputs = (name: OutputCounter) => sumOf(shape.outputs, counters, OUTPUT_COUNTERS.indexOf(name));
  const inputs = (name: InputCounter) =>
    sumOf(
      shape.inputs.map(({ first }) => ({ first, count: INPUT_COUNTERS.length })),
      counters,
      INPUT_COUNTERS.indexOf(name),
    );
  const own = (name: TaskCounter) => counters[TASK_COUNTER_AT[name]]!;
  return {
    emitted: outputs("emitted"),
    transferred: outputs("transferred"),
    executed: inputs("executed"),
    acked: outputs("acked") + inputs("acked"),
    failed: outputs("failed") + inputs("failed"),
    firsts: outputs("firsts"),
    replayed: outputs("replayed"),
    failedBolt: own("failedBolt"),
    timedOut: own("timedOut"),
    failedWorkerLost: own("failedWorkerLost"),
    failedRejected: own("failedRejected"),
    errors: own("errors"),
    restarts: own("restarts"),
    dropped: own("dropped"),
    expired: own("expired"),
    deadLettered: own("deadLettered"),
  };
}

function sumOf(
  places: readonly { readonly first: number; readonly count: number }[],
  counters: SpanCounters,
  index: number,
): number {
  let sum = 0;
  for (const { first, count } of places) if (index < count) sum += counters[first + index]!;
  return sum;
}

function outputMetrics(output: { first: number; count: number }, counters: SpanCounters): OutputMetrics {
  const at = (name: OutputCounter) => sumOf([output], counters, OUTPUT_COUNTERS.indexOf(name));
  return {
    emitted: at("emitted"),
    transferred: at("transferred"),
    firsts: at("firsts"),
    replayed: at("replayed"),
    acked: at("acked"),
    failed: at("failed"),
  };
}

function inputCounters(first: number, counters: SpanCounters): Pick<InputMetrics, InputCounter> {
  const [executed, acked, failed] = [counters[first]!, counters[first + 1]!, counters[first + 2]!];
  return { executed, acked, failed };
}

/** Clocks of threads differ a little from main's: no share is below 0 or above 1, and they sum to 1. */
function sharesOf(counters: SpanCounters, spanMs: number): TimeShares {
  const us = (name: TaskCounter) => counters[TASK_COUNTER_AT[name]]!;
  const [busyUs, blockedUs, waitingUs] = [us("busyUs"), us("blockedUs"), us("waitingUs")];
  const known = busyUs + blockedUs + waitingUs;
  const wholeUs = Math.max(spanMs * 1_000, known);
  if (wholeUs === 0) return { busy: 0, blocked: 0, waiting: 0, idle: 1 };
  return {
    busy: busyUs / wholeUs,
    blocked: blockedUs / wholeUs,
    waiting: waitingUs / wholeUs,
    idle: 1 - known / wholeUs,
  };
}
