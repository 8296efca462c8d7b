import type { Clock } from "../../base/clock.ts";
import { EngineError } from "../../base/engine-error.ts";
import type { Logger } from "../../base/log.ts";
import { nearestName } from "../../base/nearest-name.ts";
import { Throttle } from "../../base/throttle.ts";
import { toWireError } from "../../base/wire-error.ts";
import { installCollector } from "../../component/install-collector.ts";
import type { TaskContext } from "../../component/task-context.ts";
import type { WorkerContext } from "../../component/worker-hook.ts";
import type { OptionValues } from "../../config/option-values.ts";
import { TaskMetrics, type UserMetricDefinition } from "../../metrics/task-metrics.ts";
import type { ComponentSpec, TopologySpec } from "../../topology/topology-spec.ts";
import type { ClaimStore } from "../claims/claim-store.ts";
import { InstanceClaims } from "../claims/instance-claims.ts";
import type { BoltTask } from "../executor/bolt-task.ts";
import {
  BasicTaskCollector,
  type ErrorReporter,
  InstanceRoutes,
  RichTaskCollector,
  SpoutTaskCollector,
} from "../executor/collectors.ts";
import type {
  BoltHooks,
  CreatedBolt,
  CreatedSpout,
  InstanceFactory,
  SpoutHooks,
} from "../executor/create-instance.ts";
import { HostedTask } from "../executor/hosted-task.ts";
import { SpoutTask } from "../executor/spout-task.ts";
import type { Task } from "../executor/task.ts";
import type { PhysicalPlan } from "../plan/physical-plan.ts";
import { InstanceHooks } from "./instance-hooks.ts";
import type { LogLevels } from "./log-levels.ts";
import { tupleBytesMaxOf } from "./tuple-bytes-max.ts";
import type { NotedError } from "./worker-protocol.ts";

export interface TaskInstancesParts {
  readonly spec: Pick<TopologySpec, "taskHooks">;
  readonly config: OptionValues;
  readonly plan: PhysicalPlan;
  readonly configOf: (component: string) => OptionValues;
  readonly topologyName: string;
  readonly options: unknown;
  readonly worker: number;
  readonly logger: Logger;
  readonly logLevels: LogLevels;
  readonly clock: Clock;
  readonly offload: OffloadCall;
  readonly claims: ClaimStore;
  /** Tells main of a metric that a task has made. */
  readonly userMetric: (metric: UserMetricDefinition) => void;
  /** Tells main of errors that end nothing, as often as they are logged. */
  readonly errorNoted: (noted: NotedError) => void;
}

export type OffloadCall = (module: string, name: string, args: readonly unknown[]) => Promise<unknown>;

/** What belongs to one instance, and ends with it. */
interface InstanceParts {
  readonly hooks: InstanceHooks;
  readonly claims: InstanceClaims;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Makes users' instances with their collectors and contexts, for the tasks of one thread. */
export class TaskInstances implements InstanceFactory {
  readonly #parts: TaskInstancesParts;
  /** `context.shared`: one value per name and thread. */
  readonly #shared = new Map<string, unknown>();
  readonly #reporters = new Map<Task, ErrorReporter>();
  /** One for all instances of a task: its metrics go on. */
  readonly #metrics = new Map<Task, TaskMetrics>();
  #polling: NodeJS.Timeout | null = null;

  constructor(parts: TaskInstancesParts) {
    this.#parts = parts;
  }

