import { realClock } from "../base/clock.ts";
import type { EngineError } from "../base/engine-error.ts";
import { invariant } from "../base/invariant.ts";
import { fromWireError, toWireError } from "../base/wire-error.ts";
import { Doorbell } from "../memory/doorbell.ts";
import { RoomWanted } from "../memory/room-wanted.ts";
import { allocateRunMemory, type RunMemory } from "../memory/run-memory.ts";
import { AckerHost } from "./acker/acker-host.ts";
import { AckerLink } from "./acker/acker-link.ts";
import { CycleJudge } from "./cycle-judge.ts";
import { buildExecutor, controlLayoutOf } from "./executor/build-executor.ts";
import { memorySizesOf } from "./executor/build-tracking.ts";
import type { Executor } from "./executor/executor.ts";
import type { SpoutPosition } from "./executor/position-marks.ts";
import { startThreadPool } from "./plan/pin-thread.ts";
import { taskNames } from "./plan/task-names.ts";
import type { BackendCommand, BackendEvents, RunBackend } from "./run-backend.ts";
import { startTimeout } from "./start-timeout.ts";
import type { PreparedRun } from "./worker/prepare-run.ts";
import { ThreadLoop } from "./worker/thread-loop.ts";
import { type OffloadPool, WorkerHost } from "./worker/worker-host.ts";
import type { FromWorker, WorkerStart } from "./worker/worker-protocol.ts";

export interface ThreadedBackendParts extends PreparedRun {
  /** What every worker is started with, but for its number, core and memory. */
  readonly start: Omit<WorkerStart, "port" | "thread" | "core" | "memory" | "spinMs" | "epoch" | "positions">;
  readonly cores: readonly (number | null)[];
  readonly spinMs: number;
  readonly offload: OffloadPool;
  readonly events: BackendEvents;
  /** Told for each worker that was to be pinned and could not be. */
  readonly notPinned: (reason: string) => void;
}

const FIRST_EPOCH = 1;
/** Stands for the acker's thread where threads are numbered. */
const ACKER = -1;

/** Runs a topology on worker threads; feeders and outputs run on the calling thread, which never blocks. */
export class ThreadedBackend implements RunBackend {
  readonly memory: RunMemory;
  readonly mainExecutor: Executor;
  readonly cores: (number | null)[];
  /** Where each spout's task is to begin when it is made again; outlives the threads that tell it. */
  readonly positions = new Map<number, SpoutPosition>();
  readonly #parts: ThreadedBackendParts;
  readonly #host: WorkerHost;
  readonly #loop: ThreadLoop;
  readonly #phases: string[];
  /** Ids of tasks that are not open yet, and of those that are not closed. */
  readonly #unopened: Set<number>;
  readonly #unclosed: Set<number>;
  readonly #cycles: CycleJudge;
  readonly #acker: AckerHost;
  readonly #ackerLink: AckerLink;
  #ready = 0;
  #resolveReady: () => void = () => {};
  #rejectReady: (error: unknown) => void = () => {};

