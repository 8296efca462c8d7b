import { type Clock, TIMER_MS_MAX } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { fromWireError } from "../base/wire-error.ts";
import type { OptionValues } from "../config/option-values.ts";
import type { ConfigLayers } from "../config/resolve-config.ts";
import type { RunMemory } from "../memory/run-memory.ts";
import type { HistogramName } from "../metrics/metric-layout.ts";
import type { MetricsConsumer } from "../metrics/metrics-consumer.ts";
import type { MetricsSnapshot, SnapshotOptions } from "../metrics/metrics-snapshot.ts";
import type { ConsumerOptions, HistogramBucket, RunMetrics } from "../metrics/run-metrics.ts";
import type { TopologySpec } from "../topology/topology-spec.ts";
import { badDeadline } from "./bad-deadline.ts";
import { ACKER_THREAD, type Replacement } from "./epoch-change.ts";
import { FeederTask } from "./executor/feeder-task.ts";
import { OutputTask } from "./executor/output-task.ts";
import { type KillKind, killThread, runMemory } from "./kill-thread.ts";
import { LossPolicy, nameOf } from "./loss-policy.ts";
import type { PhysicalPlan } from "./plan/physical-plan.ts";
import type { LogLevels, WorkerProfiler } from "./run.ts";
import type { BackendEvents, RunBackend } from "./run-backend.ts";
import type { RunInspector } from "./run-inspector.ts";
import { RunListeners } from "./run-listeners.ts";
import { makeRunInspector, makeRunMetrics, makeRunTools, queueFillsOf, totalsOfRun } from "./run-numbers.ts";
import { portsOf } from "./run-ports.ts";
import type { RunTools, WorkerUse } from "./run-tools.ts";
import type { RunEvents, RunOutcome, RunState, RunSummary, RunTotals } from "./run-types.ts";
import { StallReports } from "./stall-reports.ts";
import { stopTimeout } from "./stop-timeout.ts";
import { taskError } from "./task-error.ts";

export interface TopologyRunParts {
  readonly name: string;
  readonly spec: TopologySpec;
  readonly plan: PhysicalPlan;
  /** Where its options come from. */
  readonly layers: ConfigLayers;
  readonly config: OptionValues;
  readonly configOf: (component: string) => OptionValues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly makeBackend: (events: BackendEvents) => RunBackend;
}

const KEEP_ALIVE_MS = 1 << 30;

/** One running topology, as the embedding program holds it. */
export class TopologyRun {
  readonly name: string;
  readonly plan: PhysicalPlan;
  /** By port name: the topology's outputs as async iterators. */
  readonly outputs: Readonly<Record<string, OutputTask>>;
  /** By port name: the topology's feeders. */
  readonly feeders: Readonly<Record<string, FeederTask>>;

  readonly #parts: TopologyRunParts;
  readonly #backend: RunBackend;
  readonly #listeners: RunListeners;
  readonly #doneTasks = new Set<number>();
  readonly #taskCount: number;
  readonly #losses: LossPolicy;
  readonly #metrics: RunMetrics;
  readonly layers: ConfigLayers;
  readonly inspector: RunInspector;
  /** What can be done to the workers while they run; null where there are none. */
  readonly tools: RunTools | null;
  /** Rows that were under way when threads were lost. */
  #lostRows = 0;
  #state: RunState = "starting";
  #startedMs = 0;
  #ending: Promise<void> | null = null;
  #hookFailure: Error | null = null;
  readonly #stalls: StallReports;
  /** Keeps the process alive while the run ends: a pool that is being destroyed does not. */
  readonly #keepAlive: NodeJS.Timeout;
  readonly #completed: Promise<RunSummary>;
  #resolve: (summary: RunSummary) => void = () => {};
  #reject: (error: Error) => void = () => {};

