import {
  type ComponentShape,
  INPUT_COUNTERS,
  type InputCounter,
  OUTPUT_COUNTERS,
  type OutputCounter,
  type OutputPlace,
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
  const outputs: Record<string, OutputMetrics> = {};
  for (const output of shape.outputs) outputs[output.stream] = outputMetrics(output, counters);
  return {
    spanMs,
    counts,
    shares: sharesOf(counters, spanMs * taskCount),
    capacity,
    executeMs: shape.kind !== "bolt" || counts.executed === 0 ? null : executeUs / 1_000 / counts.executed,
    meanBatchRows: batches === 0 ? null : counters[TASK_COUNTER_AT.rowsIn]! / batches,
    outputs,
    inputs: shape.inputs.map(({ component, stream, input, first }) => ({
      component,
      stream,
      input,
      ...inputCounters(first, counters),
    })),
  };
}

export const NO_COUNTS: MetricCounts = {
  emitted: 0,
  transferred: 0,
  executed: 0,
  acked: 0,
  failed: 0,
  firsts: 0,
  replayed: 0,
  failedBolt: 0,
  timedOut: 0,
  failedWorkerLost: 0,
  failedRejected: 0,
  errors: 0,
  restarts: 0,
  dropped: 0,
  expired: 0,
  deadLettered: 0,
};
export const COUNT_NAMES = Object.keys(NO_COUNTS) as (keyof MetricCounts)[];

/**
 * By number in COUNT_NAMES: the counters whose sum it is. Of a spout acks and fails are those of its streams, of a
 * bolt those of its inputs. Looked up once per component: a snapshot asks for each task and window.
 */
const placesOf = new WeakMap<ComponentShape, readonly (readonly number[])[]>();

function countsOf(shape: ComponentShape, counters: SpanCounters): MetricCounts {
  let places = placesOf.get(shape);
  if (places === undefined) {
    places = COUNT_NAMES.map((name) => placesOfCount(shape, name));
    placesOf.set(shape, places);
  }
  const counts: { -readonly [Name in keyof MetricCounts]: number } = { ...NO_COUNTS };
  for (let at = 0; at < COUNT_NAMES.length; at++) {
    for (const place of places[at]!) counts[COUNT_NAMES[at]!] += counters[place]!;
  }
  return counts;
}

function placesOfCount(shape: ComponentShape, name: keyof MetricCounts): number[] {
  const task = TASK_COUNTERS.indexOf(name as TaskCounter);
  if (task >= 0) return [task];
  const output = OUTPUT_COUNTERS.indexOf(name as OutputCounter);
  const input = INPUT_COUNTERS.indexOf(name as InputCounter);
  return [
    ...shape.outputs.flatMap(({ first, count }) => (output >= 0 && output < count ? [first + output] : [])),
    ...shape.inputs.flatMap(({ first }) => (input >= 0 ? [first + input] : [])),
  ];
}

function outputMetrics({ first, count }: OutputPlace, counters: SpanCounters): OutputMetrics {
  const at = (index: number) => (index < count ? counters[first + index]! : 0);
  return { emitted: at(0), transferred: at(1), firsts: at(2), replayed: at(3), acked: at(4), failed: at(5) };
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
