import { invariant } from "../../base/invariant.ts";
import type { ComponentSpec, TopologySpec } from "../../topology/topology-spec.ts";

/** Where the tasks of one component run. */
export interface ComponentPlacement {
  readonly id: string;
  /** Longest path from a source; feedback edges do not count. */
  readonly depth: number;
  /** Thread of each task, by task index. Ascending: a thread hosts a contiguous range of a component's tasks. */
  readonly threads: readonly number[];
}

export interface PlacementOptions {
  readonly workerCount: number;
  /** No component gets more tasks than this; null is no limit. */
  readonly maxTaskParallelism?: number | null;
}

/**
 * Places every task, in order of declaration of the components.
 *
 * One rule serves both shapes. Each component puts an equal share of its tasks on every worker; what does not divide
 * evenly goes to the workers with the fewest tasks so far. A component as wide as the machine is thus symmetric, with
 * a slice on every worker and local edges between slices; a narrow one fills the gaps. Among equally loaded workers
 * those win that host more of the tasks that feed the component: what stays on a thread is neither written nor read.
 * The number of tasks never differs by more than one between two workers, within a component and in total.
 */
export function placeTasks(spec: TopologySpec, options: PlacementOptions): ComponentPlacement[] {
  const depths = computeDepths(spec);
  const tasksOf = new Array<number>(options.workerCount).fill(0);
  const placed = new Map<string, ComponentPlacement>();
  for (const component of inOrderOfDepth(spec, depths)) {
    const threads = runsOnMain(component)
      ? [options.workerCount]
      : spread(
          taskCountOf(component, options),
          tasksOf,
          feedingTasksByWorker(component, placed, options.workerCount),
        );
    placed.set(component.id, { id: component.id, depth: depths.get(component.id)!, threads });
  }
  return spec.components.map((component) => placed.get(component.id)!);
}

/** Longest forward path from a source, by component id. */
export function computeDepths(spec: TopologySpec): Map<string, number> {
  const byId = new Map(spec.components.map((component) => [component.id, component]));
  const depths = new Map<string, number>();
  const open = new Set<string>();
  const depthOf = (id: string): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    invariant(!open.has(id), `component "${id}" is on a cycle that has no feedback edge`);
    open.add(id);
    let depth = 0;
    for (const { source } of forwardSubscriptions(byId.get(id))) depth = Math.max(depth, depthOf(source) + 1);
    depths.set(id, depth);
    return depth;
  };
  for (const { id } of spec.components) depthOf(id);
  return depths;
}

/** A component's inputs, but for the back edges of cycles. */
export function forwardSubscriptions(component: ComponentSpec | undefined): ComponentSpec["subscriptions"] {
  invariant(component !== undefined, "a subscription names a component that is not declared");
  return component.subscriptions.filter((subscription) => !subscription.feedback);
}

function inOrderOfDepth(spec: TopologySpec, depths: ReadonlyMap<string, number>): ComponentSpec[] {
  return [...spec.components].sort((a, b) => depths.get(a.id)! - depths.get(b.id)!); // Stable: then as declared.
}

function runsOnMain(component: ComponentSpec): boolean {
  return component.kind === "feeder" || component.kind === "output";
}

function taskCountOf(component: ComponentSpec, options: PlacementOptions): number {
  const wanted = component.parallelism === "auto" ? options.workerCount : component.parallelism;
  return Math.min(wanted, options.maxTaskParallelism ?? wanted);
}

function feedingTasksByWorker(
  component: ComponentSpec,
  placed: ReadonlyMap<string, ComponentPlacement>,
  workerCount: number,
): number[] {
  const feeding = new Array<number>(workerCount).fill(0);
  for (const source of new Set(forwardSubscriptions(component).map((subscription) => subscription.source))) {
    for (const thread of placed.get(source)!.threads) {
      if (thread < workerCount) feeding[thread]! += 1;
    }
  }
  return feeding;
}

/** The thread of each of `taskCount` tasks, ascending; adds them to `tasksOf`, the load so far by worker. */
function spread(taskCount: number, tasksOf: number[], feeding: readonly number[]): number[] {
  const workerCount = tasksOf.length;
  const workers = tasksOf
    .map((_, worker) => worker)
    .sort((a, b) => tasksOf[a]! - tasksOf[b]! || feeding[b]! - feeding[a]! || a - b);
  const shares = new Array<number>(workerCount).fill(Math.floor(taskCount / workerCount));
  for (const worker of workers.slice(0, taskCount % workerCount)) shares[worker]! += 1;
  for (const [worker, share] of shares.entries()) tasksOf[worker]! += share;
  return shares.flatMap((share, worker) => new Array<number>(share).fill(worker));
}