  constructor(parts: TopologyRunParts) {
    this.#parts = parts;
    this.#listeners = new RunListeners(parts.logger);
    this.name = parts.name;
    this.plan = parts.plan;
    this.layers = parts.layers;
    this.#losses = new LossPolicy(parts.name, parts.plan, parts.config, () => parts.clock.nowMs());
    this.#taskCount = parts.plan.tasks.filter((task) => task !== null).length;
    this.#completed = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // A program that never asks for the end still hears of a failure by its event and the log.
    this.#completed.catch(() => {});
    this.#stalls = new StallReports({ ...parts, stalled: (stall) => this.#listeners.tell("stalled", stall) });
    this.#backend = parts.makeBackend({
      taskDone: (taskId) => this.#taskDone(taskId),
      taskFailed: (failure) => this.#fail(taskError(failure)),
      taskRestarted: ({ component, taskId, hook, attempt, error }) =>
        this.#listeners.tell("taskRestarted", {
          component,
          task: taskId,
          attempt,
          hook,
          error: fromWireError(error),
        }),
      errorNoted: ({ component, taskId, kind, error }) =>
        this.#listeners.tell("errorNoted", { component, task: taskId, kind, error: fromWireError(error) }),
      stalled: (holders) => this.#stalls.tell(holders),
      hookFailed: (failure) => this.#hookFailed(taskError(failure)),
      workerHookFailed: (error) => this.#hookFailed(error),
      workerLost: (thread, error) => this.#workerLost(thread, error),
      replaced: (threads, tookMs) => this.#replaced(threads, tookMs),
      inspected: (events) => this.inspector.take(events),
      userMetric: (metric) => this.#metrics.define(parts.plan.tasks[metric.taskId]!.component, metric),
    });
    this.#metrics = makeRunMetrics(parts, this.#backend);
    this.inspector = makeRunInspector(parts, this.#backend);
    this.tools = makeRunTools(parts, this.#backend, this.inspector);
    const { tasks } = this.#backend.mainExecutor;
    this.outputs = portsOf(tasks, parts.spec.outputPorts, OutputTask);
    this.feeders = portsOf(tasks, parts.spec.feederPorts, FeederTask);
    this.#keepAlive = setInterval(() => {}, KEEP_ALIVE_MS); // Last: nobody would end a run that could not be made.
  }

  /** Begins at 1; one more with each loss of a thread. */
  get epoch(): number {
    return this.#backend.epoch;
  }

  get profiler(): WorkerProfiler | null {
    return this.tools?.profiler ?? null;
  }

  get logLevels(): LogLevels | null {
    return this.tools?.logLevels ?? null;
  }

  get state(): RunState {
    return this.#state;
  }

  /** The core of each worker; null where it runs unpinned. */
  get cores(): readonly (number | null)[] {
    return this.#backend.cores;
  }

  /**
   * Opens every task and starts the spouts. Rejects, with everything closed again, when a task cannot be opened;
   * false when the run was ended meanwhile.
   */
  async start(): Promise<boolean> {
    try {
      await this.#backend.open();
      this.inspector.tellThreads();
    } catch (error) {
      this.#fail(asError(error));
    }
    if (this.#ending !== null) {
      await this.#ending;
      await this.#completed;
      return false;
    }
    this.#startedMs = this.#parts.clock.nowMs();
    this.#setState("active");
    this.#backend.command("activate");
    this.#stalls.watchOutputs(this.outputs);
    return true;
  }

  /** Resolves when the run has ended, with what it did; rejects with the failure that ended it. */
  completed(): Promise<RunSummary> {
    return this.#completed;
  }

  /** Lets spouts emit again. */
  activate(): void {
    if (this.#state !== "inactive") return;
    this.#setState("active");
    this.#backend.command("activate");
  }

  /** Stops calling spouts; what was emitted is processed. */
  deactivate(): void {
    if (this.#state !== "active") return;
    this.#setState("inactive");
    this.#backend.command("deactivate");
  }

  /**
   * Ends the run in order: spouts stop, what was emitted is processed up to the deadline, tasks are closed.
   *
   * @param options.deadlineMs default: the option drainTimeoutMs
   * @returns the summary, with what was left when the deadline passed
   */
  drain(options: { readonly deadlineMs?: number } = {}): Promise<RunSummary> {
    const deadlineMs = options.deadlineMs ?? this.#parts.config.drainTimeoutMs;
    if (!(typeof deadlineMs === "number" && deadlineMs >= 0)) return Promise.reject(badDeadline(deadlineMs));
    if (this.#state === "starting") void this.#end("killed");
    if (this.#state === "active" || this.#state === "inactive") {
      this.#setState("draining");
      this.#backend.command("drain");
    }
    // Asked for again, the earliest deadline holds; one that no timer takes is none.
    if (this.#state === "draining" && deadlineMs <= TIMER_MS_MAX) {
      const timer = setTimeout(() => void this.#end("drained"), deadlineMs);
      const clear = () => clearTimeout(timer);
      this.#completed.then(clear, clear);
    }
    return this.#completed;
  }

  /** Ends the run at once: what was emitted and not yet processed is dropped. */
  kill(): Promise<RunSummary> {
    void this.#end("killed");
    return this.#completed;
  }

  /** What the run has done so far, from the tasks' own counters. */
  totals(): RunTotals {
    return totalsOfRun(this.plan, this.#metrics.layout, this.#backend);
  }

  /** Everything that is counted and timed, over windows of several lengths: see docs/METRICS.md. */
  metrics(options: SnapshotOptions = {}): MetricsSnapshot {
    this.#metrics.read();
    return this.#metrics.snapshot(options);
  }

  /**
   * Tells a consumer the run's numbers at the end of each interval, and once more at the end of the run.
   *
   * @throws EngineError CONSUMER_BAD_SETTING, and what the consumer says of its own settings
   */
  registerMetricsConsumer(consumer: MetricsConsumer, options: ConsumerOptions): void {
    this.#metrics.register(consumer, options);
  }

  /** What was recorded in a component's histogram since the start; null where it has none of that name. */
  bucketsOf(component: string, histogram: HistogramName): readonly HistogramBucket[] | null {
    return this.#metrics.bucketsOf(component, histogram);
  }

  /** By component, the fullest ring into one of its tasks, as a share of 1. */
  queueFills(): Readonly<Record<string, number>> {
    return queueFillsOf(this.plan, this.#backend.memory);
  }

  /** By worker, as far as it is known by now: the first look knows nothing. */
  workerStats(): readonly (WorkerUse | null)[] {
    const use = this.tools?.workerUse.look();
    return this.cores.map((_, worker) => use?.get(worker) ?? null);
  }

  on<E extends keyof RunEvents>(event: E, listener: (data: RunEvents[E]) => void): this {
    this.#listeners.on(event, listener);
    return this;
  }

  off<E extends keyof RunEvents>(event: E, listener: (data: RunEvents[E]) => void): this {
    this.#listeners.off(event, listener);
    return this;
  }

  /** Kills one of the run's threads: see kill-thread.ts. */
  [killThread](thread: number, how: KillKind): void {
    this.#backend.kill(thread, how);
  }

  /** See kill-thread.ts. */
  get [runMemory](): RunMemory {
    return this.#backend.memory;
  }

  /** As drain, then kill: for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain().catch(() => {});
  }

  #taskDone(taskId: number): void {
    this.#doneTasks.add(taskId);
    if (this.#doneTasks.size === this.#taskCount)
      void this.#end(this.#state === "draining" ? "drained" : "completed");
    else this.#backend.watchCycles();
  }

  #hookFailed(error: Error): void {
    if (this.#hookFailure === null) this.#hookFailure = error;
    else this.#parts.logger.error({ err: error }, "a hook failed while the topology was being closed");
  }

  #workerLost(thread: number, cause: unknown): void {
    if (this.#ending !== null) return;
    const isStart = this.#state === "starting";
    const error = this.#losses.decide({ thread, cause, isStart, isTracked: this.#backend.isTracked });
    if (error !== null) {
      this.#fail(error);
      return;
    }
    const facts = { err: cause, tasks: this.#losses.tasksOf(thread), epoch: this.#backend.epoch + 1 };
    this.#parts.logger.warn(facts, `${nameOf(thread)} was lost: ${WHAT_FOLLOWS}`);
    try {
      this.#backend.replace({ thread, cause });
      // In the same step: what tasks count from now on stands in the new memory.
      this.#metrics.beginEpoch(this.#backend.epoch, this.#backend.memory.metrics);
    } catch (failure) {
      this.#fail(asError(failure));
    }
  }

  #replaced(threads: readonly Replacement[], tookMs: number): void {
    // Nothing is under way now: what was sent and not executed is what went down with the thread.
    this.#lostRows = underWay(this.totals());
    const recoveryMs = Math.round(tookMs);
    this.inspector.beginEpoch();
    for (const { thread, cause } of threads) {
      const { epoch } = this.#backend;
      this.#parts.logger.info({ recoveryMs, epoch }, `${nameOf(thread)} is replaced, and the topology goes on`);
      const worker = thread === ACKER_THREAD ? null : thread;
      if (worker !== null) this.tools?.replaced(worker);
      const tasks = this.#losses.tasksOf(thread);
      this.#listeners.tell("workerReplaced", { worker, error: asError(cause), tasks, recoveryMs, epoch });
    }
  }

  #fail(error: Error): void {
    if (this.#ending !== null) return;
    for (const output of Object.values(this.outputs)) output.failReaders(error);
    void this.#end(error);
  }

  /** Closes everything, once, whatever the reason; the promise resolves when all of it is closed. */
  #end(how: RunOutcome | Error): Promise<void> {
    this.#ending ??= this.#close(how);
    return this.#ending;
  }

  async #close(how: RunOutcome | Error): Promise<void> {
    const elapsedMs = this.#startedMs === 0 ? 0 : this.#parts.clock.nowMs() - this.#startedMs;
    this.#setState("stopping");
    this.#stalls.stop();
    const late = await this.#backend.stop(this.#parts.config.stopTimeoutMs).catch((error: unknown) => {
      this.#parts.logger.error({ err: error }, "the workers could not be stopped in order");
      return [];
    });
    await this.#metrics.end();
    clearInterval(this.#keepAlive);
    const closeFailure = this.#hookFailure ?? (late.length > 0 ? stopTimeout(this.#parts, late) : null);
    const failure = how instanceof Error ? how : how === "killed" ? null : closeFailure;
    // Who kills a run does not wait for its cleanup, and a run that failed has one error; but both are told.
    if (closeFailure !== null && closeFailure !== failure) {
      this.#parts.logger.warn({ err: closeFailure }, `topology "${this.name}" was not closed in order`);
    }
    if (failure !== null) {
      this.#setState("failed");
      this.#parts.logger.error({ err: failure }, `topology "${this.name}" failed`);
      this.#listeners.tell("failed", { error: failure });
      this.#reject(failure);
      return;
    }
    const outcome = how as RunOutcome;
    this.#setState(outcome);
    this.#resolve(this.#summarize(outcome, elapsedMs));
  }

  #summarize(outcome: RunOutcome, elapsedMs: number): RunSummary {
    const totals = this.totals();
    return {
      topology: this.name,
      outcome,
      elapsedMs,
      workers: this.plan.workerCount,
      cores: this.#backend.cores,
      totals,
      left: outcome === "completed" ? 0 : Math.max(0, underWay(totals) + totals.executing - this.#lostRows),
    };
  }

  #setState(state: RunState): void {
    this.#state = state;
    this.#listeners.tell("stateChanged", { state });
  }
}

const WHAT_FOLLOWS =
  "its tasks are made anew on another thread; what was pending fails as worker-lost, for the spouts to emit it again";

/** Tuples that were sent, and neither executed nor given up before that. */
function underWay({ transferred, executed, expired }: RunTotals): number {
  return transferred - executed - expired;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
