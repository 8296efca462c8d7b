import { url as inspectorUrl } from "node:inspector";
import { type Clock, realClock } from "../base/clock.ts";
import type { EngineError } from "../base/engine-error.ts";
import { invariant } from "../base/invariant.ts";
import { fromWireError, toWireError } from "../base/wire-error.ts";
import type { ControlLayout } from "../memory/control-layout.ts";
import { copyMetricWords } from "../memory/hot-counters.ts";
import { allocateRunMemory, type RunMemory } from "../memory/run-memory.ts";
import { TreeSlots } from "../memory/tree-slots.ts";
import { RunAcker } from "./acker/run-acker.ts";
import { CycleJudge } from "./cycle-judge.ts";
import { ACKER_THREAD, EpochChange, type Replacement } from "./epoch-change.ts";
import { beginExecutorEpoch, buildExecutor, controlLayoutOf } from "./executor/build-executor.ts";
import { memorySizesOf } from "./executor/build-tracking.ts";
import type { Executor } from "./executor/executor.ts";
import { END_DRAINED, END_EXHAUSTED } from "./executor/input-end.ts";
import { inspectTasks } from "./executor/inspect-tasks.ts";
import type { SpoutReport } from "./executor/position-marks.ts";
import type { WiringBlueprint } from "./executor/wiring.ts";
import { HeartbeatWatch } from "./heartbeat-watch.ts";
import { hungError } from "./hung-error.ts";
import type { InspectedEvent, Inspection } from "./inspected.ts";
import type { KillKind } from "./kill-thread.ts";
import { passOn } from "./pass-on.ts";
import { startThreadPool } from "./plan/pin-thread.ts";
import { taskNames } from "./plan/task-names.ts";
import type { BackendCommand, RunBackend } from "./run-backend.ts";
import { startTimeout } from "./start-timeout.ts";
import type { ThreadedBackendParts } from "./threaded-backend-parts.ts";
import { threadBells } from "./worker/thread-bells.ts";
import { ThreadLoop } from "./worker/thread-loop.ts";
import { type OffloadAsked, WorkerHost } from "./worker/worker-host.ts";
import { WorkerInquiries } from "./worker/worker-inquiries.ts";
import type { FromWorker, Replaced } from "./worker/worker-protocol.ts";

function notOnMain(): never {
  invariant(false, "no component runs on the main thread");
}

/** Runs a topology on worker threads; feeders and outputs run on the calling thread, which never blocks. */
export class ThreadedBackend implements RunBackend {
  readonly clock: Clock = realClock;
  /** Of the present epoch. */
  memory: RunMemory;
  readonly mainExecutor: Executor;
  readonly cores: (number | null)[];
  /** Where each spout's task is to begin when it is made again; outlives the threads that tell it. */
  readonly positions = new Map<number, SpoutReport>();
  readonly #parts: ThreadedBackendParts;
  readonly #host: WorkerHost;
  readonly #loop: ThreadLoop;
  readonly #phases: string[];
  /** Ids of tasks that are not open yet, and of those that are not closed. */
  readonly #unopened: Set<number>;
  readonly #unclosed: Set<number>;
  readonly #cycles: CycleJudge;
  readonly #acker: RunAcker;
  readonly inquiries = new WorkerInquiries({
    post: (thread, id, question) => this.#host.post(thread, { type: "ask", id, question }),
    halted: (thread) => this.#heartbeats.ignore(thread),
    goesOn: (thread) => this.#heartbeats.watch(thread),
  });
  readonly #layout: ControlLayout;
  readonly #change: EpochChange;
  readonly #heartbeats: HeartbeatWatch;
  /** By worker: the memory of the epoch that it was last known to be in. */
  readonly #memoryOf: RunMemory[];
  /** Tasks whose streams have ended. */
  readonly #done = new Set<number>();
  #isActive = false; // What a replacement is told of the run's state.
  #isDraining = false;
  #ready = 0;
  #resolveReady: () => void = () => {};
  #rejectReady: (error: unknown) => void = () => {};

