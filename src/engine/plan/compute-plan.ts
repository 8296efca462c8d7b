import { invariant } from "../../base/invariant.ts";
import { assignKeyGroups } from "../../grouping/key-groups.ts";
import type { ComponentSpec, SubscriptionSpec, TopologySpec } from "../../topology/topology-spec.ts";
import { findCycles } from "./cycles.ts";
import type { ComponentPlan, EdgeKind, EdgePlan, PhysicalPlan, StreamPlan, TaskPlan } from "./physical-plan.ts";
import { type ComponentPlacement, forwardSubscriptions, type PlacementOptions, placeTasks } from "./placement.ts";
import { mapRings, type RingBounds } from "./ring-map.ts";

export interface PlanOptions extends PlacementOptions, RingBounds {}

/**
 * The physical plan of a validated topology. Pure and deterministic: every thread computes it for itself, and a
 * restarted one finds its tasks where they were.
 *
 * @throws EngineError PLAN_RING_BUDGET
 */
export function computePlan(spec: TopologySpec, options: PlanOptions): PhysicalPlan {
  invariant(Number.isInteger(options.workerCount) && options.workerCount >= 1, "a plan needs at least one worker");
  const placements = placeTasks(spec, options);
  const tasks = listTasks(placements);
  const tasksOf = taskIdsByComponent(tasks);
  const cycles = findCycles(spec);
  const declared = listStreams(spec);
  const edges = listEdges(spec, { tasks, tasksOf, streams: declared });
  const streams = declared.map((stream, streamIndex) => ({
    ...stream,
    edges: edges.flatMap((edge, edgeIndex) => (edge.streamIndex === streamIndex ? [edgeIndex] : [])),
  }));
  return {
    workerCount: options.workerCount,
    tasks,
    components: spec.components.map((component, index) =>
      planComponent(component, placements[index]!, { tasksOf, cycles }),
    ),
    streams,
    edges,
    rings: mapRings({ edges, streams, tasks, tasksOf }, options),
  };
}

interface Tables {
  readonly tasks: readonly (TaskPlan | null)[];
  readonly tasksOf: ReadonlyMap<string, readonly number[]>;
  readonly streams: readonly StreamPlan[];
}

function listTasks(placements: readonly ComponentPlacement[]): (TaskPlan | null)[] {
  const tasks: (TaskPlan | null)[] = [null];
  for (const { id, threads } of placements) {
    for (const [taskIndex, thread] of threads.entries()) {
      tasks.push({ taskId: tasks.length, component: id, taskIndex, thread });
    }
  }
  return tasks;
}

function taskIdsByComponent(tasks: readonly (TaskPlan | null)[]): Map<string, number[]> {
  const tasksOf = new Map<string, number[]>();
  for (const task of tasks) {
    if (task === null) continue;
    const ids = tasksOf.get(task.component);
    if (ids === undefined) tasksOf.set(task.component, [task.taskId]);
    else ids.push(task.taskId);
  }
  return tasksOf;
}

function planComponent(
  component: ComponentSpec,
  placement: ComponentPlacement,
  { tasksOf, cycles }: { tasksOf: ReadonlyMap<string, readonly number[]>; cycles: ReadonlyMap<string, number> },
): ComponentPlan {
  const sources = new Set(forwardSubscriptions(component).map((subscription) => subscription.source));
  return {
    id: component.id,
    kind: component.kind,
    taskIds: tasksOf.get(component.id)!,
    upstreamTasks: [...sources].flatMap((source) => tasksOf.get(source)!).sort((a, b) => a - b),
    depth: placement.depth,
    cycle: cycles.get(component.id) ?? null,
  };
}

function listStreams(spec: TopologySpec): StreamPlan[] {
  return spec.components.flatMap(({ id, outputs }) =>
    Object.entries(outputs).map(([stream, { fields, direct }]) => ({
      component: id,
      stream,
      fields,
      direct,
      edges: [],
    })),
  );
}

function listEdges(spec: TopologySpec, tables: Tables): EdgePlan[] {
  return spec.components.flatMap((consumer) =>
    consumer.subscriptions.map((subscription) => planEdge(consumer, subscription, tables)),
  );
}

function planEdge(consumer: ComponentSpec, subscription: SubscriptionSpec, tables: Tables): EdgePlan {
  const { source, stream, input, grouping, feedback } = subscription;
  const streamIndex = tables.streams.findIndex((plan) => plan.component === source && plan.stream === stream);
  invariant(
    streamIndex >= 0,
    `"${consumer.id}" subscribes to stream "${stream}" of "${source}", which is not declared`,
  );
  const columnOf = (field: string): number => {
    const column = tables.streams[streamIndex]!.fields.findIndex(({ name }) => name === field);
    invariant(column >= 0, `stream "${stream}" of "${source}" has no field "${field}", which "${consumer.id}" needs`);
    return column;
  };
  const targetTasks = tables.tasksOf.get(consumer.id)!;
  const inputFields = consumer.inputs[input];
  invariant(inputFields !== undefined, `"${consumer.id}" has no input "${input}"`);
  return {
    streamIndex,
    consumer: consumer.id,
    input,
    grouping,
    feedback,
    targetTasks,
    columns: inputFields.map(({ name }) => columnOf(name)),
    keyColumns: grouping.kind === "fields" || grouping.kind === "partialKey" ? grouping.fields.map(columnOf) : [],
    groupOwners: grouping.kind === "fields" ? assignKeyGroups(targetTasks.length) : null,
    kind: edgeKindOf(tables.tasksOf.get(source)!, targetTasks, subscription, tables.tasks),
  };
}

/**
 * `chained` needs a single target beside all its producers. Local-or-shuffle with one local task among others is not
 * chained, since it may spill; nor is a feedback edge, since a chain that calls itself has no bound.
 */
function edgeKindOf(
  producers: readonly number[],
  targets: readonly number[],
  { grouping, feedback }: SubscriptionSpec,
  tasks: readonly (TaskPlan | null)[],
): EdgeKind {
  const thread = tasks[producers[0]!]!.thread;
  if (![...producers, ...targets].every((task) => tasks[task]!.thread === thread)) return "ring";
  const oneChoice = targets.length === 1 || grouping.kind === "global";
  return oneChoice && !feedback ? "chained" : "local";
}
