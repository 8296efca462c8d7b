import { type Clock, treeClockOf } from "../../base/clock.ts";
import { Prng } from "../../base/prng.ts";
import type { OptionValues } from "../../config/option-values.ts";
import { createGrouping } from "../../grouping/create-grouping.ts";
import { ControlLayout } from "../../memory/control-layout.ts";
import type { RunMemory } from "../../memory/run-memory.ts";
import { MetricLayout } from "../../metrics/metric-layout.ts";
import { RowTimer } from "../../metrics/row-timer.ts";
import { TaskBlock } from "../../metrics/task-block.ts";
import { TaskTimes } from "../../metrics/task-times.ts";
import type { ComponentSpec, TopologySpec } from "../../topology/topology-spec.ts";
import { rowError } from "../../tuple/check-value.ts";
import { TupleBatch } from "../../tuple/tuple-batch.ts";
import { type TreeView, tupleClassFor } from "../../tuple/tuple-class.ts";
import type { ComponentPlan, EdgePlan, PhysicalPlan, TaskPlan } from "../plan/physical-plan.ts";
import type { BoltParts } from "./bolt-parts.ts";
import { BoltTask } from "./bolt-task.ts";
import type { AckerEvents } from "./build-tracking.ts";
import type { CreatedBolt, CreatedSpout, InstanceFactory, TupleClass } from "./create-instance.ts";
import { Executor, type ExecutorEvents } from "./executor.ts";
import { failurePlanOf } from "./failure-plan.ts";
import { FeederTask } from "./feeder-task.ts";
import type { HostedParts } from "./hosted-task.ts";
import type { InnerOfCycle } from "./input-end.ts";
import { MutationGuard } from "./mutation-guard.ts";
import { Outlet, type RowSchema } from "./outlet.ts";
import { OutputTask } from "./output-task.ts";
import type { SpoutReport } from "./position-marks.ts";
import { ProbedRoute } from "./probed-route.ts";
import type { RunProbe } from "./run-probe.ts";
import { SpoutTask } from "./spout-task.ts";
import { type RouteEdge, StreamRoute } from "./stream-route.ts";
import type { Task } from "./task.ts";
import type { TaskParts } from "./task-parts.ts";
import { ThreadCode } from "./thread-code.ts";
import { Wiring, type WiringBlueprint } from "./wiring.ts";

/** Everything that one thread's executor is made from. The same on every thread but for `thread` and what runs it. */
export interface ExecutorBlueprint {
  readonly spec: TopologySpec;
  readonly plan: PhysicalPlan;
  readonly thread: number;
  readonly memory: RunMemory;
  readonly config: OptionValues;
  /** A component's options: its own settings over the topology's. */
  readonly configOf: (component: string) => OptionValues;
  readonly clock: Clock;
  readonly events: ExecutorEvents & AckerEvents;
  readonly epoch: number;
  /** Copies batches between tasks of one thread, and finds `any` values that were changed after their emit. */
  readonly isolateLocal: boolean;
  readonly instances: InstanceFactory;
  /** Sees what is emitted: for simulations. */
  readonly probe?: RunProbe | undefined;
  /** Where a spout's task is to begin; undefined at the beginning. */
  readonly startOf?: (taskId: number) => SpoutReport | undefined;
}

/** What tasks with an input have, besides. */
type InputParts = Pick<BoltParts, "tupleClasses" | "upstreamSignals" | "outsideSignals">;

/** The words and rings of a run by name; every thread computes the same places. */
export function controlLayoutOf(plan: PhysicalPlan): ControlLayout {
  return new ControlLayout({ threadCount: plan.workerCount + 1, rings: plan.rings });
}

/** Makes the executor of one thread: its tasks, their ways in and out. Calls no user code. */
export function buildExecutor(blueprint: ExecutorBlueprint): Executor {
  return new ExecutorBuilder(blueprint).build();
}