  constructor(parts: ThreadedBackendParts) {
    this.#parts = parts;
    const { plan, config, events } = parts;
    const layout = controlLayoutOf(plan);
    this.memory = allocateRunMemory(layout, memorySizesOf(parts));
    this.cores = [...parts.cores];
    this.#phases = new Array<string>(plan.workerCount).fill("starting the thread");
    const main = plan.workerCount;
    const hosted = plan.tasks.flatMap((task) => (task === null || task.thread === main ? [] : [task.taskId]));
    this.#unopened = new Set(hosted);
    this.#unclosed = new Set(hosted);
    this.#acker = new AckerHost((error) => events.workerLost(ACKER, error));
    this.#ackerLink = new AckerLink((message) => this.mainExecutor.receive(message));
    this.mainExecutor = buildExecutor({
      ...parts,
      thread: main,
      memory: this.memory,
      clock: realClock,
      epoch: FIRST_EPOCH,
      isolateLocal: false,
      instances: {
        create: () => {
          invariant(false, "no component runs on the main thread");
        },
      },
      events: {
        wake: () => this.#loop.schedule(),
        taskFailed: (task, hook, error) =>
          events.taskFailed({ component: task.plan.component, taskId: task.taskId, hook, error: toWireError(error) }),
        taskDone: (task) => events.taskDone(task.taskId),
        positionMoved: (taskId, position) => this.positions.set(taskId, position),
        toAcker: (message) => this.#ackerLink.post(message),
        startAcker: () => this.#startAcker(),
      },
    });
    const doorbell = new Doorbell(this.memory.control, layout.doorbellWord(main));
    this.#loop = new ThreadLoop({
      executor: this.mainExecutor,
      clock: realClock,
      doorbell,
      roomWanted: new RoomWanted(this.memory.control, layout.roomWantedWord(main)),
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
    this.#host = new WorkerHost(plan.workerCount, {
      message: (thread, message) => this.#onMessage(thread, message),
      lost: (thread, error) => this.#onLost(thread, error),
    });
  }

  async open(): Promise<void> {
    const { plan, config, start, spinMs } = this.#parts;
    const ready = new Promise<void>((resolve, reject) => {
      this.#resolveReady = resolve;
      this.#rejectReady = reject;
    });
    if (this.cores.some((core) => core !== null)) startThreadPool();
    for (let thread = 0; thread < plan.workerCount; thread++) {
      const core = this.#parts.cores[thread] ?? null;
      const { memory, positions } = this;
      this.#host.start({ ...start, thread, core, memory, spinMs, epoch: FIRST_EPOCH, positions });
    }
    for (const task of this.mainExecutor.tasks) await task.open();
    const timer = setTimeout(() => this.#rejectReady(this.#startTimeout()), config.startTimeoutMs);
    try {
      await ready;
    } finally {
      clearTimeout(timer);
    }
  }

  command(command: BackendCommand): void {
    this.#host.postAll({ type: command });
    for (const task of this.mainExecutor.tasks) task[command]();
    this.#loop.schedule();
  }

  watchCycles(): void {
    this.#cycles.start();
  }

  async stop(deadlineMs: number): Promise<number[]> {
    this.#cycles.stop();
    this.#loop.stop();
    for (const task of this.mainExecutor.tasks) {
      task.publishCounters();
      await task.close();
    }
    this.#rejectReady(new Error("the run was ended while it was starting"));
    const late = await this.#host.stop(deadlineMs);
    this.#ackerLink.close();
    await this.#acker.stop();
    return [...this.#unclosed].filter((taskId) => late.includes(this.#parts.plan.tasks[taskId]!.thread));
  }

  #onMessage(thread: number, message: FromWorker): void {
    const { events } = this.#parts;
    switch (message.type) {
      case "phase":
        this.#phases[thread] = message.phase;
        break;
      case "ready":
        this.#phases[thread] = "ready";
        if (!message.pinned && this.cores[thread] !== null) {
          this.cores[thread] = null;
          this.#parts.notPinned(message.pinReason);
        }
        if (++this.#ready === this.#parts.plan.workerCount) this.#resolveReady();
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
      case "taskFailed":
        events.taskFailed(message.failure);
        break;
      case "hookFailed":
        events.hookFailed(message.failure);
        break;
      case "positionMoved":
        this.positions.set(message.taskId, message.position);
        break;
      case "taskDone":
        events.taskDone(message.taskId);
        break;
      case "cycles":
        this.#cycles.take(thread, message.reports);
        break;
      case "startAcker":
        this.#startAcker();
        break;
      case "offload":
        void this.#offload(thread, message);
        break;
      case "stopped":
        break;
    }
  }

  /** The module may go on, and fail, below the topology that it defines: then the worker is up already. */
  #startFailed(thread: number, error: Error): void {
    if (this.#phases[thread] === "ready") this.#parts.events.workerLost(thread, error);
    else this.#rejectReady(error);
  }

  #onLost(thread: number, error: unknown): void {
    this.#parts.events.workerLost(thread, error);
    this.#rejectReady(error);
  }

  /** When the first tuple is tracked: a topology that tracks none has no thread for it. */
  #startAcker(): void {
    if (this.#acker.isRunning) return;
    const { plan, config } = this.#parts;
    const { messageTimeoutMs, messageLifetimeMs, timeoutFrom, settleTimeoutMs } = config;
    const ports = this.#acker.start(
      { messageTimeoutMs, messageLifetimeMs, timeoutFrom, settleTimeoutMs, slots: this.memory.trees },
      plan.workerCount + 1,
    );
    for (const [thread, port] of ports.entries()) {
      if (thread === plan.workerCount) this.#ackerLink.connect(port);
      else this.#host.post(thread, { type: "acker", port }, [port]);
    }
  }

  async #offload(thread: number, call: Extract<FromWorker, { type: "offload" }>): Promise<void> {
    try {
      const value = await this.#parts.offload.run(call.module, call.name, call.args);
      this.#host.post(thread, { type: "offloadResult", id: call.id, value });
    } catch (error) {
      this.#host.post(thread, { type: "offloadError", id: call.id, error: toWireError(error) });
    }
  }

  #startTimeout(): EngineError {
    const phases = this.#phases.map((phase, thread) => [`worker ${thread}`, phase]);
    return startTimeout(this.#parts.config.startTimeoutMs, {
      ...Object.fromEntries(phases),
      "tasks not open": taskNames(this.#parts.plan, this.#unopened),
    });
  }
}