  constructor(parts: ThreadedBackendParts) {
    this.#parts = parts;
    const { plan, config, events } = parts;
    this.#layout = controlLayoutOf(plan);
    this.memory = allocateRunMemory(this.#layout, memorySizesOf(parts));
    this.#memoryOf = new Array<RunMemory>(plan.workerCount).fill(this.memory);
    this.#change = this.#makeChange();
    this.cores = [...parts.cores];
    this.#phases = new Array<string>(plan.workerCount).fill("starting the thread");
    const main = plan.workerCount;
    const hosted = plan.tasks.flatMap((task) => (task === null || task.thread === main ? [] : [task.taskId]));
    this.#unopened = new Set(hosted);
    this.#unclosed = new Set(hosted);
    this.#acker = new RunAcker({
      config,
      workerCount: main,
      connect: (thread, port) => this.#host.post(thread, { type: "acker", port }, [port]),
      receive: (message) => this.mainExecutor.receive(message),
      stalled: (holders) => events.stalled(holders),
      lost: (error) => events.workerLost(ACKER_THREAD, error),
    });
    this.mainExecutor = buildExecutor({
      ...parts,
      ...this.#mainBlueprint(),
      epoch: this.#change.epoch,
      instances: { create: notOnMain },
    });
    this.#loop = new ThreadLoop({
      executor: this.mainExecutor,
      clock: realClock,
      ...threadBells(this.memory.control, this.#layout, main),
      turnMs: config.turnMs,
      // The embedding program's thread is not ours to spin on.
      spinMs: 0,
      onTurn: () => {},
      onError: (error) => events.workerLost(main, error),
    });
    this.#cycles = new CycleJudge(plan, {
      ask: () => this.#host.postAll({ type: "askCycles" }),
      tellQuiet: (cycle) => this.#host.postAll({ type: "cycleQuiet", cycle }),
      after: (delayMs, call) => {
        const timer = setTimeout(call, delayMs);
        return () => clearTimeout(timer);
      },
    });
    this.#host = new WorkerHost(plan.workerCount, config.workerHeapBytes, {
      message: (thread, message) => this.#onMessage(thread, message),
      lost: (thread, error) => this.#onLost(thread, error),
    });
    this.#heartbeats = this.#makeHeartbeats();
  }

  get epoch(): number {
    return this.#change.epoch;
  }

  async open(): Promise<void> {
    const { plan, config } = this.#parts;
    const ready = new Promise<void>((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    if (this.cores.some((core) => core !== null)) startThreadPool();
    for (let thread = 0; thread < plan.workerCount; thread++) {
      this.#startWorker(thread, null);
    }
    for (const task of this.mainExecutor.tasks) await task.open();
    const timer = setTimeout(() => this.#rejectReady(this.#startTimeout()), config.startTimeoutMs);
    try {
      await ready;
    } finally {
      clearTimeout(timer);
    }
    this.#heartbeats.start();
  }

  command(command: BackendCommand): void {
    this.#isActive = command === "activate" || (this.#isActive && command === "drain");
    if (command === "drain") this.#isDraining = true;
    this.#host.postAll({ type: command });
    for (const task of this.mainExecutor.tasks) task[command]();
    this.#loop.schedule();
  }

  watchCycles(): void {
    this.#cycles.start();
  }

  /**
   * Begins a new epoch: new memory, another thread in the place of the lost one, and everybody else goes over. Nobody
   * goes on before all have. See docs/EPOCHS.md.
   */
  replace(lost: Replacement): void {
    const { plan } = this.#parts;
    const before = this.memory;
    this.#heartbeats.ignore(lost.thread);
    this.memory = allocateRunMemory(this.#layout, memorySizesOf(this.#parts));
    copyMetricWords(before.metrics, this.memory.metrics);
    this.#change.begin(lost, plan.workerCount);
    this.#loop.pause();
    this.#acker.beginEpoch();
    beginExecutorEpoch(this.mainExecutor, { ...this.#parts, ...this.#mainBlueprint() }, this.epoch);
    this.#loop.beginEpoch(threadBells(this.memory.control, this.#layout, plan.workerCount));
    for (let thread = 0; thread < plan.workerCount; thread++) {
      if (thread === lost.thread) this.#replaceWorker(thread);
      else this.#host.post(thread, { type: "epoch", epoch: this.epoch, memory: this.memory });
    }
    this.#acker.restart(this.memory.trees);
  }

  get isTracked(): boolean {
    // The word of the thread that tracked a first tuple may still be on its way when another one is lost.
    return this.#acker.isStarted || new TreeSlots(this.memory.trees).wereUsed;
  }

  inspect(component: string, inspection: Inspection | null): void {
    this.#host.postAll({ type: "inspect", component, inspection });
    const { plan, events } = this.#parts;
    const tell = (seen: readonly InspectedEvent[]) => events.inspected(seen);
    inspectTasks(this.mainExecutor, component, inspection, { plan, clock: realClock, tell });
  }

  kill(thread: number, how: KillKind): void {
    if (thread === ACKER_THREAD) this.#acker.killForTest();
    else if (how === "terminate") this.#host.killForTest(thread);
    else this.#host.post(thread, { type: "die", how });
  }

  async stop(deadlineMs: number): Promise<number[]> {
    this.#heartbeats.stop();
    this.#change.stop();
    this.#cycles.stop();
    this.#loop.stop();
    for (const task of this.mainExecutor.tasks) {
      task.publishCounters();
      await task.close();
    }
    this.#rejectReady(new Error("the run was ended while it was starting"));
    const late = await this.#host.stop(deadlineMs);
    this.inquiries.giveUp(null);
    await this.#acker.stop();
    return [...this.#unclosed].filter((taskId) => late.includes(this.#parts.plan.tasks[taskId]!.thread));
  }

  #onMessage(thread: number, message: FromWorker): void {
    switch (message.type) {
      case "phase":
        this.#phases[thread] = message.phase;
        break;
      case "ready":
        this.#phases[thread] = "ready";
        this.#heartbeats.watch(thread);
        if (!message.pinned && this.cores[thread] !== null) {
          this.cores[thread] = null;
          this.#parts.notPinned(message.pinReason);
        }
        if (++this.#ready === this.#parts.plan.workerCount) this.#resolveReady();
        this.#confirmed(thread, message.epoch);
        break;
      case "inEpoch":
        this.#confirmed(thread, message.epoch);
        break;
      case "startFailed":
        this.#startFailed(thread, fromWireError(message.error));
        break;
      case "taskOpened":
        this.#unopened.delete(message.taskId);
        break;
      case "taskClosed":
        this.#unclosed.delete(message.taskId);
        break;
      case "positionMoved":
        this.positions.set(message.taskId, message.position);
        break;
      case "taskDone":
        this.#done.add(message.taskId);
        this.#parts.events.taskDone(message.taskId);
        break;
      case "cycles":
        this.#cycles.take(thread, message.reports);
        break;
      case "startAcker":
        this.#acker.start(this.memory.trees);
        break;
      case "answer":
        this.inquiries.settle(message.id, message.answer);
        break;
      case "offload":
        void this.#offload(thread, message);
        break;
      case "stopped":
        break;
      default:
        passOn(message, this.#parts.events);
    }
  }

  /** The module may go on, and fail, below the topology that it defines: then the worker is up already. */
  #startFailed(thread: number, error: Error): void {
    if (this.#phases[thread] === "ready" || this.#change.isStarting(thread)) {
      this.#parts.events.workerLost(thread, error);
    }
    this.#rejectReady(error);
  }

  #onLost(thread: number, error: unknown): void {
    this.inquiries.giveUp(thread);
    this.#parts.events.workerLost(thread, error);
    this.#rejectReady(error);
  }

  #offload(thread: number, call: OffloadAsked): Promise<void> {
    const asking = this.#host.incarnationOf(thread);
    return this.#parts.offload.serve(call, (message) => {
      // What a worker that was lost has asked must not be answered to the one in its place.
      if (this.#host.incarnationOf(thread) === asking) this.#host.post(thread, message);
    });
  }

  #makeChange(): EpochChange {
    const { config, events } = this.#parts;
    return new EpochChange({
      confirmMs: config.workerTimeoutMs,
      startMs: config.startTimeoutMs,
      nowMs: () => realClock.nowMs(),
      events: {
        late: (thread, isNew) =>
          events.workerLost(thread, isNew ? this.#startTimeout() : this.#hungError(thread, config.workerTimeoutMs)),
        done: (replaced, tookMs) => this.#resume(replaced, tookMs),
      },
    });
  }

  #makeHeartbeats(): HeartbeatWatch {
    const { plan, config, events } = this.#parts;
    return new HeartbeatWatch({
      workerCount: plan.workerCount,
      timeoutMs: config.workerTimeoutMs,
      wordOf: (thread) => ({ control: this.#memoryOf[thread]!.control, word: this.#layout.heartbeatWord(thread) }),
      nowMs: () => realClock.nowMs(),
      isDebugged: () => inspectorUrl() !== undefined,
      ping: (thread) => this.#host.post(thread, { type: "ping" }),
      hung: (thread, silentMs) => events.workerLost(thread, this.#hungError(thread, silentMs)),
    });
  }

  #mainBlueprint(): Omit<WiringBlueprint, "plan" | "config" | "configOf"> {
    const { plan, events } = this.#parts;
    return {
      thread: plan.workerCount,
      memory: this.memory,
      clock: realClock,
      isolateLocal: false,
      events: {
        wake: () => this.#loop.schedule(),
        taskFailed: (task, hook, error) =>
          events.taskFailed({ component: task.plan.component, taskId: task.taskId, hook, error: toWireError(error) }),
        taskDone: (task) => events.taskDone(task.taskId),
        taskRestarted: notOnMain,
        positionMoved: (taskId, position) => this.positions.set(taskId, position),
        toAcker: (message) => this.#acker.post(message),
        startAcker: () => this.#acker.start(this.memory.trees),
      },
    };
  }

  #startWorker(thread: number, replaces: Replaced | null): void {
    const { start, spinMs, cores } = this.#parts;
    const core = cores[thread] ?? null;
    const { memory, epoch, positions } = this;
    this.#host.start({ ...start, thread, core, memory, spinMs, epoch, replaces, positions });
  }

  #replaceWorker(thread: number): void {
    this.#host.discard(thread);
    this.#phases[thread] = "starting the thread";
    const own = this.#parts.plan.tasks.flatMap((task) => (task?.thread === thread ? [task.taskId] : []));
    const done = own.filter((taskId) => this.#done.has(taskId));
    this.#startWorker(thread, { done, endValue: this.#isDraining ? END_DRAINED : END_EXHAUSTED });
  }

  #confirmed(thread: number, epoch: number): void {
    if (epoch === this.epoch) this.#memoryOf[thread] = this.memory;
    this.#change.confirmed(thread, epoch);
  }

  /** All threads are in the epoch: replacements learn of the run's state, and everybody goes on. */
  #resume(replaced: readonly Replacement[], tookMs: number): void {
    for (const thread of new Set(replaced.map((each) => each.thread))) {
      if (thread === ACKER_THREAD) continue;
      if (this.#isActive) this.#host.post(thread, { type: "activate" });
      if (this.#isDraining) this.#host.post(thread, { type: "drain" });
    }
    this.#parts.events.replaced(replaced, tookMs);
    this.#host.postAll({ type: "resume" });
    for (const task of this.mainExecutor.tasks) task.repeatSignals();
    this.#loop.resume();
    this.#cycles.beginEpoch();
  }

  #hungError(thread: number, silentMs: number): EngineError {
    const { plan, config } = this.#parts;
    const memory = this.#memoryOf[thread]!;
    return hungError(thread, silentMs, { plan, memory, workerTimeoutMs: config.workerTimeoutMs });
  }

  #startTimeout(): EngineError {
    const phases = this.#phases.map((phase, thread) => [`worker ${thread}`, phase]);
    return startTimeout(this.#parts.config.startTimeoutMs, {
      ...Object.fromEntries(phases),
      "tasks not open": taskNames(this.#parts.plan, this.#unopened),
    });
  }
}
