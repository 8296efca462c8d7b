import { EngineError } from "../base/engine-error.ts";
import { componentCodeOf, declarationOf } from "../component/component-code.ts";
import type { BoltClass, SpoutClass } from "../component/component-schema.ts";
import { checkFailurePolicy, type FailurePolicy } from "../component/failure-policy.ts";
import { DEFAULT_STREAM, isFields, type Outputs } from "../component/outputs.ts";
import type { TaskHookFactory } from "../component/task-hook.ts";
import type { WorkerHookFactory } from "../component/worker-hook.ts";
import type { ComponentConfig } from "../config/option-values.ts";
import type { Fields } from "../tuple/field-types.ts";
import type { Inputs } from "../tuple/tuple.ts";
import { type BoltDeclarer, DeclaredBolt } from "./bolt-declarer.ts";
import { badSetting, checkDeclaredId, checkParallelism, checkSettings, checkUnusedId } from "./check-declaration.ts";
import {
  DeclaredComponent,
  DeclaredFeeder,
  DeclaredOutput,
  DeclaredStream,
  type DraftComponent,
} from "./declared-component.ts";
import type { ComponentHandle, StreamHandle } from "./stream-handle.ts";
import type { FeederPort, OutputPort } from "./topology-ports.ts";
import type { ComponentSpec } from "./topology-spec.ts";

/** How a component runs, beside what its class declares. */
export interface ComponentSettings<T> {
  /** Number of tasks; 1 by default, "auto" is one per worker. */
  readonly parallelism?: number | "auto";
  /**
   * Makes one task's instance, for a class whose constructor takes arguments. Called on the worker that hosts the
   * task.
   */
  readonly create?: () => T;
  /** Engine options for this component; they override those of its class and of the topology. */
  readonly config?: ComponentConfig;
  /** What happens when a hook throws, instead of what its class says; see docs/FAILURES.md. */
  readonly onError?: FailurePolicy;
}

/** A class whose constructor cannot be called without arguments needs `create`. */
export type SettingsArgument<A extends readonly unknown[], T> = [] extends A
  ? [settings?: ComponentSettings<T>]
  : [settings: ComponentSettings<T> & { readonly create: () => T }];

const COMPONENT_SETTINGS = ["parallelism", "create", "config", "onError"] as const;

/**
 * Collects what a topology consists of. The builder function gets one in every thread and declares the same in each:
 * the engine compares.
 */
export class TopologyBuilder {
  readonly #drafts: DraftComponent[] = [];
  readonly #outputs: DeclaredOutput[] = [];
  readonly #feeders = new Map<unknown, string>();
  readonly #ownHandles = new WeakSet<object>();
  readonly #workerHooks: WorkerHookFactory[] = [];
  readonly #taskHooks: TaskHookFactory[] = [];

  /**
   * Declares a spout: code that brings tuples in. A class, not an instance: each worker makes its own.
   *
   * @param id unique in the topology; ids beginning with "__" are reserved
   * @throws EngineError TOPOLOGY_DUPLICATE_ID, TOPOLOGY_ILLEGAL_ID, TOPOLOGY_BAD_PARALLELISM, TOPOLOGY_BAD_SETTING,
   *   COMPONENT_NOT_A_COMPONENT, COMPONENT_MISSING_HOOK, FAILURE_BAD_POLICY
   * @example builder.setSpout("lines", TextFileSpout, { create: () => new TextFileSpout(options.files) });
   */
  setSpout<O extends Outputs, A extends readonly unknown[], T extends object>(
    id: string,
    spout: SpoutClass<O, A, T>,
    ...settings: SettingsArgument<A, T>
  ): ComponentHandle<O> {
    const draft = this.#declare(id, "spout", spout, settings[0]);
    return new DeclaredComponent(draft) as unknown as ComponentHandle<O>;
  }

