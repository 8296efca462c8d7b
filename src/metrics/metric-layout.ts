import { alignToCacheLine } from "../memory/cache-line.ts";
import { HISTOGRAM_WORDS } from "../memory/shared-histogram.ts";

/** Counters that every task has, in their order in memory. */
export const TASK_COUNTERS = [
  "failedBolt",
  "timedOut",
  "failedWorkerLost",
  "failedRejected",
  "errors",
  "restarts",
  "dropped",
  "expired",
  "deadLettered",
  "batchesIn",
  "rowsIn",
  "busyUs",
  "executeUs",
  "blockedUs",
  "waitingUs",
] as const;
export type TaskCounter = (typeof TASK_COUNTERS)[number];

/** Counters of each output stream; a spout or feeder has all of them, a bolt the first two. */
export const OUTPUT_COUNTERS = ["emitted", "transferred", "firsts", "replayed", "acked", "failed"] as const;
export type OutputCounter = (typeof OUTPUT_COUNTERS)[number];
const BOLT_OUTPUT_COUNTERS = 2;

/** Counters of each edge into a bolt or an output. */
export const INPUT_COUNTERS = ["executed", "acked", "failed"] as const;
export type InputCounter = (typeof INPUT_COUNTERS)[number];

/** What holds at a moment: set, not counted. `timedEvery` is 0 before the first execution was timed. */
export const SHOWN_LEVELS = ["executing", "waitingRows", "backlogRows", "pendingTrees", "timedEvery"] as const;
export type ShownLevel = (typeof SHOWN_LEVELS)[number];

/**
 * `rest` says what the task does while it does not work, and `restSinceMs` since when that is not counted, on the
 * clock of trees: so main knows of a task that is blocked for long although its thread sleeps.
 */
export const TASK_LEVELS = [...SHOWN_LEVELS, "rest", "restSinceMs"] as const;
export type TaskLevel = (typeof TASK_LEVELS)[number];

export type HistogramName = "execute" | "process" | "complete";

/** What of a physical plan matters here; a `PhysicalPlan` is one. */
export interface MeteredPlan {
  readonly tasks: readonly ({ readonly taskId: number; readonly component: string } | null)[];
  readonly components: readonly { readonly id: string; readonly kind: ComponentKind }[];
  readonly streams: readonly { readonly component: string; readonly stream: string }[];
  readonly edges: readonly { readonly streamIndex: number; readonly consumer: string; readonly input: string }[];
}

export type ComponentKind = "spout" | "bolt" | "feeder" | "output";

/** An output stream of a component, and the first of its counters. */
export interface OutputPlace {
  readonly stream: string;
  readonly first: number;
  /** How many of OUTPUT_COUNTERS it has. */
  readonly count: number;
}

/** An edge into a component, and the first of its counters. */
export interface InputPlace {
  readonly edgeIndex: number;
  /** Where it comes from. */
  readonly component: string;
  readonly stream: string;
  /** The input of the bolt that it leads into. */
  readonly input: string;
  readonly first: number;
}

/** What each task of a component has. Counters are numbered from 0: those of the task, of outputs, of inputs. */
export interface ComponentShape {
  readonly id: string;
  readonly kind: ComponentKind;
  readonly taskIds: readonly number[];
  readonly outputs: readonly OutputPlace[];
  readonly inputs: readonly InputPlace[];
  readonly counterCount: number;
  readonly histograms: readonly HistogramName[];
  readonly blockWords: number;
}

/** Where one task's words begin, and where its counters begin among those of all tasks. */
export interface TaskPlace {
  readonly taskId: number;
  readonly shape: ComponentShape;
  readonly firstWord: number;
  readonly firstCounter: number;
}

/**
 * Says where every number of every task lies in the one Int32Array of a run's metrics: a pure function of the plan,
 * so every thread computes it for itself.
 *
 *     block of a task, from a cache line of its own:
 *       HALVES, LOW of its counters    see hot-counters.ts
 *       LEVELS
 *       histograms                     see shared-histogram.ts
 */
export class MetricLayout {
  readonly wordCount: number;
  /** Counters of all tasks together. */
  readonly counterCount: number;
  readonly components: readonly ComponentShape[];
  /** By task id; null where there is no task. */
  readonly tasks: readonly (TaskPlace | null)[];

  constructor(plan: MeteredPlan) {
    this.components = plan.components.map(({ id, kind }) => shapeOf(plan, id, kind));
    const shapes = new Map(this.components.map((shape) => [shape.id, shape]));
    let word = 0;
    let counter = 0;
    this.tasks = plan.tasks.map((task) => {
      if (task === null) return null;
      const shape = shapes.get(task.component)!;
      const place = { taskId: task.taskId, shape, firstWord: word, firstCounter: counter };
      word += shape.blockWords;
      counter += shape.counterCount;
      return place;
    });
    this.wordCount = word;
    this.counterCount = counter;
  }

  placeOf(taskId: number): TaskPlace {
    return this.tasks[taskId]!;
  }
}

/** Where the words of a block are: each a distance from its first word. */
export function halvesOffset(counter: number): number {
  return counter;
}

export function lowOffset(shape: ComponentShape, counter: number): number {
  return shape.counterCount + counter;
}

export function levelOffset(shape: ComponentShape, level: TaskLevel): number {
  return 2 * shape.counterCount + TASK_LEVELS.indexOf(level);
}

/** Null when the component has no such histogram. */
export function histogramOffset(shape: ComponentShape, name: HistogramName): number | null {
  const index = shape.histograms.indexOf(name);
  return index < 0 ? null : 2 * shape.counterCount + TASK_LEVELS.length + index * HISTOGRAM_WORDS;
}

function shapeOf(plan: MeteredPlan, id: string, kind: ComponentKind): ComponentShape {
  let counter = TASK_COUNTERS.length;
  const next = (count: number): number => {
    counter += count;
    return counter - count;
  };
  const isSource = kind === "spout" || kind === "feeder";
  const count = isSource ? OUTPUT_COUNTERS.length : BOLT_OUTPUT_COUNTERS;
  const outputs = plan.streams
    .filter((stream) => stream.component === id)
    .map(({ stream }) => ({ stream, first: next(count), count }));
  const inputs = plan.edges.flatMap(({ streamIndex, consumer, input }, edgeIndex) => {
    if (consumer !== id) return [];
    const { component, stream } = plan.streams[streamIndex]!;
    return [{ edgeIndex, component, stream, input, first: next(INPUT_COUNTERS.length) }];
  });
  const histograms = HISTOGRAMS_OF[kind];
  const words = 2 * counter + TASK_LEVELS.length + histograms.length * HISTOGRAM_WORDS;
  return {
    id,
    kind,
    taskIds: plan.tasks.flatMap((task) => (task?.component === id ? [task.taskId] : [])),
    outputs,
    inputs,
    counterCount: counter,
    histograms,
    blockWords: alignToCacheLine(words),
  };
}

const HISTOGRAMS_OF: Readonly<Record<ComponentKind, readonly HistogramName[]>> = {
  spout: ["complete"],
  feeder: ["complete"],
  bolt: ["execute", "process"],
  output: [],
};