/** Lets an executor go on in the memory of a new epoch, with the tasks that it has. Between two rounds only. */
export function beginExecutorEpoch(executor: Executor, blueprint: WiringBlueprint, epoch: number): void {
  const wiring = new Wiring(blueprint);
  const { plan, memory } = blueprint;
  executor.beginEpoch({
    tracking: wiring.tracking,
    hookNote: wiring.hookNote,
    inlets: wiring.buildInlets(),
    taskEpochOf: (task) => ({
      epoch,
      tracking: wiring.tracking,
      metrics: memory.metrics,
      inbox: task.inbox === null ? null : wiring.inboxOf(task.taskId),
      linkFor: (outlet) => wiring.linkTo(outlet.targetTask, outlet.schema, plan.edges[outlet.edgeIndex]!),
    }),
  });
}

class ExecutorBuilder {
  readonly #blueprint: ExecutorBlueprint;
  readonly #wiring: Wiring;
  readonly #executor: Executor;
  readonly #tasks = new Map<number, Task>();
  readonly #components: ReadonlyMap<string, ComponentSpec>;
  readonly #prng: Prng;
  readonly #code = new ThreadCode();
  readonly #layout: MetricLayout;

  constructor(blueprint: ExecutorBlueprint) {
    this.#blueprint = blueprint;
    this.#wiring = new Wiring(blueprint);
    this.#executor = new Executor({
      clock: blueprint.clock,
      events: blueprint.events,
      flushMs: blueprint.config.flushMs,
      tracking: this.#wiring.tracking,
      hookNote: this.#wiring.hookNote,
    });
    this.#components = new Map(blueprint.spec.components.map((component) => [component.id, component]));
    this.#layout = new MetricLayout(blueprint.plan);
    this.#prng = new Prng(blueprint.config.seed + Math.imul(blueprint.thread, 0x9e3779b1));
  }

  build(): Executor {
    const { plan, thread } = this.#blueprint;
    const own = plan.tasks.filter((task): task is TaskPlan => task !== null && task.thread === thread);
    for (const task of own) this.#tasks.set(task.taskId, this.#buildTask(task));
    const inlets = this.#wiring.buildInlets();
    for (const task of own) this.#buildRoutes(this.#tasks.get(task.taskId)!);
    const depthOf = new Map(plan.components.map((component) => [component.id, component.depth]));
    const order = [...this.#tasks.values()].sort(
      (a, b) => depthOf.get(a.plan.component)! - depthOf.get(b.plan.component)! || a.taskId - b.taskId,
    );
    this.#executor.wire(order, inlets);
    return this.#executor;
  }

  #buildTask(task: TaskPlan): Task {
    const { memory, epoch, clock } = this.#blueprint;
    const spec = this.#components.get(task.component)!;
    const component = this.#componentPlan(task.component);
    const config = this.#blueprint.configOf(task.component);
    const block = new TaskBlock(this.#layout, memory.metrics, task.taskId);
    const parts: TaskParts = {
      plan: task,
      component,
      host: this.#executor,
      block,
      times: config.metrics === "off" ? null : new TaskTimes(block, clock.nowMs(), treeClockOf(clock)),
      emitOverflowMax: config.emitOverflowMax,
      feedbackSpillMax: config.feedbackSpillMax,
      epoch,
      tracking: this.#wiring.tracking,
    };
    if (spec.kind === "feeder") return new FeederTask(parts);
    if (spec.kind === "spout")
      return this.#buildSpout(spec, { ...parts, ...this.#hostedParts(spec, config) }, config);
    const input = {
      tupleClasses: this.#code.tupleClassesOf(task.component, () => this.#tupleClassesOf(task)),
      ...this.#signalsInto(task),
    };
    const consumer =
      spec.kind === "output"
        ? new OutputTask({ ...parts, ...input })
        : this.#buildBolt(spec, { ...parts, ...input, ...this.#hostedParts(spec, config) }, config);
    consumer.inbox = this.#wiring.inboxOf(task.taskId);
    return consumer;
  }

  #hostedParts(spec: ComponentSpec, config: OptionValues): Omit<HostedParts, keyof TaskParts> {
    return {
      failures: failurePlanOf(spec.onError, config),
      seed: this.#blueprint.config.seed,
      tickMs: config.tickMs,
      ticksAsTuples: spec.config.tickMs !== undefined && spec.config.tickMs !== null,
    };
  }

  #buildSpout(spec: ComponentSpec, parts: HostedParts, config: OptionValues): SpoutTask {
    const { instances, startOf, events } = this.#blueprint;
    const { taskId } = parts.plan;
    const spout: SpoutTask = new SpoutTask({
      ...parts,
      create: () => instances.create(spec, spout) as CreatedSpout,
      idleMs: config.spoutIdleMs,
      idleMaxMs: config.spoutIdleMaxMs,
      turnMs: config.turnMs,
      maxRatePerSecond: config.maxRatePerSecond,
      rateBurst: config.rateBurst,
      start: startOf?.(taskId),
      positionMoved: (position) => events.positionMoved(taskId, position),
    });
    return spout;
  }

  #buildBolt(spec: ComponentSpec, parts: HostedParts & InputParts, config: OptionValues): BoltTask {
    const { instances, config: runConfig } = this.#blueprint;
    const prng = new Prng(runConfig.seed + parts.plan.taskId);
    const bolt: BoltTask = new BoltTask({
      ...parts,
      create: () => instances.create(spec, bolt) as CreatedBolt,
      isBasic: spec.component!.style === "basic",
      anchorsMax: config.anchorsMax,
      concurrency: config.concurrency,
      turnMs: config.turnMs,
      inner: this.#innerOf(parts.component),
      rowTimer: config.metrics === "off" ? null : new RowTimer(prng, config.metricsTiming === "all"),
    });
    return bolt;
  }

  #edgesInto(task: TaskPlan): { edge: EdgePlan; edgeIndex: number }[] {
    const found: { edge: EdgePlan; edgeIndex: number }[] = [];
    for (const [edgeIndex, edge] of this.#blueprint.plan.edges.entries()) {
      if (edge.consumer === task.component) found.push({ edge, edgeIndex });
    }
    return found;
  }

  /** How many end-of-stream signals a task waits for, and how many of them come from outside its cycle. */
  #signalsInto(task: TaskPlan): { upstreamSignals: number; outsideSignals: number } {
    const own = this.#componentPlan(task.component);
    let upstreamSignals = 0;
    let outsideSignals = 0;
    for (const { edge } of this.#edgesInto(task)) {
      if (edge.feedback) continue;
      const source = this.#componentPlan(this.#blueprint.plan.streams[edge.streamIndex]!.component);
      upstreamSignals += source.taskIds.length;
      if (own.cycle === null || source.cycle !== own.cycle) outsideSignals += source.taskIds.length;
    }
    return { upstreamSignals, outsideSignals };
  }

  #innerOf({ cycle }: ComponentPlan): InnerOfCycle | null {
    if (cycle === null) return null;
    const { plan } = this.#blueprint;
    const inside = (id: string) => this.#componentPlan(id).cycle === cycle;
    const edges = plan.edges.flatMap((edge, edgeIndex) =>
      inside(edge.consumer) && inside(plan.streams[edge.streamIndex]!.component) ? [edgeIndex] : [],
    );
    const tasks = plan.components.filter(({ id }) => inside(id)).flatMap(({ taskIds }) => taskIds);
    return { edges: new Set(edges), tasks: new Set(tasks) };
  }

  #componentPlan(id: string): ComponentPlan {
    return this.#blueprint.plan.components.find((component) => component.id === id)!;
  }

  #tupleClassesOf(task: TaskPlan): Map<number, TupleClass> {
    const { plan } = this.#blueprint;
    const spec = this.#components.get(task.component)!;
    const hasInputName = Object.keys(spec.inputs).some((name) => name !== "default");
    const classes = new Map<number, TupleClass>();
    // Edges into one input share a class, so that a bolt's `execute` sees one shape of tuple per input.
    const byInput = new Map<string, TupleClass>();
    for (const { edge, edgeIndex } of this.#edgesInto(task)) {
      let tupleClass = byInput.get(edge.input);
      if (tupleClass === undefined) {
        tupleClass = tupleClassFor(spec.inputs[edge.input]!, {
          input: edge.input,
          hasInputName,
          sources: plan.edges.map((planned) => plan.streams[planned.streamIndex]!),
          trees: this.#treeView(),
        });
        byInput.set(edge.input, tupleClass);
      }
      classes.set(edgeIndex, tupleClass);
    }
    return classes;
  }

  /** Through the executor each time: its slots are others after a loss. */
  #treeView(): TreeView | null {
    const executor = this.#executor;
    if (executor.tracking === null) return null;
    return {
      attemptOf: (slot) => executor.tracking!.slots.attemptOf(slot),
      generationOf: (slot) => executor.tracking!.slots.generationOf(slot),
      hasFailed: (slot, generation) => executor.tracking!.slots.hasFailed(slot, generation),
    };
  }

  #buildRoutes(task: Task): void {
    const { plan, probe } = this.#blueprint;
    for (const stream of plan.streams) {
      if (stream.component !== task.plan.component) continue;
      const schema = this.#code.schemaOf(stream);
      const edges = stream.edges.map((edgeIndex) => this.#buildRouteEdge(task, schema, edgeIndex));
      const check = checkOf(schema);
      const counts = task.countsOf(stream.stream);
      const route =
        probe === undefined
          ? new StreamRoute(stream, edges, check, counts)
          : new ProbedRoute(probe, task.plan, stream, stream, edges, check, counts);
      task.routes.set(stream.stream, route);
    }
  }

  #buildRouteEdge(task: Task, schema: RowSchema, edgeIndex: number): RouteEdge {
    const { plan, thread, config, epoch } = this.#blueprint;
    const edge = plan.edges[edgeIndex]!;
    const batchRows = this.#blueprint.probe?.batchRowsOf(schema.component) ?? null;
    const outlets = edge.targetTasks.map((targetTask) => {
      const outlet = new Outlet(task, this.#wiring.linkTo(targetTask, schema, edge), {
        edgeIndex,
        targetTask,
        consumer: edge.consumer,
        schema,
        epoch,
        isFeedback: edge.feedback,
        batchRowsMax: batchRows ?? config.batchRowsMax,
        batchRowsFirst: batchRows ?? 1,
        guard: this.#blueprint.isolateLocal ? new MutationGuard(schema) : null,
      });
      task.outlets.push(outlet);
      return outlet;
    });
    const grouping = createGrouping(edge.grouping, {
      sourceTask: task.taskId,
      sourceComponent: schema.component,
      stream: schema.stream,
      targetTasks: edge.targetTasks,
      isLocal: edge.targetTasks.map((target) => plan.tasks[target]!.thread === thread),
      keyColumns: edge.keyColumns,
      columnTypes: schema.columns.map((field) => field.type),
      groupOwners: edge.groupOwners,
      prng: new Prng(this.#prng.nextUint32()),
      load: { pendingTuples: (index) => outlets[index]!.pendingRows() },
      localMarkRows: config.localMarkRows,
    });
    return { consumer: edge.consumer, grouping, outlets };
  }
}

/** Throws for what is no row of the schema. By its appender, which is compiled for these columns: the row is lost. */
function checkOf(schema: RowSchema): (values: readonly unknown[]) => void {
  const scratch = new TupleBatch(
    0,
    0,
    0,
    schema.columns.map(() => []),
  );
  return (values) => {
    if (!schema.append(scratch, values)) throw rowError({ ...schema, values });
    scratch.count = 0;
  };
}