  /**
   * Declares a bolt: code that receives tuples and may emit new ones. A class, not an instance: each worker makes
   * its own.
   *
   * @param id unique in the topology; ids beginning with "__" are reserved
   * @returns the declarer, on which the bolt subscribes to its sources
   * @throws EngineError TOPOLOGY_DUPLICATE_ID, TOPOLOGY_ILLEGAL_ID, TOPOLOGY_BAD_PARALLELISM, TOPOLOGY_BAD_SETTING,
   *   COMPONENT_NOT_A_COMPONENT, COMPONENT_MISSING_HOOK, FAILURE_BAD_POLICY
   * @example builder.setBolt("count", WordCount, { parallelism: 2 }).fieldsGrouping(words, ["word"]);
   */
  setBolt<I extends Inputs, O extends Outputs, A extends readonly unknown[], T extends object>(
    id: string,
    bolt: BoltClass<I, O, A, T>,
    ...settings: SettingsArgument<A, T>
  ): BoltDeclarer<I, O> {
    const draft = this.#declare(id, "bolt", bolt, settings[0]);
    return new DeclaredBolt(draft) as unknown as BoltDeclarer<I, O>;
  }

  /**
   * Declares a spout that the embedding program feeds. Return it from the builder function: it becomes
   * `run.feeders.<name>`.
   *
   * @throws EngineError TOPOLOGY_DUPLICATE_ID, TOPOLOGY_ILLEGAL_ID, TOPOLOGY_BAD_SETTING
   */
  setFeeder<F extends Fields>(id: string, fields: F): ComponentHandle<F> & FeederPort<F> {
    this.#checkNewId(id);
    if (!isFields(fields)) {
      throw badSetting(
        `the feeder "${id}" has no fields`,
        {},
        'declare them: setFeeder("orders", fields("sku:string"))',
      );
    }
    const draft: DraftComponent = {
      id,
      kind: "feeder",
      parallelism: 1,
      inputs: {},
      outputs: { [DEFAULT_STREAM]: { fields: fields.columns, direct: false } },
      subscriptions: [],
      config: {},
      component: null,
      fieldsOf: { [DEFAULT_STREAM]: fields },
      ownHandles: this.#ownHandles,
    };
    this.#drafts.push(draft);
    const feeder = new DeclaredFeeder(draft);
    this.#feeders.set(feeder, id);
    return feeder as unknown as ComponentHandle<F> & FeederPort<F>;
  }

  /**
   * Declares that the embedding program reads a stream. Return it from the builder function: it becomes
   * `run.outputs.<name>`.
   *
   * @throws EngineError TOPOLOGY_UNKNOWN_SOURCE
   */
  output<F>(from: StreamHandle<F, false>): OutputPort<F>;
  output(from: string): OutputPort<Fields>;
  output(from: unknown): OutputPort<unknown> {
    const isOwn = from instanceof DeclaredStream && this.#ownHandles.has(from);
    if (!isOwn && typeof from !== "string") {
      throw new EngineError("TOPOLOGY_UNKNOWN_SOURCE", {
        problem: "an output reads something that is neither the id of a component nor a handle of this topology",
        facts: { given: from === null ? "null" : typeof from },
        remedy: "give what setSpout, setBolt or setFeeder of this builder returned, or one of its .stream(name)",
      });
    }
    const port = isOwn
      ? new DeclaredOutput(from.componentId, from.streamId, from.fields)
      : new DeclaredOutput(from as string, DEFAULT_STREAM, undefined);
    this.#outputs.push(port);
    return port;
  }

  /**
   * Adds a hook to each worker: called there for each before its tasks are made, and after they are closed.
   *
   * @throws EngineError WORKER_HOOK_INVALID
   * @example builder.addWorkerHook(() => ({ start: (context) => void context.shared("pool", openPool) }));
   */
  addWorkerHook(create: WorkerHookFactory): void {
    if (typeof create !== "function") throw noFactory("WORKER_HOOK_INVALID", "addWorkerHook", create);
    this.#workerHooks.push(create);
  }

