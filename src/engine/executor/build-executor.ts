import type { Clock } from "../../base/clock.ts";
import { invariant } from "../../base/invariant.ts";
import { Prng } from "../../base/prng.ts";
import type { OptionValues } from "../../config/option-values.ts";
import { createGrouping } from "../../grouping/create-grouping.ts";
import { ControlLayout } from "../../memory/control-layout.ts";
import { DirtyBits } from "../../memory/dirty-bits.ts";
import { Doorbell } from "../../memory/doorbell.ts";
import { FrameRingConsumer } from "../../memory/frame-ring-consumer.ts";
import { FrameRingProducer } from "../../memory/frame-ring-producer.ts";
import { RoomWanted } from "../../memory/room-wanted.ts";
import type { RunMemory } from "../../memory/run-memory.ts";
import { SharedCounters } from "../../memory/shared-counters.ts";
import type { ComponentSpec, TopologySpec } from "../../topology/topology-spec.ts";
import { checkRow, rowError } from "../../tuple/check-value.ts";
import { BatchReader } from "../../tuple/codec/batch-reader.ts";
import { BatchWriter } from "../../tuple/codec/batch-writer.ts";
import { copyBatch } from "../../tuple/copy-batch.ts";
import type { TupleBatch } from "../../tuple/tuple-batch.ts";
import { type TreeView, tupleClassFor } from "../../tuple/tuple-class.ts";
import type { ComponentPlan, EdgePlan, PhysicalPlan, RingPlan, TaskPlan } from "../plan/physical-plan.ts";
import { BoltTask } from "./bolt-task.ts";
import { type AckerEvents, buildTracking } from "./build-tracking.ts";
import type { CreatedBolt, CreatedSpout, InstanceFactory, TupleClass } from "./create-instance.ts";
import { Executor, type ExecutorEvents, type ThreadInlets } from "./executor.ts";
import { FeederTask } from "./feeder-task.ts";
import { Inbox, LocalLink } from "./inbox.ts";
import type { InnerOfCycle } from "./input-end.ts";
import type { Link } from "./link.ts";
import { MutationGuard } from "./mutation-guard.ts";
import { Outlet, type RowSchema } from "./outlet.ts";
import { OutputTask } from "./output-task.ts";
import type { SpoutPosition } from "./position-marks.ts";
import { ProbedRoute } from "./probed-route.ts";
import { RingInlet } from "./ring-inlet.ts";
import { RingLink, RingSender } from "./ring-link.ts";
import type { RunProbe } from "./run-probe.ts";
import { SpoutTask } from "./spout-task.ts";
import { type RouteEdge, StreamRoute } from "./stream-route.ts";
import type { Task, TaskParts } from "./task.ts";
import { TaskCounters } from "./task-counters.ts";
import { ThreadCode } from "./thread-code.ts";
import type { Tracking } from "./tracking.ts";

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
  readonly startOf?: (taskId: number) => SpoutPosition | undefined;
}

/** The words and rings of a run by name; every thread computes the same places. */
export function controlLayoutOf(plan: PhysicalPlan): ControlLayout {
  return new ControlLayout({ threadCount: plan.workerCount + 1, rings: plan.rings });
}

/** Makes the executor of one thread: its tasks, their ways in and out. Calls no user code. */
export function buildExecutor(blueprint: ExecutorBlueprint): Executor {
  return new ExecutorBuilder(blueprint).build();
}

class ExecutorBuilder {
  readonly #blueprint: ExecutorBlueprint;
  readonly #layout: ControlLayout;
  readonly #executor: Executor;
  readonly #tracking: Tracking | null;
  readonly #tasks = new Map<number, Task>();
  readonly #inboxes = new Map<number, Inbox>();
  /** By consuming task; feedback rings apart. */
  readonly #senders = new Map<string, RingSender>();
  readonly #components: ReadonlyMap<string, ComponentSpec>;
  readonly #prng: Prng;
  readonly #code = new ThreadCode();

