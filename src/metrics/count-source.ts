import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import {
  type ComponentShape,
  INPUT_COUNTERS,
  type InputCounter,
  type MetricLayout,
  OUTPUT_COUNTERS,
  type OutputCounter,
  TASK_COUNTERS,
  type TaskCounter,
} from "./metric-layout.ts";

export type CountName = TaskCounter | OutputCounter | InputCounter;

/** A number of a component: one of the engine's counters, over all its tasks; or a counter or meter of user code. */
export type CountSource =
  | {
      readonly component: string;
      readonly counter: CountName;
      /** Of this output stream only; of what a bolt receives, over this stream of its sources. Default: all. */
      readonly stream?: string;
      /** Of what a bolt receives, from this component only. Default: all. */
      readonly from?: string;
    }
  | {
      readonly component: string;
      /** The name that user code gave it. */
      readonly metric: string;
    };

type EngineCount = Extract<CountSource, { counter: CountName }>;

/**
 * Where among the counters of all tasks those lie whose sum is asked for.
 *
 * @throws EngineError FLOW_UNKNOWN_SOURCE
 */
export function countersOf(layout: MetricLayout, source: EngineCount): readonly number[] {
  const shape = shapeOf(layout, source.component);
  const places = placesIn(shape, source);
  if (places.length === 0) throw nothingFound(shape, source);
  return shape.taskIds.flatMap((taskId) => {
    const { firstCounter } = layout.placeOf(taskId);
    return places.map((place) => firstCounter + place);
  });
}

/** @throws EngineError FLOW_UNKNOWN_SOURCE */
export function shapeOf(layout: MetricLayout, component: string): ComponentShape {
  const shape = layout.components.find(({ id }) => id === component);
  if (shape !== undefined) return shape;
  const declared = layout.components.map(({ id }) => id);
  const near = nearestName(component, declared);
  throw new EngineError("FLOW_UNKNOWN_SOURCE", {
    problem: `a number is to be taken from component "${component}", which the topology does not have`,
    facts: { declared },
    remedy: near === null ? "name a declared component" : `ask for "${near}"`,
  });
}

function placesIn(shape: ComponentShape, { counter, stream, from }: EngineCount): number[] {
  const isSelective = stream !== undefined || from !== undefined;
  const task = TASK_COUNTERS.indexOf(counter as TaskCounter);
  if (task >= 0) return isSelective ? [] : [task];
  const inputAt = INPUT_COUNTERS.indexOf(counter as InputCounter);
  const outputAt = OUTPUT_COUNTERS.indexOf(counter as OutputCounter);
  const inputs = shape.inputs.filter(
    (input) =>
      inputAt >= 0 &&
      (stream === undefined || input.stream === stream) &&
      (from === undefined || input.component === from),
  );
  const outputs = shape.outputs.filter(
    (output) =>
      outputAt >= 0 &&
      outputAt < output.count &&
      from === undefined &&
      (stream === undefined || output.stream === stream),
  );
  return [...inputs.map(({ first }) => first + inputAt), ...outputs.map(({ first }) => first + outputAt)];
}

function nothingFound(shape: ComponentShape, source: EngineCount): EngineError {
  const { counter, stream, from } = source;
  return new EngineError("FLOW_UNKNOWN_SOURCE", {
    problem: `component "${shape.id}" does not count what is asked for`,
    facts: {
      counter,
      stream,
      from,
      kind: shape.kind,
      streams: shape.outputs.map((output) => output.stream),
      inputs: shape.inputs.map((input) => `${input.component}:${input.stream}`),
    },
    remedy: "see docs/METRICS.md for what spouts and bolts count, by stream or by input",
  });
}