  /**
   * Adds a hook to each task of the topology, as `context.addTaskHook` does to one: Storm's topology.auto.task.hooks.
   *
   * @param create called for each instance of a task with its context; null leaves that one out
   * @throws EngineError TASK_HOOK_INVALID
   */
  addTaskHook(create: TaskHookFactory): void {
    if (typeof create !== "function") throw noFactory("TASK_HOOK_INVALID", "addTaskHook", create);
    this.#taskHooks.push(create);
  }

  /** What was declared, for the engine: components as plain data, and the ports in order of declaration. */
  declared(): {
    readonly components: readonly ComponentSpec[];
    readonly outputs: readonly DeclaredOutput[];
    /** Component id by the object that `setFeeder` returned. */
    readonly feeders: ReadonlyMap<unknown, string>;
    readonly workerHooks: readonly WorkerHookFactory[];
    readonly taskHooks: readonly TaskHookFactory[];
  } {
    const components = this.#drafts.map(({ fieldsOf: _fields, ownHandles: _handles, ...spec }) => spec);
    const hooks = { workerHooks: this.#workerHooks, taskHooks: this.#taskHooks };
    return { components, outputs: this.#outputs, feeders: this.#feeders, ...hooks };
  }

  #declare(id: string, kind: "spout" | "bolt", component: unknown, given: unknown): DraftComponent {
    this.#checkNewId(id);
    checkSettings(`${kind} "${id}"`, given, COMPONENT_SETTINGS);
    const { parallelism = 1, create, config, onError } = (given ?? {}) as ComponentSettings<object>;
    checkParallelism(id, parallelism);
    if (create !== undefined && typeof create !== "function") {
      throw badSetting(
        `the create setting of ${kind} "${id}" is no function`,
        {},
        "write create: () => new MyComponent(...)",
      );
    }
    const declaration = declarationOf(component);
    if ((declaration.style === "spout") !== (kind === "spout")) throw wrongKind(id, kind);
    const draft: DraftComponent = {
      id,
      kind,
      parallelism,
      inputs: declaration.inputs,
      outputs: declaration.outputs,
      subscriptions: [],
      config: { ...declaration.config, ...config },
      onError: checkFailurePolicy(onError ?? declaration.onError, {
        name: `${kind} "${id}"`,
        isSpout: kind === "spout",
        outputs: declaration.outputs,
      }),
      component: componentCodeOf(component, create),
      fieldsOf: fieldsByStream((component as { readonly output?: unknown }).output),
      ownHandles: this.#ownHandles,
    };
    this.#drafts.push(draft);
    return draft;
  }

  #checkNewId(id: string): void {
    checkDeclaredId("component", id);
    checkUnusedId(id, (other) => this.#drafts.some((draft) => draft.id === other));
  }
}

function fieldsByStream(output: unknown): Readonly<Record<string, unknown>> {
  const isOneStream = isFields(output) || (output as { kind?: unknown } | undefined)?.kind === "direct";
  const streams: Record<string, unknown> = isOneStream ? { [DEFAULT_STREAM]: output } : { ...(output ?? {}) };
  const bare = Object.entries(streams).map(([name, stream]) => [
    name,
    isFields(stream) ? stream : (stream as { readonly fields: unknown }).fields,
  ]);
  return Object.fromEntries(bare);
}

function noFactory(code: "WORKER_HOOK_INVALID" | "TASK_HOOK_INVALID", method: string, given: unknown): EngineError {
  return new EngineError(code, {
    problem: `${method} is given something that is no function`,
    facts: { given: given === null ? "null" : typeof given },
    remedy: `write builder.${method}(() => hook): each thread makes its own`,
  });
}

function wrongKind(id: string, kind: "spout" | "bolt"): EngineError {
  return new EngineError("COMPONENT_NOT_A_COMPONENT", {
    problem: `what is set as ${kind} "${id}" is a ${kind === "spout" ? "bolt" : "spout"}`,
    remedy: kind === "spout" ? `declare it with setBolt("${id}", ...)` : `declare it with setSpout("${id}", ...)`,
  });
}
