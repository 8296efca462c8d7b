import type { MessagePort } from "node:worker_threads";
import { type Clock, realClock } from "../../base/clock.ts";
import { EngineError } from "../../base/engine-error.ts";
import { createLogger } from "../../base/log.ts";
import { toWireError } from "../../base/wire-error.ts";
import { storeMs } from "../../memory/control-words.ts";
import type { RunMemory } from "../../memory/run-memory.ts";
import { AckerLink } from "../acker/acker-link.ts";
import { FileClaims } from "../claims/file-claims.ts";
import { beginExecutorEpoch, buildExecutor, controlLayoutOf } from "../executor/build-executor.ts";
import type { Executor } from "../executor/executor.ts";
import { inspectTasks } from "../executor/inspect-tasks.ts";
import type { Task } from "../executor/task.ts";
import { TaskLifecycle } from "../executor/task-lifecycle.ts";
import type { WiringBlueprint } from "../executor/wiring.ts";
import type { Inspection } from "../inspected.ts";
import { pinThread } from "../plan/pin-thread.ts";
import { QuestionAnswerer } from "./answer-questions.ts";
import { CycleWatch } from "./cycle-watch.ts";
import { die } from "./die.ts";
import { importTopology } from "./import-topology.ts";
import { LogLevels } from "./log-levels.ts";
import { OffloadClient } from "./offload-client.ts";
import { checkSameDeclaration, type PreparedRun, prepareRun } from "./prepare-run.ts";
import { TaskInstances } from "./task-instances.ts";
import { type ThreadBells, threadBells } from "./thread-bells.ts";
import { ThreadLoop } from "./thread-loop.ts";
import { markWorkerThread } from "./thread-role.ts";
import { WorkerHooks } from "./worker-hooks.ts";
import type { FromWorker, TaskFailure, ToWorker, WorkerStart } from "./worker-protocol.ts";
import type { WorkerQuestion } from "./worker-questions.ts";

const SUBMITTING =
  "importing the topology's module, in which a topology is submitted: what awaits that on a worker never goes on";

/**
 * A worker thread's whole life, as one never-ending call that the pool makes: load the topology's module, build the
 * tasks of this thread, open them, run until main says stop, close them.
 *
 * Resolves after an orderly stop. What goes wrong in user code is reported over the port; what goes wrong anywhere
 * else rejects, and main takes this thread for lost.
 */
export async function runWorker(start: WorkerStart): Promise<void> {
  await new WorkerRun(start).run();
}

class WorkerRun {
  readonly #start: WorkerStart;
  readonly #port: MessagePort;
  readonly #clock: Clock = realClock;
  readonly #offload: OffloadClient;
  readonly #acker = new AckerLink((message) => this.#executor?.receive(message));
  #executor: Executor | null = null;
  #loop: ThreadLoop | null = null;
  #cycles: CycleWatch | null = null;
  #lifecycle: TaskLifecycle | null = null;
  #hooks: WorkerHooks | null = null;
  #instances: TaskInstances | null = null;
  #answerer: QuestionAnswerer | null = null;
  #stopping = false;
  #isReady = false;
  #memory: RunMemory;
  #epoch: number;
  #run: PreparedRun | null = null;
  readonly #stopped: Promise<void>;
  #resolveStopped: () => void = () => {};
  #rejectStopped: (error: unknown) => void = () => {};

