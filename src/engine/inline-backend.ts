import { treeClockOf, VirtualClock } from "../base/clock.ts";
import { invariant } from "../base/invariant.ts";
import { childWithThreshold, type Logger } from "../base/log.ts";
import { Prng } from "../base/prng.ts";
import { toWireError } from "../base/wire-error.ts";
import { allocateRunMemory, type RunMemory } from "../memory/run-memory.ts";
import { TreeSlots } from "../memory/tree-slots.ts";
import { ackerSettingsOf } from "./acker/acker-settings.ts";
import { InlineAcker } from "./acker/inline-acker.ts";
import type { ClaimStore } from "./claims/claim-store.ts";
import { FileClaims } from "./claims/file-claims.ts";
import { CycleJudge } from "./cycle-judge.ts";
import { UNKNOWN_THREAD } from "./epoch-change.ts";
import { buildExecutor, controlLayoutOf } from "./executor/build-executor.ts";
import { memorySizesOf } from "./executor/build-tracking.ts";
import type { Executor } from "./executor/executor.ts";
import { FeederTask } from "./executor/feeder-task.ts";
import { inspectTasks } from "./executor/inspect-tasks.ts";
import type { SpoutReport } from "./executor/position-marks.ts";
import type { RunProbe } from "./executor/run-probe.ts";
import type { Task } from "./executor/task.ts";
import { TaskLifecycle } from "./executor/task-lifecycle.ts";
import { INLINE_TIME, InlineDriver, type InlineTime } from "./inline-driver.ts";
import type { InspectedEvent, Inspection } from "./inspected.ts";
import { taskNames } from "./plan/task-names.ts";
import type { BackendCommand, BackendEvents, RunBackend } from "./run-backend.ts";
import { startTimeout } from "./start-timeout.ts";
import { CycleWatch } from "./worker/cycle-watch.ts";
import { LogLevels } from "./worker/log-levels.ts";
import type { PreparedRun } from "./worker/prepare-run.ts";
import { TaskInstances } from "./worker/task-instances.ts";
import { WorkerHooks } from "./worker/worker-hooks.ts";

export interface InlineBackendParts extends PreparedRun {
  readonly topologyName: string;
  readonly options: unknown;
  readonly logger: Logger;
  readonly offload: (module: string, name: string, args: readonly unknown[]) => Promise<unknown>;
  readonly events: BackendEvents;
  readonly time?: InlineTime | undefined;
  readonly probe?: RunProbe | undefined;
  /** Where its tasks' claims are kept; lock files unless it says otherwise. */
  readonly claims?: ClaimStore | undefined;
  /** Where spouts begin, of a run before this one. */
  readonly positions?: Map<number, SpoutReport>;
}

/**
 * Runs every thread's executor on the calling thread: the same executors, rings and codec, in an order drawn from a
 * seed, under virtual time. The same seed gives the same trace.
 */
export class InlineBackend implements RunBackend {
  readonly memory: RunMemory;
  readonly mainExecutor: Executor;
  readonly cores: readonly null[];
  readonly clock = new VirtualClock();
  readonly driver: InlineDriver;
  /** Where each spout's task is to begin when it is made again. */
  readonly positions: Map<number, SpoutReport>;
  readonly isTracked = false;
  readonly inquiries = null;
  readonly epoch = 1;
  readonly #parts: InlineBackendParts;
  readonly #executors: readonly Executor[];
  readonly #acker: InlineAcker;
  readonly #watches: readonly CycleWatch[];
  readonly #cycles: CycleJudge;
  readonly #lifecycle: TaskLifecycle;
  /** By worker. */
  readonly #hooks: WorkerHooks[] = [];
  readonly #instances: TaskInstances[] = [];
  readonly #logLevels: LogLevels;
  readonly #unopened: Set<number>;
  readonly #unclosed: Set<number>;
  #cancelStart: () => void = () => {};
  #patience: NodeJS.Timeout | null = null;

