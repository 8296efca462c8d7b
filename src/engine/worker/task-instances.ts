import type { Clock } from "../../base/clock.ts";
import { EngineError } from "../../base/engine-error.ts";
import type { Logger } from "../../base/log.ts";
import { nearestName } from "../../base/nearest-name.ts";
import { Throttle } from "../../base/throttle.ts";
import { installCollector } from "../../component/install-collector.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { OptionValues } from "../../config/option-values.ts";
import type { ComponentSpec } from "../../topology/topology-spec.ts";
import type { BoltTask } from "../executor/bolt-task.ts";
import { BasicTaskCollector, RichTaskCollector, SpoutTaskCollector } from "../executor/collectors.ts";
import type {
  BoltHooks,
  CreatedBolt,
  CreatedSpout,
  InstanceFactory,
  SpoutHooks,
} from "../executor/create-instance.ts";
import { SpoutTask } from "../executor/spout-task.ts";
import type { Task } from "../executor/task.ts";
import type { PhysicalPlan } from "../plan/physical-plan.ts";

export interface TaskInstancesParts {
  readonly plan: PhysicalPlan;
  readonly configOf: (component: string) => OptionValues;
  readonly topologyName: string;
  readonly options: unknown;
  readonly worker: number;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly offload: OffloadCall;
}

export type OffloadCall = (module: string, name: string, args: readonly unknown[]) => Promise<unknown>;

/** Makes users' instances with their collectors and contexts, for the tasks of one thread. */
export class TaskInstances implements InstanceFactory {
  readonly #parts: TaskInstancesParts;
  /** `context.shared`: one value per name and thread. */
  readonly #shared = new Map<string, unknown>();

  constructor(parts: TaskInstancesParts) {
    this.#parts = parts;
  }

  create(spec: ComponentSpec, task: Task): CreatedSpout | CreatedBolt {
    const instance = spec.component!.create();
    const context = this.#contextFor(task);
    const report = (error: unknown) => {
      task.countReportedError();
      context.logger.error({ err: error }, "error reported by the component");
    };
    task.onLateEmit = () => context.logger.warn(LATE_EMIT);
    if (task instanceof SpoutTask) {
      const collector = new SpoutTaskCollector(task, report);
      installCollector(instance, collector);
      return { hooks: instance as SpoutHooks, context, collector };
    }
    const bolt = task as BoltTask;
    const throttle = new Throttle(FAILURES_TOLD, FAILURES_TOLD_MS, () => this.#parts.clock.nowMs());
    bolt.onTupleFailed = (error) => {
      if (throttle.isOpen()) context.logger.warn({ err: error }, "a tuple failed");
    };
    if (spec.component!.style === "rich") {
      const collector = new RichTaskCollector(bolt, report);
      installCollector(instance, collector);
      return { hooks: instance as BoltHooks, context, collector };
    }
    return {
      hooks: instance as BoltHooks,
      context,
      collector: new BasicTaskCollector(bolt, report, bolt),
      collectorFor: (anchor) => {
        const collector = new BasicTaskCollector(bolt, report, anchor);
        collector.isAnchored = true;
        return collector;
      },
    };
  }

  #contextFor(task: Task): TaskContext {
    const { plan, topologyName, options, worker, logger, clock, offload, configOf } = this.#parts;
    const { taskId, taskIndex, component } = task.plan;
    const stop = new AbortController();
    task.onStop = () => stop.abort();
    return {
      topology: topologyName,
      component,
      taskId,
      taskIndex,
      taskCount: task.component.taskIds.length,
      worker,
      options,
      config: configOf(component) as unknown as Readonly<Record<string, unknown>>,
      logger: logger.child({ component, task: taskId }),
      signal: stop.signal,
      nowMs: () => clock.nowMs(),
      tasksOf: (id) => plan.components.find((candidate) => candidate.id === id)?.taskIds ?? throwUnknown(id, plan),
      shared: <T>(name: string, create: () => T): T => {
        if (!this.#shared.has(name)) this.#shared.set(name, create());
        return this.#shared.get(name) as T;
      },
      offload: async <Result>(module: string | URL, name: string, ...args: readonly unknown[]) => {
        checkModuleUrl(module);
        return (await offload(String(module), name, args)) as Result;
      },
    };
  }
}

const LATE_EMIT =
  "emits after the end of the stream are dropped: clear timers and let go of sources in onFlush or onEnd";

/** Of the failures of one task so many are logged in so many ms; the spout hears of each. */
const FAILURES_TOLD = 5;
const FAILURES_TOLD_MS = 10_000;

function checkModuleUrl(module: string | URL): void {
  if (URL.canParse(String(module))) return;
  throw new EngineError("OFFLOAD_BAD_MODULE_URL", {
    problem: "an offloaded call does not name its module by a url",
    facts: { given: String(module) },
    remedy: 'write new URL("./heavy.js", import.meta.url), or import.meta.resolve(name) for a package',
  });
}

function throwUnknown(id: string, plan: PhysicalPlan): never {
  const declared = plan.components.map((component) => component.id);
  const near = nearestName(id, declared);
  throw new EngineError("CONTEXT_UNKNOWN_COMPONENT", {
    problem: `the topology has no component "${id}"`,
    facts: { declared },
    remedy: near === null ? "name a declared component" : `ask for "${near}"`,
  });
}
