import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { OptionValues } from "../config/option-values.ts";
import type { TaskHolding } from "./acker/acker-protocol.ts";
import type { OutputTask } from "./executor/output-task.ts";
import type { RunEvents } from "./run-types.ts";

export interface StallReportsParts {
  readonly config: OptionValues;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly stalled: (stall: RunEvents["stalled"]) => void;
}

/** How often main looks after what nobody tells it: outputs that nobody reads. */
const WATCH_MS = 250;
/** Of the tasks that hold a run up so many are named: those that hold most. */
const STALLED_TOLD_MAX = 8;

/** Says in the log, and to the run, who holds a topology up in which nothing moves. */
export class StallReports {
  readonly #parts: StallReportsParts;
  #watch: NodeJS.Timeout | null = null;
  /** By output: how many tuples had been taken of it when they were last seen to move, and when that was. */
  readonly #unread = new Map<OutputTask, { taken: number; sinceMs: number }>();

  constructor(parts: StallReportsParts) {
    this.#parts = parts;
  }

  /** These tasks hold tuples of pending trees, and nothing moves. */
  tell(holders: readonly TaskHolding[]): void {
    const most = [...holders].sort((a, b) => b.count - a.count).slice(0, STALLED_TOLD_MAX);
    for (const { component, taskId, count, isWaiting } of most) {
      const waiting = isWaiting ? ", and waits for a promise" : "";
      const tuples = count === 1 ? "a tuple" : `${count} tuples`;
      const problem = `nothing moves: task ${taskId} of "${component}" holds ${tuples} of pending trees${waiting}`;
      this.#parts.logger.warn({ component, task: taskId, held: count }, problem);
      this.#parts.stalled({ problem, component, task: taskId, held: count });
    }
  }

  /** From now on looks whether somebody reads these. */
  watchOutputs(outputs: Readonly<Record<string, OutputTask>>): void {
    if (Object.keys(outputs).length === 0) return;
    this.#watch = setInterval(() => this.#warnOfUnread(outputs), WATCH_MS);
    this.#watch.unref();
  }

  stop(): void {
    if (this.#watch !== null) clearInterval(this.#watch);
  }

  #warnOfUnread(outputs: Readonly<Record<string, OutputTask>>): void {
    for (const [port, output] of Object.entries(outputs)) {
      if (output.warned || this.#unreadMs(output) < this.#parts.config.stallReportMs) continue;
      output.warned = true;
      const problem = `output "${port}" has tuples that nobody reads: they hold the topology back`;
      this.#parts.logger.warn(problem);
      this.#parts.stalled({ problem, component: output.plan.component, task: output.taskId, held: 0 });
    }
  }

  /** By the real clock: readers live in it whatever time the topology runs in. */
  #unreadMs(output: OutputTask): number {
    const nowMs = this.#parts.clock.nowMs();
    const { hasUnread, taken } = output;
    const before = this.#unread.get(output);
    if (hasUnread && before?.taken === taken) return nowMs - before.sinceMs;
    if (hasUnread) this.#unread.set(output, { taken, sinceMs: nowMs });
    else this.#unread.delete(output);
    return 0;
  }
}
