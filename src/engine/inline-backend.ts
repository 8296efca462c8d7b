import { treeClockOf, VirtualClock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { Prng } from "../base/prng.ts";
import { toWireError } from "../base/wire-error.ts";
import { allocateRunMemory, type RunMemory } from "../memory/run-memory.ts";
import { TreeSlots } from "../memory/tree-slots.ts";
import { InlineAcker } from "./acker/inline-acker.ts";
import { CycleJudge } from "./cycle-judge.ts";
import { buildExecutor, controlLayoutOf } from "./executor/build-executor.ts";
import { memorySizesOf } from "./executor/build-tracking.ts";
import type { Executor } from "./executor/executor.ts";
import type { Task } from "./executor/task.ts";
import { TaskLifecycle } from "./executor/task-lifecycle.ts";
import { taskNames } from "./plan/task-names.ts";
import type { BackendCommand, BackendEvents, RunBackend } from "./run-backend.ts";
import { startTimeout } from "./start-timeout.ts";
import { CycleWatch } from "./worker/cycle-watch.ts";
import type { PreparedRun } from "./worker/prepare-run.ts";
import { TaskInstances } from "./worker/task-instances.ts";

export interface InlineBackendParts extends PreparedRun {
  readonly topologyName: string;
  readonly options: unknown;
  readonly logger: Logger;
  readonly offload: (module: string, name: string, args: readonly unknown[]) => Promise<unknown>;
  readonly events: BackendEvents;
}

/** Rounds between two turns of the event loop: few enough that promises of user code are not kept waiting long. */
const ROUNDS_PER_TURN = 64;

/**
 * Runs every thread's executor on the calling thread: the same executors, rings and codec, in an order drawn from a
 * seed, under virtual time. The same seed gives the same trace.
 *
 * Time moves only when no executor has anything to do, and then straight to the next deadline. While a promise of
 * user code is pending it stands still, since the world outside decides when that settles.
 */
export class InlineBackend implements RunBackend {
  readonly memory: RunMemory;
  readonly mainExecutor: Executor;
  readonly cores: readonly null[];
  readonly clock = new VirtualClock();
  readonly #parts: InlineBackendParts;
  readonly #executors: readonly Executor[];
  readonly #prng: Prng;
  readonly #acker: InlineAcker;
  readonly #watches: readonly CycleWatch[];
  readonly #cycles: CycleJudge;
  /** The engine's own timer, on the virtual clock: a real one would make the trace depend on the machine. */
  #timer: { dueMs: number; call: () => void } | null = null;
  readonly #lifecycle: TaskLifecycle;
  readonly #unopened: Set<number>;
  readonly #unclosed: Set<number>;
  #cancelStart: () => void = () => {};
  #scheduled = false;
  #stopped = false;

  constructor(parts: InlineBackendParts) {
    this.#parts = parts;
    const { plan, config } = parts;
    this.#prng = new Prng(config.seed);
    this.cores = new Array<null>(plan.workerCount).fill(null);
    this.memory = allocateRunMemory(controlLayoutOf(plan), memorySizesOf(parts));
    this.#acker = new InlineAcker({
      messageTimeoutMs: config.messageTimeoutMs,
      messageLifetimeMs: config.messageLifetimeMs,
      timeoutFrom: config.timeoutFrom,
      slots: new TreeSlots(this.memory.trees),
      threadCount: plan.workerCount + 1,
      treeNowMs: treeClockOf(this.clock),
      post: (thread, message) => this.#executors[thread]!.receive(message),
    });
    this.#executors = Array.from({ length: plan.workerCount + 1 }, (_, thread) => this.#buildExecutor(thread));
    this.mainExecutor = this.#executors[plan.workerCount]!;
    const taskIds = this.#tasks().map((task) => task.taskId);
    this.#unopened = new Set(taskIds);
    this.#unclosed = new Set(taskIds);
    this.#lifecycle = new TaskLifecycle(this.#tasks(), {
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
      after: (delayMs, call) => this.#callAfter(delayMs, call),
    });
  }

  /** Hooks that open things wait for the real world, so their time is limited by the real clock. */
  async open(): Promise<void> {
    const { startTimeoutMs } = this.#parts.config;
    const cancelled = new Promise<never>((_, reject) => {
      this.#cancelStart = () => reject(new Error("the run was ended while it was starting"));
    });
    const late = timerFor(startTimeoutMs);
    const opened = await Promise.race([this.#lifecycle.open(), cancelled, late.promise]).finally(late.clear);
    if (opened === "late")
      throw startTimeout(startTimeoutMs, { "tasks not open": taskNames(this.#parts.plan, this.#unopened) });
  }

  command(command: BackendCommand): void {
    for (const task of this.#tasks()) task[command]();
    this.#schedule();
  }

  watchCycles(): void {
    this.#cycles.start();
  }

  async stop(deadlineMs: number): Promise<number[]> {
    this.#stopped = true;
    this.#cancelStart();
    this.#cycles.stop();
    const late = timerFor(deadlineMs);
    await Promise.race([this.#lifecycle.close(), late.promise]).finally(late.clear);
    return [...this.#unclosed];
  }

  #buildExecutor(thread: number): Executor {
    const { topologyName, options, logger, offload, events } = this.#parts;
    const instances = new TaskInstances({
      ...this.#parts,
      topologyName,
      options,
      worker: thread,
      logger: logger.child({ worker: thread }),
      offload,
      clock: this.clock,
    });
    const executor = buildExecutor({
      ...this.#parts,
      thread,
      memory: this.memory,
      clock: this.clock,
      epoch: 1,
      isolateLocal: true,
      instances,
      events: {
        wake: () => this.#schedule(),
        taskFailed: (task, hook, error) => events.taskFailed(failureOf(task, hook, error)),
        taskDone: (task) => events.taskDone(task.taskId),
        toAcker: (message) => this.#acker.receive(thread, message),
        startAcker: () => this.#acker.start(),
      },
    });
    return executor;
  }

  #tasks(): Task[] {
    return this.#executors.flatMap((executor) => [...executor.tasks]);
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    setImmediate(() => this.#runTurn());
  }

  #runTurn(): void {
    this.#scheduled = false;
    try {
      for (let round = 0; round < ROUNDS_PER_TURN; round++) {
        if (this.#stopped) return;
        if (this.#runRound() > 0) continue;
        if (!this.#advanceTime()) return;
      }
      // Work without an end keeps virtual time still, and with it the executors' own times for this.
      for (const task of this.#tasks()) task.publishCounters();
      this.#schedule();
    } catch (error) {
      this.#parts.events.workerLost(0, error);
    }
  }

  /** Every executor once, in an order that the seed decides. */
  #runRound(): number {
    const order = [...this.#executors];
    let work = this.#acker.doWork();
    while (order.length > 0) {
      const next = this.#prng.below(order.length);
      work += order[next]!.doWork();
      order.splice(next, 1);
    }
    return work;
  }

  /** Moves to the next deadline. False when there is none, or the world outside has to move first. */
  #advanceTime(): boolean {
    const tasks = this.#tasks();
    if (tasks.some((task) => task.awaitsPromise)) return false;
    const timerMs = this.#timer?.dueMs ?? Number.POSITIVE_INFINITY;
    const next = Math.min(
      timerMs,
      this.#acker.nextDeadlineMs,
      ...this.#executors.map((executor) => executor.nextDeadlineMs()),
    );
    if (next === Number.POSITIVE_INFINITY) return false;
    this.clock.advanceTo(next);
    if (timerMs <= next) {
      const { call } = this.#timer!;
      this.#timer = null;
      call();
    }
    return true;
  }

  #callAfter(delayMs: number, call: () => void): () => void {
    this.#timer = { dueMs: this.clock.nowMs() + delayMs, call };
    this.#schedule();
    return () => {
      this.#timer = null;
    };
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
