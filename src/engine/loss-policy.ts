import { EngineError } from "../base/engine-error.ts";
import type { OptionValues } from "../config/option-values.ts";
import { ACKER_THREAD } from "./epoch-change.ts";
import type { PhysicalPlan } from "./plan/physical-plan.ts";

/** A thread that is gone with its tasks. */
export interface ThreadLoss {
  readonly thread: number;
  readonly cause: unknown;
  /** The run had not started yet. */
  readonly isStart: boolean;
  /** Tuples of the run are tracked: whatever the thread held is failed, and can be replayed. */
  readonly isTracked: boolean;
}

/** Decides whether a lost thread is replaced or ends the run. */
export class LossPolicy {
  readonly #name: string;
  readonly #plan: PhysicalPlan;
  readonly #config: OptionValues;
  readonly #nowMs: () => number;
  /** When the latest replacements were. */
  #replacedMs: number[] = [];

  constructor(name: string, plan: PhysicalPlan, config: OptionValues, nowMs: () => number) {
    this.#name = name;
    this.#plan = plan;
    this.#config = config;
    this.#nowMs = nowMs;
  }

  /** Null when the thread is to be replaced; else the error that ends the run. */
  decide(loss: ThreadLoss): EngineError | null {
    const { onWorkerLost, workerReplacementsMax, workerReplacementsSpanMs } = this.#config;
    const isKnown = loss.thread === ACKER_THREAD || (loss.thread >= 0 && loss.thread < this.#plan.workerCount);
    if (loss.isStart) return this.#startFailed(loss);
    const isWanted = onWorkerLost === "replace" || (onWorkerLost === "auto" && loss.isTracked);
    if (!isKnown || !isWanted) return this.#lost(loss);
    const nowMs = this.#nowMs();
    this.#replacedMs = this.#replacedMs.filter((ms) => nowMs - ms < workerReplacementsSpanMs);
    if (this.#replacedMs.length >= workerReplacementsMax) return this.#tooOften(loss);
    this.#replacedMs.push(nowMs);
    return null;
  }

  /** Names of the tasks of a thread. */
  tasksOf(thread: number): string[] {
    return this.#plan.tasks.flatMap((task) =>
      task?.thread === thread ? [`${task.component}#${task.taskIndex}`] : [],
    );
  }

  #facts({ thread, cause }: ThreadLoss): Record<string, string | string[]> {
    return { error: cause instanceof Error ? cause.message : String(cause), tasks: this.tasksOf(thread) };
  }

  #startFailed(loss: ThreadLoss): EngineError {
    return new EngineError("WORKER_START_FAILED", {
      problem: `${nameOf(loss.thread)} ended before it was ready`,
      facts: this.#facts(loss),
      remedy: OWN_MODULE,
      cause: loss.cause,
    });
  }

  #lost(loss: ThreadLoss): EngineError {
    const remedy =
      loss.isTracked || this.#config.onWorkerLost === "fail" ? SEE_ERROR : `${SEE_ERROR}. ${NOT_TRACKED}`;
    return new EngineError("WORKER_LOST", {
      problem: `${nameOf(loss.thread)} ended while topology "${this.#name}" was running`,
      facts: this.#facts(loss),
      remedy: isAddressTaken(loss.cause) ? OWN_MODULE : remedy,
      cause: loss.cause,
    });
  }

  #tooOften(loss: ThreadLoss): EngineError {
    const { workerReplacementsMax, workerReplacementsSpanMs } = this.#config;
    return new EngineError("WORKER_LOST_TOO_OFTEN", {
      problem: `threads of topology "${this.#name}" are lost again and again: ${nameOf(loss.thread)} was the last`,
      facts: { ...this.#facts(loss), workerReplacementsMax, workerReplacementsSpanMs },
      remedy: `${SEE_ERROR}; raise workerReplacementsMax only if such losses are expected`,
      cause: loss.cause,
    });
  }
}

export function nameOf(thread: number): string {
  return thread === ACKER_THREAD ? "the acker's thread" : `worker ${thread}`;
}

const OWN_MODULE =
  "move the topology into a module of its own: every worker thread imports its module, with all that stands in it";
const SEE_ERROR = "see the error: code outside of any hook threw, or the thread ran out of memory or exited";
const NOT_TRACKED =
  "No tuple was tracked, so what the thread held would be lost unseen: emit with ids, or set onWorkerLost to replace";

/** A server of the topology's module listens in each worker too, and may come to know that late. */
function isAddressTaken(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
}
