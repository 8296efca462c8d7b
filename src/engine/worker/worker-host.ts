import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, receiveMessageOnPort, type Worker } from "node:worker_threads";
import { Piscina } from "piscina";
import { fromWireError, toWireError } from "../../base/wire-error.ts";
import { notCloneable } from "./offload-client.ts";
import type { OffloadedCall, OffloadOutcome } from "./offload-main.ts";
import type { FromWorker, ToWorker, WorkerStart } from "./worker-protocol.ts";

/** What the host tells about one worker. */
export interface WorkerEvents {
  message(thread: number, message: FromWorker): void;
  /** The thread ended or failed other than by an orderly stop. Called at most once per thread. */
  lost(thread: number, error: unknown): void;
}

interface Hosted {
  readonly port: MessagePort;
  readonly abort: AbortController;
  /** Resolves when the thread's one task has ended, and everything that it told is known here. */
  readonly settled: Promise<void>;
  /** The worker said that it has closed its tasks; or it no longer matters how it ends. */
  stopped: boolean;
  hasSettled: boolean;
}

const WORKER_MODULE = fileURLToPath(
  new URL(`./worker-main.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url),
);

/**
 * The worker threads of one run. A Piscina pool starts, hosts and ends them: one never-ending task per thread, so
 * every error, exit and abort of a thread comes back as the end of its task and leaves the others alone.
 */
export class WorkerHost {
  readonly #pool: Piscina;
  readonly #events: WorkerEvents;
  readonly #workers: Hosted[] = [];
  /** Every thread of the pool that is not gone: the pool forgets one that fails before that. */
  readonly #threads = new Set<Worker>();

  /** @param heapBytesMax what a worker's objects may take before it is ended; null leaves that to V8 */
  constructor(workerCount: number, heapBytesMax: number | null, events: WorkerEvents) {
    this.#events = events;
    const resourceLimits = heapBytesMax === null ? {} : { maxOldGenerationSizeMb: heapBytesMax / (1024 * 1024) };
    this.#pool = new Piscina({
      filename: WORKER_MODULE,
      name: "runWorker",
      // Each task gets a thread when it comes. A minimum would make the pool replace a lost one, even after its end.
      minThreads: 0,
      maxThreads: workerCount,
      concurrentTasksPerWorker: 1,
      resourceLimits,
      // A module that reads its command line when it is imported finds the same one on every thread.
      argv: process.argv.slice(2),
      // The pool's own blocking wait between tasks would hold the event loop that user code lives on.
      atomics: "disabled",
      recordTiming: false,
    });
    // Anything the pool reports outside of a task (a worker's process-wide warning, a late error) belongs to no run.
    this.#pool.on("error", (error) => events.lost(-1, error));
  }

  /** Starts a worker, or one in the place of a worker that was lost. */
  start(start: Omit<WorkerStart, "port">): void {
    const { port1, port2 } = new MessageChannel();
    const thread = start.thread;
    const onMessage = (message: FromWorker) => {
      if (this.#workers[thread] !== hosted) return; // Another one has taken its place.
      if (message.type === "stopped") hosted.stopped = true;
      this.#events.message(thread, message);
    };
    port1.on("message", onMessage);
    const settle = (error: unknown) => {
      // The end of the task comes over another channel, and may overtake what the worker told before.
      for (let told = receiveMessageOnPort(port1); told !== undefined; told = receiveMessageOnPort(port1)) {
        onMessage(told.message as FromWorker);
      }
      hosted.hasSettled = true;
      if (hosted.stopped) return;
      hosted.stopped = true;
      this.#events.lost(thread, error);
    };
    const abort = new AbortController();
    const task = this.#pool.run({ ...start, port: port2 }, { transferList: [port2], signal: abort.signal });
    for (const worker of this.#pool.threads) this.#keep(worker);
    const hosted: Hosted = {
      port: port1,
      abort,
      stopped: false,
      hasSettled: false,
      // A task that ends without an orderly stop is lost however the pool sees it: `throw null` looks like a success.
      settled: task.then(() => settle(new Error("the thread's work ended by itself")), settle),
    };
    this.#workers[thread] = hosted;
  }

  #keep(worker: Worker): void {
    if (this.#threads.has(worker)) return;
    this.#threads.add(worker);
    worker.once("exit", () => this.#threads.delete(worker));
  }

  /**
   * Ends a thread at once, in whatever state it is, and hears no more of it. Does not wait for its end: a thread that
   * is inside of native code may take its time.
   */
  discard(thread: number): void {
    const worker = this.#workers[thread];
    if (worker === undefined) return;
    worker.stopped = true;
    worker.port.close();
    worker.abort.abort();
  }

  /** Ends a thread as if it had died: for tests of what survives that. */
  killForTest(thread: number): void {
    this.#workers[thread]?.abort.abort();
  }

  /** Who hosts the thread's tasks now. */
  incarnationOf(thread: number): object | undefined {
    return this.#workers[thread];
  }

  post(thread: number, message: ToWorker, transfer: readonly MessagePort[] = []): void {
    this.#workers[thread]?.port.postMessage(message, transfer);
  }

  postAll(message: ToWorker): void {
    for (const worker of this.#workers) worker.port.postMessage(message);
  }

  /**
   * Asks every worker to close its tasks, and ends the threads. Returns the numbers of those that were not done after
   * `deadlineMs`.
   */
  async stop(deadlineMs: number): Promise<number[]> {
    this.postAll({ type: "stop" });
    const all = Promise.all(this.#workers.map((worker) => worker.settled));
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<"late">((resolve) => {
      timer = setTimeout(resolve, deadlineMs, "late");
    });
    const late: number[] = [];
    if ((await Promise.race([all, deadline])) === "late") {
      for (const [thread, worker] of this.#workers.entries()) if (!worker.hasSettled) late.push(thread);
    }
    clearTimeout(timer);
    await this.destroy();
    return late;
  }

  /** Ends all threads at once. */
  async destroy(): Promise<void> {
    for (const worker of this.#workers) {
      worker.stopped = true;
      worker.port.close();
    }
    // Waits until the threads are gone. Aborting their tasks would not, and would make the pool start others instead.
    await this.#pool.destroy();
    await Promise.all([...this.#threads].map((worker) => worker.terminate()));
  }
}

export type OffloadAsked = Extract<FromWorker, { type: "offload" }>;

/** Threads of the pool behind `context.offload`: made when first asked for, beside the workers' cores. */
export class OffloadPool {
  readonly #onError: (error: unknown) => void;
  #pool: Piscina | null = null;

  /** @param onError told what went wrong on a thread outside of any call: it belongs to none, and ends none */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** The function's result. Rejects with what it threw, with class, code and cause as thrown. */
  async run(module: string, name: string, args: readonly unknown[]): Promise<unknown> {
    this.#pool ??= this.#makePool();
    const outcome = await this.#ask(this.#pool, { module, name, args });
    if ("error" in outcome) throw fromWireError(outcome.error);
    return outcome.value;
  }

  /** Answers a worker's call, with its result or what it threw. */
  async serve(call: OffloadAsked, answer: (message: ToWorker) => void): Promise<void> {
    try {
      answer({ type: "offloadResult", id: call.id, value: await this.run(call.module, call.name, call.args) });
    } catch (error) {
      answer({ type: "offloadError", id: call.id, error: toWireError(error) });
    }
  }

  async #ask(pool: Piscina, call: OffloadedCall): Promise<OffloadOutcome> {
    try {
      return (await pool.run(call)) as OffloadOutcome;
    } catch (error) {
      // A thread that cannot post its result dies of an error that itself does not survive the way here.
      const isFromPool = error instanceof Error && error.name !== "DataCloneError";
      throw isFromPool ? error : notCloneable(error);
    }
  }

  async close(): Promise<void> {
    await this.#pool?.destroy();
  }

  #makePool(): Piscina {
    const pool = new Piscina({
      filename: WORKER_MODULE.replace(/worker-main(?=\.[tj]s$)/, "offload-main"),
      name: "runOffloaded",
      minThreads: 0,
      maxThreads: Math.max(1, availableParallelism() >> 1),
      maxQueue: 100_000,
      idleTimeout: 10_000,
      argv: process.argv.slice(2),
      atomics: "disabled",
      recordTiming: false,
    });
    pool.on("error", this.#onError);
    return pool;
  }
}