  constructor(start: WorkerStart) {
    this.#start = start;
    this.#port = start.port;
    this.#memory = start.memory;
    this.#epoch = start.epoch;
    this.#offload = new OffloadClient((message) => this.#post(message));
    this.#stopped = new Promise((resolve, reject) => {
      this.#resolveStopped = resolve;
      this.#rejectStopped = reject;
    });
  }

  async run(): Promise<void> {
    markWorkerThread(() => {
      if (this.#executor === null) this.#post({ type: "phase", phase: SUBMITTING });
    });
    // A ref'd port keeps the thread alive: a pending wait on the doorbell alone would let it exit.
    this.#port.on("message", (message: ToWorker) => this.#onMessage(message));
    this.#open().catch((error: unknown) => this.#rejectStart(error));
    // Not after the opening: what a hook or the module waits for may never come, and main may say stop all the same.
    await this.#stopped.catch(dieOf);
    this.#port.close();
  }

  async #open(): Promise<void> {
    const { topologyName, options, thread, core } = this.#start;
    this.#post({ type: "phase", phase: "importing the topology's module" });
    const topology = await importTopology(this.#start, (error) => this.#rejectStart(error));
    this.#post({ type: "phase", phase: "building the topology" });
    const run = prepareRun(topology, this.#start);
    const { config } = run;
    checkSameDeclaration(run.spec, { hash: this.#start.specHash, declarations: this.#start.declarations });
    // After the module was loaded: what a module starts when it is first imported must not inherit this thread's one
    // core.
    const pin = core === null ? { pinned: false, reason: "" } : pinThread(core);
    this.#run = run;
    const logLevels = new LogLevels((component) => (component === null ? config : run.configOf(component)).logLevel);
    this.#answerer = new QuestionAnswerer(logLevels);
    const logger = createLogger({ level: logLevels.root, bindings: { topology: topologyName, worker: thread } });
    const instances = new TaskInstances({
      ...run,
      topologyName,
      options,
      worker: thread,
      logger,
      logLevels,
      clock: this.#clock,
      offload: (module, name, args) => this.#offload.call(module, name, args),
      claims: new FileClaims(config.claimsFolder),
      userMetric: (metric) => this.#post({ type: "userMetric", metric }),
      errorNoted: (noted) => this.#post({ type: "errorNoted", noted }),
    });
    this.#instances = instances;
    if (this.#stopping) return;
    this.#post({ type: "phase", phase: "starting worker hooks" });
    this.#hooks = new WorkerHooks(run.spec.workerHooks ?? [], instances.workerContext);
    await this.#hooks.start();
    if (this.#stopping) return;
    const startOf = (taskId: number) => this.#start.positions.get(taskId);
    const executor = buildExecutor({ ...this.#blueprint(run), epoch: this.#epoch, instances, startOf });
    this.#executor = executor;
    this.#cycles = new CycleWatch(run.plan, executor);
    const heartbeat = controlLayoutOf(run.plan).heartbeatWord(thread);
    this.#loop = new ThreadLoop({
      executor,
      clock: this.#clock,
      ...this.#bells(run),
      turnMs: config.turnMs,
      spinMs: this.#start.spinMs,
      onTurn: (nowMs) => storeMs(this.#memory.control, heartbeat, nowMs),
      onError: (error) => this.#rejectStopped(error),
    });
    // Together with the others, when all of them are in this epoch.
    if (this.#start.replaces !== null) this.#loop.pause();
    await this.#openTasks(executor);
    if (this.#stopping) return;
    this.#isReady = true;
    this.#post({ type: "ready", epoch: this.#epoch, pinned: pin.pinned, pinReason: pin.reason });
  }

  /** What connects this thread's tasks, in the present epoch. */
  #blueprint(run: PreparedRun): PreparedRun & WiringBlueprint {
    return {
      ...run,
      thread: this.#start.thread,
      memory: this.#memory,
      clock: this.#clock,
      isolateLocal: false,
      events: {
        wake: () => this.#loop?.schedule(),
        taskFailed: (task, hook, error) => this.#taskFailed("taskFailed", task, hook, error),
        taskDone: (task) => this.#post({ type: "taskDone", taskId: task.taskId }),
        taskRestarted: (task, { hook, error, attempt }) =>
          this.#post({ type: "taskRestarted", restart: { ...failureOf(task, hook, error), attempt } }),
        positionMoved: (taskId, position) => this.#post({ type: "positionMoved", taskId, position }),
        toAcker: (message) => this.#acker.post(message),
        startAcker: () => this.#post({ type: "startAcker" }),
      },
    };
  }

  #bells({ plan }: PreparedRun): ThreadBells {
    return threadBells(this.#memory.control, controlLayoutOf(plan), this.#start.thread);
  }

  /** A thread was lost. A message comes between two rounds, so all tasks are at rest; see docs/EPOCHS.md. */
  #beginEpoch(epoch: number, memory: RunMemory): void {
    this.#epoch = epoch;
    this.#memory = memory;
    this.#acker.close();
    // Before its tasks are made, a worker needs no more than to know the memory.
    if (this.#executor === null || this.#run === null) return;
    this.#loop!.pause();
    beginExecutorEpoch(this.#executor, this.#blueprint(this.#run), epoch);
    this.#loop!.beginEpoch(this.#bells(this.#run));
    if (this.#isReady) this.#post({ type: "inEpoch", epoch });
  }

  #resume(): void {
    for (const task of this.#executor?.tasks ?? []) task.repeatSignals();
    this.#loop?.resume();
  }

  async #openTasks(executor: Executor): Promise<void> {
    this.#lifecycle = new TaskLifecycle(executor.tasks, {
      opened: (task) => this.#post({ type: "taskOpened", taskId: task.taskId }),
      openFailed: (task, error) => this.#taskFailed("taskFailed", task, task.currentHook, error),
      closing: (task) => task.onStop(),
      closed: (task) => this.#post({ type: "taskClosed", taskId: task.taskId }),
      closeFailed: (task, error) => this.#taskFailed("hookFailed", task, task.currentHook, error),
    });
    this.#post({ type: "phase", phase: "preparing tasks" });
    const { replaces } = this.#start;
    for (const task of executor.tasks) {
      if (replaces?.done.includes(task.taskId)) task.startDone(replaces.endValue);
    }
    try {
      await this.#lifecycle.open();
    } catch (cause) {
      throw new EngineError("TASK_OPEN_FAILED", {
        problem: "a task could not be opened",
        remedy: "see the failure reported for the task",
        cause,
      });
    }
  }

  #onMessage(message: ToWorker): void {
    try {
      this.#act(message);
    } catch (error) {
      this.#rejectStopped(error);
    }
  }

  #act(message: ToWorker): void {
    const tasks = this.#executor?.tasks ?? [];
    switch (message.type) {
      case "start":
      case "activate":
        for (const task of tasks) task.activate();
        break;
      case "deactivate":
        for (const task of tasks) task.deactivate();
        break;
      case "drain":
        for (const task of tasks) task.drain();
        break;
      case "askCycles":
        this.#post({ type: "cycles", reports: this.#cycles?.report() ?? [] });
        break;
      case "cycleQuiet":
        this.#cycles?.tellQuiet(message.cycle);
        break;
      case "offloadResult":
      case "offloadError":
        this.#offload.settle(message);
        break;
      case "acker":
        this.#acker.connect(message.port);
        break;
      case "epoch":
        this.#beginEpoch(message.epoch, message.memory);
        break;
      case "resume":
        this.#resume();
        break;
      case "inspect":
        this.#inspect(message.component, message.inspection);
        break;
      case "ask":
        void this.#answer(message.id, message.question);
        break;
      case "ping":
        this.#loop?.beat();
        break;
      case "die":
        die(message.how);
        break;
      case "stop":
        this.#stopping = true;
        void this.#close();
        break;
    }
  }

  #inspect(component: string, inspection: Inspection | null): void {
    if (this.#executor === null || this.#run === null) return;
    inspectTasks(this.#executor, component, inspection, {
      plan: this.#run.plan,
      clock: this.#clock,
      tell: (events) => this.#post({ type: "inspected", events }),
    });
  }

  async #answer(id: number, question: WorkerQuestion): Promise<void> {
    try {
      if (this.#answerer === null) throw new Error("the worker is starting");
      const value = await this.#answerer.answer(question);
      this.#post({ type: "answer", id, answer: { value } });
    } catch (error) {
      this.#post({ type: "answer", id, answer: { error: toWireError(error) } });
    }
  }

  async #close(): Promise<void> {
    this.#loop?.stop();
    await this.#lifecycle?.close();
    this.#instances?.close();
    await this.#hooks?.shutdown((error) => this.#post({ type: "workerHookFailed", error: toWireError(error) }));
    await lastWords();
    this.#acker.close();
    this.#post({ type: "stopped" });
    this.#resolveStopped();
  }

  #rejectStart(error: unknown): void {
    this.#post({ type: "startFailed", error: toWireError(error) });
  }

  #taskFailed(type: "taskFailed" | "hookFailed", task: Task, hook: string, error: unknown): void {
    this.#post({ type, failure: failureOf(task, hook, error) });
  }

  #post(message: FromWorker): void {
    this.#port.postMessage(message);
  }
}

function failureOf(task: Task, hook: string, error: unknown): TaskFailure {
  return { component: task.plan.component, taskId: task.taskId, hook, error: toWireError(error) };
}

/**
 * The thread goes down with the error: the pool would give one that only reports it to the next worker, with all that
 * user code has left behind in it.
 */
function dieOf(error: unknown): Promise<never> {
  setImmediate(() => {
    throw error;
  });
  return new Promise(() => {});
}

/**
 * What the last hooks have set going gets one turn of the event loop, and what they printed reaches the main thread,
 * which writes it: it would be lost with this thread.
 */
async function lastWords(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength > 0) await new Promise((resolve) => stream.write("", resolve));
  }
}