  create(spec: ComponentSpec, task: Task): CreatedSpout | CreatedBolt {
    const instance = spec.component!.create();
    const { style } = spec.component!;
    const names = { component: task.plan.component, taskId: task.taskId };
    const hooks = new InstanceHooks(names, style, () => this.#parts.clock.nowMs());
    const logger = this.#loggerFor(task);
    const stop = new AbortController();
    task.onStop = () => stop.abort();
    const claims = new InstanceClaims({
      store: this.#parts.claims,
      task: { topology: this.#parts.topologyName, component: names.component, taskIndex: task.plan.taskIndex },
      signal: stop.signal,
      failed: (error) => logger.warn({ err: error }, "a claim could not be released: it comes free with its thread"),
    });
    const context = this.#contextFor(task, { hooks, claims, logger, signal: stop.signal });
    const report = this.#reporterFor(task, logger);
    for (const create of this.#parts.spec.taskHooks ?? []) {
      const hook = create(context);
      if (hook !== null) hooks.add(hook, context);
    }
    const routes = new InstanceRoutes(task);
    const { onStop } = task;
    const retirable = <C extends { retire(): void }>(collector: C) => ({
      context,
      collector,
      opened: () => hooks.installAround(instance, collector),
      ended: () => claims.end(),
      retire: () => {
        onStop();
        routes.retire(NOTHING);
        collector.retire();
        this.#metrics.get(task)?.retire();
      },
    });
    if (task instanceof SpoutTask) {
      const created = retirable(new SpoutTaskCollector(task, routes, report));
      installCollector(instance, created.collector);
      return { ...created, hooks: instance as SpoutHooks };
    }
    const bolt = task as BoltTask;
    if (style === "rich") {
      const created = retirable(new RichTaskCollector(bolt, routes, report));
      installCollector(instance, created.collector);
      return { ...created, hooks: instance as BoltHooks };
    }
    return {
      ...retirable(new BasicTaskCollector(bolt, routes, report, bolt.anchors)),
      hooks: instance as BoltHooks,
      collectorFor: (anchor) => {
        const collector = new BasicTaskCollector(bolt, routes, report, anchor);
        collector.isAnchored = true;
        hooks.aroundCollector(collector);
        return collector;
      },
    };
  }

  /** Tasks are closed: what their metrics say now is the last of it. */
  close(): void {
    if (this.#polling === null) return;
    clearInterval(this.#polling);
    this.#poll();
  }

  #metricsOf(task: Task): TaskMetrics {
    let metrics = this.#metrics.get(task);
    if (metrics === undefined) {
      metrics = new TaskMetrics(task.taskId, (metric) => {
        this.#polling ??= setInterval(() => this.#poll(), POLL_MS).unref();
        this.#parts.userMetric(metric);
      });
      this.#metrics.set(task, metrics);
    }
    return metrics;
  }

  #poll(): void {
    for (const metrics of this.#metrics.values()) metrics.poll();
  }

  /** What the worker's hooks are started with: the same shared values as its tasks have. */
  get workerContext(): WorkerContext {
    const { topologyName, options, worker, config, logger, clock } = this.#parts;
    return {
      topology: topologyName,
      worker,
      options,
      config: config as unknown as Readonly<Record<string, unknown>>,
      logger,
      nowMs: () => clock.nowMs(),
      shared: this.#share,
      offload: this.#callOffloaded,
    };
  }

  readonly #share = <T>(name: string, create: () => T): T => {
    if (!this.#shared.has(name)) this.#shared.set(name, create());
    return this.#shared.get(name) as T;
  };

  readonly #callOffloaded = async <Result>(
    module: string | URL,
    name: string,
    ...args: readonly unknown[]
  ): Promise<Result> => {
    checkModuleUrl(module);
    return (await this.#parts.offload(String(module), name, args)) as Result;
  };

  /** Tells what goes wrong in a task's instances, however many there are; gives what `reportError` calls. */
  #reporterFor(task: Task, logger: Logger): ErrorReporter {
    const known = this.#reporters.get(task);
    if (known !== undefined) return known;
    const throttle = () => new Throttle(ERRORS_TOLD, ERRORS_TOLD_MS, () => this.#parts.clock.nowMs());
    const failures = throttle();
    const reported = throttle();
    const { component, taskId } = task.plan;
    const note = (kind: NotedError["kind"], error: unknown) =>
      this.#parts.errorNoted({ component, taskId, kind, error: toWireError(error) });
    task.onLateEmit = () => logger.warn(LATE_EMIT);
    task.onTupleFailed = (error) => {
      if (!failures.isOpen()) return;
      logger.warn({ err: error }, "a tuple failed");
      note("tuple-failed", error);
    };
    if (task instanceof HostedTask) {
      task.onRestart = ({ hook, error, delayMs }) => {
        if (failures.isOpen()) logger.warn({ err: error, hook, delayMs }, "the task failed and is restarted");
      };
      task.onLastHookFailed = (error) => {
        if (failures.isOpen()) logger.warn({ err: error }, "the last hook of an instance that was given up failed");
      };
    }
    const report = (error: unknown) => {
      task.countReportedError();
      if (!reported.isOpen()) return;
      logger.error({ err: error }, "error reported by the component");
      note("reported", error);
    };
    this.#reporters.set(task, report);
    return report;
  }

  #loggerFor({ plan: { component, taskId } }: Task): Logger {
    return this.#parts.logLevels.loggerFor(component, taskId, this.#parts.logger);
  }

  #contextFor(task: Task, { hooks, claims, logger, signal }: InstanceParts): TaskContext {
    const { plan, topologyName, options, worker, clock, configOf } = this.#parts;
    const { taskId, taskIndex, component } = task.plan;
    const context: TaskContext = {
      topology: topologyName,
      component,
      taskId,
      taskIndex,
      taskCount: task.component.taskIds.length,
      worker,
      options,
      config: configOf(component) as unknown as Readonly<Record<string, unknown>>,
      tupleBytesMax: tupleBytesMaxOf(plan, taskId),
      logger,
      signal,
      nowMs: () => clock.nowMs(),
      tasksOf: (id) => plan.components.find((candidate) => candidate.id === id)?.taskIds ?? throwUnknown(id, plan),
      shared: this.#share,
      offload: this.#callOffloaded,
      metrics: this.#metricsOf(task),
      addTaskHook: (hook) => hooks.add(hook, context),
      claim: (name, options) => claims.claim(name, options),
    };
    return context;
  }
}

const LATE_EMIT =
  "emits after the end of the stream are dropped: clear timers and let go of sources in onFlush or onEnd";

/** Gauges with a function are asked this often. */
const POLL_MS = 1_000;
/** Of the errors of one task so many are logged in so many ms, as in Storm; each is counted. */
const ERRORS_TOLD = 5;
const ERRORS_TOLD_MS = 10_000;

function NOTHING(): void {}

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
