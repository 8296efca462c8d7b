import type { EdgeKind, EdgePlan, PhysicalPlan, RingPlan } from "./physical-plan.ts";

/** What a plan cannot know by itself. */
export interface PlanSetting {
  readonly topology: string;
  /** Core of each worker; null where it is not bound to one. */
  readonly cores: readonly (number | null)[];
  /** Why workers are bound to cores, or why not. */
  readonly pinning: string;
  /** How many threads can be busy at once on this machine. */
  readonly usableCores: number;
}

/** A plan as people and scripts want it: plain data, without the key group tables. */
export interface PlanSummary extends PlanSetting {
  readonly workers: readonly { worker: number; core: number | null; tasks: readonly number[] }[];
  readonly components: readonly ComponentSummary[];
  readonly edges: readonly EdgeSummary[];
  readonly rings: readonly RingPlan[];
  readonly totals: {
    readonly tasks: number;
    readonly workers: number;
    readonly rings: number;
    /** Of one ring; all have the same size. */
    readonly ringBytes: number;
    readonly ringBytesTogether: number;
  };
  readonly warnings: readonly string[];
}

export interface ComponentSummary {
  readonly id: string;
  readonly kind: string;
  readonly depth: number;
  /** `thread` is a worker's number, or "main". */
  readonly tasks: readonly { readonly task: number; readonly thread: number | "main" }[];
}

export interface EdgeSummary {
  readonly from: string;
  readonly stream: string;
  readonly to: string;
  readonly input: string;
  readonly grouping: string;
  readonly keyFields: readonly string[];
  readonly feedback: boolean;
  readonly kind: EdgeKind;
  /** Pairs of a producing and a consuming task, and those of them that share a thread. */
  readonly pairs: number;
  readonly localPairs: number;
  /** Indices of the rings that carry it. Edges between the same threads and tasks share rings. */
  readonly rings: readonly number[];
}

/** Everything that is worth saying about a plan. */
export function summarizePlan(plan: PhysicalPlan, setting: PlanSetting): PlanSummary {
  const threadName = (thread: number): number | "main" => (thread === plan.workerCount ? "main" : thread);
  const workers = Array.from({ length: plan.workerCount }, (_, worker) => ({
    worker,
    core: setting.cores[worker] ?? null,
    tasks: plan.tasks.flatMap((task) => (task?.thread === worker ? [task.taskId] : [])),
  }));
  return {
    ...setting,
    workers,
    components: plan.components.map(({ id, kind, depth, taskIds }) => ({
      id,
      kind,
      depth,
      tasks: taskIds.map((task) => ({ task, thread: threadName(plan.tasks[task]!.thread) })),
    })),
    edges: plan.edges.map((edge) => summarizeEdge(plan, edge)),
    rings: plan.rings,
    totals: {
      tasks: plan.tasks.length - 1,
      workers: plan.workerCount,
      rings: plan.rings.length,
      ringBytes: plan.rings[0]?.bytes ?? 0,
      ringBytesTogether: plan.rings.reduce((sum, ring) => sum + ring.bytes, 0),
    },
    warnings: [
      ...warnOfTooManyWorkers(plan.workerCount, setting.usableCores),
      ...warnOfIdleWorkers(workers.filter(({ tasks }) => tasks.length === 0).map(({ worker }) => worker)),
    ],
  };
}

function summarizeEdge(plan: PhysicalPlan, edge: EdgePlan): EdgeSummary {
  const source = plan.streams[edge.streamIndex]!;
  const producers = plan.components.find(({ id }) => id === source.component)!.taskIds;
  const producerThreads = producers.map((task) => plan.tasks[task]!.thread);
  const targets = new Set(edge.targetTasks);
  const localPairs = edge.targetTasks.reduce(
    (sum, target) => sum + producerThreads.filter((thread) => thread === plan.tasks[target]!.thread).length,
    0,
  );
  return {
    from: source.component,
    stream: source.stream,
    to: edge.consumer,
    input: edge.input,
    grouping: edge.grouping.kind,
    keyFields: edge.grouping.kind === "fields" || edge.grouping.kind === "partialKey" ? edge.grouping.fields : [],
    feedback: edge.feedback,
    kind: edge.kind,
    pairs: producers.length * edge.targetTasks.length,
    localPairs,
    rings: plan.rings
      .filter((ring) => ring.feedback === edge.feedback && targets.has(ring.consumerTask))
      .filter((ring) => producerThreads.includes(ring.producerThread))
      .map((ring) => ring.ringIndex),
  };
}

function warnOfTooManyWorkers(workerCount: number, usableCores: number): string[] {
  if (workerCount <= usableCores) return [];
  const cores = usableCores === 1 ? "1 usable core" : `${usableCores} usable cores`;
  return [`${workerCount} workers on ${cores} take turns: ${usableCores} would do as much`];
}

function warnOfIdleWorkers(idle: readonly number[]): string[] {
  if (idle.length === 0) return [];
  const subject = idle.length === 1 ? `worker ${idle[0]} has no task` : `workers ${rangesOf(idle)} have no tasks`;
  return [`${subject}: raise a component's parallelism, or use fewer workers`];
}

/** Ascending numbers as text, with runs drawn together: "1, 4-7". */
function rangesOf(numbers: readonly number[]): string {
  const runs: [first: number, last: number][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(", ");
}
