import { TIMER_MS_MAX, wallClock } from "../base/clock.ts";
import { TemporaryFile } from "../base/disk.ts";
import { EngineError } from "../base/engine-error.ts";
import { LOG_LEVELS, type LogLevel } from "../base/log.ts";
import type { PhysicalPlan } from "./plan/physical-plan.ts";
import type { RunInspector } from "./run-inspector.ts";
import type { WorkerInquiries } from "./worker/worker-inquiries.ts";
import type { WorkerStats } from "./worker/worker-questions.ts";

export interface RunToolsParts {
  readonly name: string;
  readonly plan: PhysicalPlan;
  readonly inspector: RunInspector;
  readonly inquiries: WorkerInquiries;
  /** The level by the options, of a component or (null) of the run. */
  readonly configured: (component: string | null) => LogLevel;
}

/** A profile or snapshot, to be written to a file of that name. */
export interface ProfileFile {
  readonly fileName: string;
  readonly contentType: string;
  readonly content: AsyncIterable<Uint8Array> | string;
}

/** One worker's use of the machine, over the time between two looks. */
export interface WorkerUse {
  readonly heapUsedBytes: number;
  readonly heapTotalBytes: number;
  /** Share of the time spent collecting garbage. */
  readonly gcShare: number;
  /** Share of one core; 0 where the system does not tell. */
  readonly cpuShare: number;
  /** How often the worker was replaced. */
  readonly restarts: number;
}

/** The level that a logger has for the time being, in place of that of its settings. */
export interface LogLevelState {
  readonly logger: string;
  readonly level: string;
  readonly levelBefore: string;
  readonly durationMs: number;
  /** When the level before comes back: ms since 1970; null for never. */
  readonly untilMs: number | null;
}

const ROOT = "ROOT";

/** What can be done to a run beside its numbers, while it runs: for the dashboard, the API and the command line. */
export class RunTools {
  readonly inspector: RunInspector;
  readonly profiler: RunProfiler;
  readonly logLevels: RunLogLevels;
  readonly workerUse: WorkerUseBook;

  constructor(parts: RunToolsParts) {
    this.inspector = parts.inspector;
    this.profiler = new RunProfiler(parts);
    this.logLevels = new RunLogLevels(parts);
    this.workerUse = new WorkerUseBook(parts);
  }

  /** The worker's thread is another one now. */
  replaced(worker: number): void {
    this.workerUse.replaced(worker);
    this.logLevels.replaced(worker);
  }
}

/**
 * CPU profiles and heap snapshots of workers, in the formats of browsers' developer tools.
 * Each call rejects with PROFILE_UNKNOWN_WORKER, or WORKER_SILENT when the worker does not answer.
 */
export class RunProfiler {
  readonly #parts: RunToolsParts;
  /** By worker: what ends its profile in time. */
  readonly #running = new Map<number, NodeJS.Timeout>();
  /** By worker: a profile that ended in time, until it is asked for. */
  readonly #ended = new Map<number, ProfileFile>();

  constructor(parts: RunToolsParts) {
    this.#parts = parts;
  }

  /** Begins a CPU profile that ends by itself after that time; its file waits for `stop`. */
  async start(worker: number, durationMs: number): Promise<void> {
    this.#check(worker);
    if (this.#running.has(worker)) return;
    this.#ended.delete(worker);
    const end = () => void this.#end(worker).catch(() => {});
    this.#running.set(worker, setTimeout(end, durationMs).unref());
    try {
      await this.#parts.inquiries.ask(worker, { kind: "startProfile" });
    } catch (error) {
      this.#forget(worker);
      throw error;
    }
  }

  /** Ends it; null when none was going on, nor waits. */
  async stop(worker: number): Promise<ProfileFile | null> {
    this.#check(worker);
    if (this.#running.has(worker)) await this.#end(worker);
    const file = this.#ended.get(worker) ?? null;
    this.#ended.delete(worker);
    return file;
  }

  /** What was recorded so far; a new profile goes on. Null when none is going on. */
  async dump(worker: number): Promise<ProfileFile | null> {
    this.#check(worker);
    if (!this.#running.has(worker)) return null;
    const file = this.#fileOf(worker, await this.#parts.inquiries.ask(worker, { kind: "stopProfile" }));
    await this.#parts.inquiries.ask(worker, { kind: "startProfile" });
    return file;
  }

  /** Halts the worker for as long as it takes, which is seconds per gigabyte. */
  async heapSnapshot(worker: number): Promise<ProfileFile> {
    this.#check(worker);
    const file = new TemporaryFile("worker.heapsnapshot");
    try {
      await this.#parts.inquiries.ask(worker, { kind: "heapSnapshot", file: file.path });
    } catch (error) {
      file.remove();
      throw error;
    }
    return {
      fileName: `${this.#parts.name}-worker-${worker}.heapsnapshot`,
      contentType: "application/json",
      content: file.read(),
    };
  }

  #check(worker: number): void {
    const { workerCount } = this.#parts.plan;
    if (Number.isInteger(worker) && worker >= 0 && worker < workerCount) return;
    throw new EngineError("PROFILE_UNKNOWN_WORKER", {
      problem: `there is no worker ${worker} to be profiled`,
      facts: { workers: workerCount },
      remedy: `name one from 0 to ${workerCount - 1}`,
    });
  }

  async #end(worker: number): Promise<void> {
    this.#forget(worker);
    const file = this.#fileOf(worker, await this.#parts.inquiries.ask(worker, { kind: "stopProfile" }));
    if (file !== null) this.#ended.set(worker, file);
  }

  #forget(worker: number): void {
    clearTimeout(this.#running.get(worker));
    this.#running.delete(worker);
  }

  #fileOf(worker: number, profile: string | null): ProfileFile | null {
    if (profile === null) return null;
    const fileName = `${this.#parts.name}-worker-${worker}.cpuprofile`;
    return { fileName, contentType: "application/json", content: profile };
  }
}