  constructor(parts: InlineBackendParts) {
    this.#parts = parts;
    this.positions = parts.positions ?? new Map();
    const { plan, config, configOf } = parts;
    this.#logLevels = new LogLevels((component) => (component === null ? config : configOf(component)).logLevel);
    this.cores = new Array<null>(plan.workerCount).fill(null);
    this.memory = allocateRunMemory(controlLayoutOf(plan), memorySizesOf(parts));
    this.#acker = new InlineAcker({
      ...ackerSettingsOf(config),
      slots: new TreeSlots(this.memory.trees),
      threadCount: plan.workerCount + 1,
      treeNowMs: treeClockOf(this.clock),
      post: (thread, message) => {
        if (message.type === "stalled") parts.events.stalled(message.holders);
        else this.#executors[thread]!.receive(message);
      },
    });
    this.#executors = Array.from({ length: plan.workerCount + 1 }, (_, thread) => this.#buildExecutor(thread));
    this.mainExecutor = this.#executors[plan.workerCount]!;
    const tasks = this.#tasks();
    this.driver = new InlineDriver({
      clock: this.clock,
      prng: new Prng(config.seed),
      agents: [...this.#executors, this.#acker],
      time: parts.time ?? INLINE_TIME,
      awaitsWorld: () => tasks.some((task) => task.awaitsPromise) && this.#waitForWorld(),
      isFed: () => tasks.some((task) => task instanceof FeederTask && !task.isQuiet()),
      // Executors publish by their own clock, which hardly moves meanwhile.
      stillBusy: () => {
        for (const task of tasks) task.publishCounters();
      },
      failed: (error) => parts.events.workerLost(UNKNOWN_THREAD, error),
    });
    const taskIds = tasks.map((task) => task.taskId);
    this.#unopened = new Set(taskIds);
    this.#unclosed = new Set(taskIds);
    this.#lifecycle = new TaskLifecycle(tasks, {
      opened: (task) => this.#unopened.delete(task.taskId),
      openFailed: (task, error) => parts.events.taskFailed(failureOf(task, task.currentHook, error)),
      closing: (task) => task.onStop(),
      closed: (task) => this.#unclosed.delete(task.taskId),
      closeFailed: (task, error) => parts.events.hookFailed(failureOf(task, task.currentHook, error)),
    });
    this.#watches = this.#executors.map((executor) => new CycleWatch(plan, executor));
    this.#cycles = new CycleJudge(plan, {
      ask: () => {
        for (let thread = 0; thread < plan.workerCount; thread++)
          this.#cycles.take(thread, this.#watches[thread]!.report());
      },
      tellQuiet: (cycle) => {
        for (const watch of this.#watches) watch.tellQuiet(cycle);
      },
      after: (delayMs, call) => this.driver.after(delayMs, call),
    });
  }

  /** Hooks that open things wait for the real world, so their time is limited by the real clock. */
  async open(): Promise<void> {
    const { startTimeoutMs } = this.#parts.config;
    const cancelled = new Promise<never>((_, reject) => {
      this.#cancelStart = () => reject(new Error("the run was ended while it was starting"));
    });
    const late = timerFor(startTimeoutMs);
    const opened = await Promise.race([this.#openAll(), cancelled, late.promise]).finally(late.clear);
    if (opened === "late")
      throw startTimeout(startTimeoutMs, { "tasks not open": taskNames(this.#parts.plan, this.#unopened) });
  }

  async #openAll(): Promise<void> {
    for (const hooks of this.#hooks) await hooks.start();
    await this.#lifecycle.open();
  }

  async #closeAll(): Promise<void> {
    await this.#lifecycle.close();
    for (const instances of this.#instances) instances.close();
    for (const hooks of this.#hooks) await hooks.shutdown((error) => this.#parts.events.workerHookFailed(error));
  }

  command(command: BackendCommand): void {
    for (const task of this.#tasks()) task[command]();
    this.driver.wake();
  }

  /** There is no thread here that could be lost alone. */
  replace(): void {
    invariant(false, "threads are replaced where there are some");
  }

  inspect(component: string, inspection: Inspection | null): void {
    const { plan, events } = this.#parts;
    const tell = (seen: readonly InspectedEvent[]) => events.inspected(seen);
    const parts = { plan, clock: this.clock, tell };
    for (const executor of this.#executors) inspectTasks(executor, component, inspection, parts);
  }

  kill(): void {
    invariant(false, "threads are killed where there are some");
  }

  watchCycles(): void {
    this.#cycles.start();
  }

  /** Hooks of user code whose promise is pending, in words: what holds time back. */
  pendingHooks(): string[] {
    const pending = this.#tasks().filter((task) => task.awaitsPromise);
    return pending.map((task) => `${task.currentHook} of ${task.plan.component}#${task.plan.taskIndex}`);
  }

  async stop(deadlineMs: number): Promise<number[]> {
    this.driver.stop();
    if (this.#patience !== null) clearTimeout(this.#patience);
    this.#cancelStart();
    this.#cycles.stop();
    const late = timerFor(deadlineMs);
    await Promise.race([this.#closeAll(), late.promise]).finally(late.clear);
    return [...this.#unclosed];
  }

  #buildExecutor(thread: number): Executor {
    const { topologyName, options, logger, offload, events, probe, claims, config } = this.#parts;
    const instances = new TaskInstances({
      ...this.#parts,
      userMetric: (metric) => events.userMetric(metric),
      errorNoted: (noted) => events.errorNoted(noted),
      topologyName,
      options,
      worker: thread,
      logger: childWithThreshold(logger, { worker: thread }, this.#logLevels.root),
      logLevels: this.#logLevels,
      offload,
      claims: claims ?? new FileClaims(config.claimsFolder),
      clock: this.clock,
    });
    this.#instances.push(instances);
    if (thread < this.#parts.plan.workerCount) {
      this.#hooks.push(new WorkerHooks(this.#parts.spec.workerHooks ?? [], instances.workerContext));
    }
    return buildExecutor({
      ...this.#parts,
      thread,
      memory: this.memory,
      clock: this.clock,
      epoch: 1,
      isolateLocal: true,
      instances: probe?.wrapInstances(instances) ?? instances,
      startOf: (taskId) => this.positions.get(taskId),
      events: {
        wake: () => this.driver.wake(),
        taskFailed: (task, hook, error) => events.taskFailed(failureOf(task, hook, error)),
        taskDone: (task) => events.taskDone(task.taskId),
        taskRestarted: (task, { hook, error, attempt }) =>
          events.taskRestarted({ ...failureOf(task, hook, error), attempt }),
        positionMoved: (taskId, position) => this.positions.set(taskId, position),
        toAcker: (message) => this.#acker.receive(thread, message),
        startAcker: () => this.#acker.start(),
      },
    });
  }

  /** Virtual time stands still meanwhile: a promise that never settles is reported by the real clock. */
  #waitForWorld(): true {
    const { config, events } = this.#parts;
    const { steps } = this.driver;
    this.#patience ??= setTimeout(() => {
      this.#patience = null;
      const holders = this.#executors.flatMap((executor) => executor.holders());
      if (holders.length > 0 && steps === this.driver.steps) events.stalled(holders);
    }, config.stallReportMs).unref();
    return true;
  }

  #tasks(): Task[] {
    return this.#executors.flatMap((executor) => [...executor.tasks]);
  }
}

/** Settles with "late" after so many milliseconds, unless it is cleared. */
function timerFor(ms: number): { readonly promise: Promise<"late">; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const promise = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, ms, "late");
  });
  return { promise, clear: () => clearTimeout(timer) };
}

function failureOf(task: Task, hook: string, error: unknown) {
  return { component: task.plan.component, taskId: task.taskId, hook, error: toWireError(error) };
}
