import { Session } from "node:inspector";
import { PerformanceObserver } from "node:perf_hooks";
import { getHeapStatistics, writeHeapSnapshot } from "node:v8";
import { realClock, sharedClockOf } from "../../base/clock.ts";
import { readSystemText } from "../plan/read-system-text.ts";
import type { LogLevels } from "./log-levels.ts";
import type { WorkerQuestion, WorkerStats } from "./worker-questions.ts";

/** Ticks of the kernel's clock per second, in which it counts processor time: 100 on every Linux of today. */
const TICKS_PER_SECOND = 100;

/** A worker's side of what main asks while it runs. */
export class QuestionAnswerer {
  readonly #logLevels: LogLevels;
  readonly #sharedMs = sharedClockOf(realClock);
  #profiling: Session | null = null;
  #gcMs = 0;
  #gcObserver: PerformanceObserver | null = null;

  constructor(logLevels: LogLevels) {
    this.#logLevels = logLevels;
  }

  async answer(question: WorkerQuestion): Promise<unknown> {
    switch (question.kind) {
      case "stats":
        return this.#stats();
      case "startProfile":
        return this.#startProfile();
      case "stopProfile":
        return this.#stopProfile();
      case "heapSnapshot":
        writeHeapSnapshot(question.file);
        return null;
      case "logLevel":
        this.#logLevels.set(question.component, question.level);
        return null;
    }
  }

  #stats(): WorkerStats {
    // From the first question on: who never asks pays nothing.
    this.#gcObserver ??= observeGc((tookMs) => {
      this.#gcMs += tookMs;
    });
    const { used_heap_size: heapUsedBytes, total_heap_size: heapTotalBytes } = getHeapStatistics();
    return { heapUsedBytes, heapTotalBytes, gcMs: this.#gcMs, cpuMs: threadCpuMs(), atMs: this.#sharedMs() };
  }

  async #startProfile(): Promise<null> {
    if (this.#profiling !== null) return null;
    const session = new Session();
    session.connect();
    this.#profiling = session;
    try {
      await ask(session, "Profiler.enable");
      await ask(session, "Profiler.start");
    } catch (error) {
      this.#profiling = null;
      session.disconnect();
      throw error;
    }
    return null;
  }

  async #stopProfile(): Promise<string | null> {
    const session = this.#profiling;
    if (session === null) return null;
    this.#profiling = null;
    try {
      const { profile } = (await ask(session, "Profiler.stop")) as { profile: unknown };
      return JSON.stringify(profile);
    } finally {
      session.disconnect();
    }
  }
}

function ask(session: Session, method: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, (error: Error | null, result: unknown) => {
      if (error === null) resolve(result);
      else reject(error);
    });
  });
}

function observeGc(took: (ms: number) => void): PerformanceObserver {
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) took(duration);
  });
  observer.observe({ entryTypes: ["gc"] });
  return observer;
}

/** Of this thread, as the kernel counts it; null where there is no such file. */
function threadCpuMs(): number | null {
  const stat = readSystemText("/proc/thread-self/stat");
  if (stat === null) return null;
  // The name, in brackets, may hold spaces: the fields begin behind it, and times are the 12th and 13th of them.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_PER_SECOND;
}