interface Asked {
  readonly level: LogLevel;
  readonly durationMs: number;
  readonly untilMs: number | null;
  readonly timer: NodeJS.Timeout | null;
}

/** Levels of loggers that are changed while the run goes on, for a time or for good. Loggers: "ROOT", components. */
export class RunLogLevels {
  readonly #parts: RunToolsParts;
  readonly #asked = new Map<string, Asked>();

  constructor(parts: RunToolsParts) {
    this.#parts = parts;
  }

  list(): readonly LogLevelState[] {
    return [...this.#asked].map(([logger, { level, durationMs, untilMs }]) => {
      return { logger, level, levelBefore: this.#parts.configured(componentOf(logger)), durationMs, untilMs };
    });
  }

  /**
   * @param change a level of null takes back what was asked for before; without a duration, or with 0, it is for good
   * @throws EngineError LOG_BAD_LEVEL
   */
  set(logger: string, change: { readonly level: string | null; readonly durationMs?: number }): void {
    const { level, durationMs = 0 } = change;
    this.#check(logger, level, durationMs);
    const before = this.#asked.get(logger);
    if (before?.timer != null) clearTimeout(before.timer);
    this.#asked.delete(logger);
    if (level !== null) {
      const timer = durationMs > 0 ? setTimeout(() => this.set(logger, { level: null }), durationMs).unref() : null;
      const untilMs = durationMs > 0 ? wallClock.nowMs() + durationMs : null;
      this.#asked.set(logger, { level: level as LogLevel, durationMs, untilMs, timer });
    }
    this.#tell(logger, this.#asked.get(logger)?.level ?? null);
  }

  #check(logger: string, level: string | null, durationMs: number): void {
    const loggers = [ROOT, ...this.#parts.plan.components.map(({ id }) => id)];
    const isLevel = level === null || (LOG_LEVELS as readonly string[]).includes(level);
    if (loggers.includes(logger) && isLevel && durationMs >= 0 && durationMs <= TIMER_MS_MAX) return;
    throw new EngineError("LOG_BAD_LEVEL", {
      problem: "a level is asked for that cannot be set",
      facts: { logger, level, durationMs, loggers, levels: LOG_LEVELS },
      remedy: "name a logger and a level of these, and a duration of at most 24 days",
    });
  }

  /** A worker's thread is another one now, which begins with the levels of the options. */
  replaced(worker: number): void {
    for (const [logger, { level }] of this.#asked) this.#tellOne(worker, logger, level);
  }

  #tell(logger: string, level: LogLevel | null): void {
    const { workerCount } = this.#parts.plan;
    for (let worker = 0; worker < workerCount; worker++) this.#tellOne(worker, logger, level);
  }

  #tellOne(worker: number, logger: string, level: LogLevel | null): void {
    const question = { kind: "logLevel", component: componentOf(logger), level } as const;
    // One that is being replaced hears of it when it is there.
    this.#parts.inquiries.ask(worker, question).catch(() => {});
  }
}

function componentOf(logger: string): string | null {
  return logger === ROOT ? null : logger;
}

/** What workers use of the machine: asked for when somebody looks, and told as of the look before. */
export class WorkerUseBook {
  readonly #parts: RunToolsParts;
  readonly #last = new Map<number, WorkerStats>();
  readonly #use = new Map<number, WorkerUse>();
  readonly #restarts = new Map<number, number>();
  #isAsking = false;

  constructor(parts: RunToolsParts) {
    this.#parts = parts;
  }

  /** By worker, as far as it is known by now; the next look knows more. */
  look(): ReadonlyMap<number, WorkerUse> {
    if (!this.#isAsking) {
      this.#isAsking = true;
      void this.#askAll().finally(() => {
        this.#isAsking = false;
      });
    }
    return this.#use;
  }

  /** The worker's thread is another one now. */
  replaced(worker: number): void {
    this.#restarts.set(worker, (this.#restarts.get(worker) ?? 0) + 1);
    this.#last.delete(worker);
  }

  async #askAll(): Promise<void> {
    const { inquiries, plan } = this.#parts;
    const ask = async (worker: number) => {
      try {
        this.#take(worker, await inquiries.ask(worker, { kind: "stats" }));
      } catch {
        this.#use.delete(worker);
        this.#last.delete(worker);
      }
    };
    await Promise.all(Array.from({ length: plan.workerCount }, (_, worker) => ask(worker)));
  }

  #take(worker: number, stats: WorkerStats): void {
    const last = this.#last.get(worker);
    this.#last.set(worker, stats);
    const { heapUsedBytes, heapTotalBytes } = stats;
    const spanMs = last === undefined ? 0 : stats.atMs - last.atMs;
    const share = (now: number, before: number) => (spanMs > 0 ? Math.max(0, now - before) / spanMs : 0);
    const gcShare = last === undefined ? 0 : share(stats.gcMs, last.gcMs);
    const knowsCpu = last?.cpuMs != null && stats.cpuMs !== null && spanMs > 0;
    const cpuShare = knowsCpu ? share(stats.cpuMs!, last.cpuMs!) : 0;
    const restarts = this.#restarts.get(worker) ?? 0;
    this.#use.set(worker, { heapUsedBytes, heapTotalBytes, gcShare, cpuShare, restarts });
  }
}