  constructor(blueprint: ExecutorBlueprint) {
    this.#blueprint = blueprint;
    this.#layout = controlLayoutOf(blueprint.plan);
    this.#tracking =
      blueprint.config.acking === "off" ? null : buildTracking(blueprint, (thread) => this.#doorbellOf(thread));
    this.#executor = new Executor({
      clock: blueprint.clock,
      events: blueprint.events,
      flushMs: blueprint.config.flushMs,
      tracking: this.#tracking,
    });
    this.#components = new Map(blueprint.spec.components.map((component) => [component.id, component]));
    this.#prng = new Prng(blueprint.config.seed + Math.imul(blueprint.thread, 0x9e3779b1));
  }

  build(): Executor {
    const { plan, thread } = this.#blueprint;
    const own = plan.tasks.filter((task): task is TaskPlan => task !== null && task.thread === thread);
    for (const task of own) this.#tasks.set(task.taskId, this.#buildTask(task));
    const inlets = this.#buildInlets();
    for (const task of own) this.#buildRoutes(this.#tasks.get(task.taskId)!);
    const depthOf = new Map(plan.components.map((component) => [component.id, component.depth]));
    const order = [...this.#tasks.values()].sort(
      (a, b) => depthOf.get(a.plan.component)! - depthOf.get(b.plan.component)! || a.taskId - b.taskId,
    );
    this.#executor.wire(order, inlets);
    return this.#executor;
  }

  #buildTask(task: TaskPlan): Task {
    const { memory, epoch, instances } = this.#blueprint;
    const spec = this.#components.get(task.component)!;
    const component = this.#componentPlan(task.component);
    const config = this.#blueprint.configOf(task.component);
    const parts: TaskParts = {
      plan: task,
      component,
      host: this.#executor,
      counters: new TaskCounters(new SharedCounters(memory.counters, task.taskId)),
      emitOverflowMax: config.emitOverflowMax,
      feedbackSpillMax: config.feedbackSpillMax,
      epoch,
      tracking: this.#tracking,
    };
    if (spec.kind === "feeder") return new FeederTask(parts);
    if (spec.kind === "spout") {
      const spout: SpoutTask = new SpoutTask({
        ...parts,
        create: () => instances.create(spec, spout) as CreatedSpout,
        idleMs: config.spoutIdleMs,
        idleMaxMs: config.spoutIdleMaxMs,
        turnMs: config.turnMs,
        maxRatePerSecond: config.maxRatePerSecond,
        rateBurst: config.rateBurst,
        start: this.#blueprint.startOf?.(task.taskId),
        positionMoved: (position) => this.#blueprint.events.positionMoved(task.taskId, position),
      });
      return spout;
    }
    const inbox = new Inbox(config.localQueueRowsMax);
    this.#inboxes.set(task.taskId, inbox);
    const input = {
      tupleClasses: this.#code.tupleClassesOf(task.component, () => this.#tupleClassesOf(task)),
      ...this.#signalsInto(task),
    };
    if (spec.kind === "output") {
      const output = new OutputTask({ ...parts, ...input });
      output.inbox = inbox;
      return output;
    }
    const bolt: BoltTask = new BoltTask({
      ...parts,
      ...input,
      create: () => instances.create(spec, bolt) as CreatedBolt,
      isBasic: spec.component!.style === "basic",
      anchorsMax: config.anchorsMax,
      concurrency: config.concurrency,
      tickMs: config.tickMs,
      turnMs: config.turnMs,
      inner: this.#innerOf(component),
    });
    bolt.inbox = inbox;
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

  /** Through `Tracking` each time: its slots are others after a loss. */
  #treeView(): TreeView | null {
    const tracking = this.#tracking;
    if (tracking === null) return null;
    return {
      attemptOf: (slot) => tracking.slots.attemptOf(slot),
      generationOf: (slot) => tracking.slots.generationOf(slot),
      hasFailed: (slot, generation) => tracking.slots.hasFailed(slot, generation),
    };
  }

  #buildInlets(): ThreadInlets[] {
    const { plan, thread, memory } = this.#blueprint;
    const inlets: ThreadInlets[] = [];
    for (let producer = 0; producer <= plan.workerCount; producer++) {
      const rings = plan.rings
        .filter((ring) => ring.producerThread === producer && ring.consumerThread === thread)
        .sort((a, b) => a.dirtyBit - b.dirtyBit);
      if (rings.length === 0) continue;
      const { word, wordCount } = this.#layout.dirtyPlace(producer, thread);
      const byBit = rings.map((ring) => this.#buildInlet(ring));
      inlets.push({ dirty: new DirtyBits(memory.control, word, wordCount), byBit });
    }
    return inlets;
  }

  #buildInlet(ring: RingPlan): RingInlet {
    const { plan, memory } = this.#blueprint;
    const readers = new Map<number, BatchReader>();
    for (const { edge, edgeIndex } of this.#edgesInto(plan.tasks[ring.consumerTask]!)) {
      if (edge.feedback !== ring.feedback) continue;
      readers.set(edgeIndex, new BatchReader(plan.streams[edge.streamIndex]!.fields, edge.columns, edge.keyColumns));
    }
    const consumer = new FrameRingConsumer(
      memory.control,
      this.#layout.ringWord(ring.ringIndex),
      memory.rings[ring.ringIndex]!,
    );
    const inlet = new RingInlet(consumer, readers, {
      bell: this.#doorbellOf(ring.producerThread),
      roomWanted: new RoomWanted(memory.control, this.#layout.roomWantedWord(ring.producerThread)),
    });
    this.#inboxes.get(ring.consumerTask)!.addRing(inlet, ring.feedback);
    return inlet;
  }

  #doorbellOf(thread: number): Doorbell {
    return new Doorbell(this.#blueprint.memory.control, this.#layout.doorbellWord(thread));
  }

  #senderTo(taskId: number, feedback: boolean): RingSender {
    const key = `${taskId}${feedback ? " feedback" : ""}`;
    let sender = this.#senders.get(key);
    if (sender !== undefined) return sender;
    const { plan, thread, memory } = this.#blueprint;
    const ring = plan.rings.find(
      (candidate) =>
        candidate.producerThread === thread && candidate.consumerTask === taskId && candidate.feedback === feedback,
    );
    invariant(ring !== undefined, `the plan has no ring from thread ${thread} to task ${taskId}`);
    const { word, wordCount } = this.#layout.dirtyPlace(thread, ring.consumerThread);
    sender = new RingSender(
      new FrameRingProducer(memory.control, this.#layout.ringWord(ring.ringIndex), memory.rings[ring.ringIndex]!),
      new DirtyBits(memory.control, word, wordCount),
      ring.dirtyBit,
      this.#doorbellOf(ring.consumerThread),
    );
    this.#senders.set(key, sender);
    return sender;
  }

  #buildRoutes(task: Task): void {
    const { plan, probe } = this.#blueprint;
    for (const stream of plan.streams) {
      if (stream.component !== task.plan.component) continue;
      const schema = this.#code.schemaOf(stream);
      const { columns } = schema;
      const edges = stream.edges.map((edgeIndex) => this.#buildRouteEdge(task, schema, edgeIndex));
      const check = (values: readonly unknown[]) => {
        if (checkRow(columns, values) !== null) throw rowError({ ...schema, values });
      };
      const route =
        probe === undefined
          ? new StreamRoute(stream, edges, check)
          : new ProbedRoute(probe, task.plan, stream, stream, edges, check);
      task.routes.set(stream.stream, route);
    }
  }

  #buildRouteEdge(task: Task, schema: RowSchema, edgeIndex: number): RouteEdge {
    const { plan, thread, config, epoch } = this.#blueprint;
    const edge = plan.edges[edgeIndex]!;
    const batchRows = this.#blueprint.probe?.batchRowsOf(schema.component) ?? null;
    const outlets = edge.targetTasks.map((targetTask) => {
      const outlet = new Outlet(task, this.#linkTo(targetTask, schema, edge), {
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

  #linkTo(targetTask: number, schema: RowSchema, edge: EdgePlan): Link {
    const { plan, thread, isolateLocal } = this.#blueprint;
    if (plan.tasks[targetTask]!.thread === thread) {
      const isSame =
        edge.columns.length === schema.columns.length && edge.columns.every((column, index) => column === index);
      const copy = isolateLocal ? (batch: TupleBatch) => copyBatch(batch, schema.columns, edge.columns) : null;
      const inbox = this.#inboxes.get(targetTask)!;
      return new LocalLink(edge.feedback ? inbox.feedbackQueue() : inbox.local, isSame ? null : edge.columns, copy);
    }
    const name = `${schema.component}:${schema.stream}`;
    return new RingLink(this.#senderTo(targetTask, edge.feedback), new BatchWriter(schema.columns), name, () =>
      this.#tracking?.flush(),
    );
  }
}
