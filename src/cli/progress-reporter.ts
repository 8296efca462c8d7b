import type { CommandContext } from "./command-context.ts";
import type { RunFace } from "./engine-face.ts";
import { formatCount, formatElapsed, formatRate } from "./number-text.ts";

const TERMINAL_INTERVAL_MS = 250;
const PLAIN_INTERVAL_MS = 10_000;

/** To the start of the line, and clear what is right of it. */
const REWRITE = "\r\u001b[K";

/** Tells how a run goes, from its making until `stop`. */
export interface RunReporter {
  /** A message of its own line. */
  say(message: string): void;
  stop(): void;
}

/**
 * Tells on stderr how a run goes: one line that is rewritten on a terminal, a line now and then elsewhere. It reads
 * the shared counters and disturbs no worker.
 */
export class ProgressReporter implements RunReporter {
  readonly #context: CommandContext;
  readonly #run: RunFace;
  readonly #startMs: number;
  readonly #stopTimer: () => void;
  #lastMs: number;
  #lastExecuted = 0;
  #lineIsOpen = false;

  constructor(context: CommandContext, run: RunFace) {
    this.#context = context;
    this.#run = run;
    this.#startMs = context.clock.nowMs();
    this.#lastMs = this.#startMs;
    const intervalMs = context.terminalColumns() === null ? PLAIN_INTERVAL_MS : TERMINAL_INTERVAL_MS;
    this.#stopTimer = context.every(intervalMs, () => this.#report());
  }

  /** A message of its own line; on a terminal the progress line makes room for it. */
  say(message: string): void {
    this.#clearLine();
    this.#context.writeErr(`${message}\n`);
  }

  stop(): void {
    this.#stopTimer();
    this.#clearLine();
  }

  #report(): void {
    const { executed, emitted, failed } = this.#run.totals();
    const nowMs = this.#context.clock.nowMs();
    const perSecond = ((executed - this.#lastExecuted) * 1000) / Math.max(1, nowMs - this.#lastMs);
    this.#lastExecuted = executed;
    this.#lastMs = nowMs;
    const parts = [
      `${this.#run.name}  ${formatElapsed(nowMs - this.#startMs)}`,
      `${formatRate(perSecond)} tuples/s`,
      `emitted ${formatCount(emitted)}`,
      `executed ${formatCount(executed)}`,
      ...(failed > 0 ? [`failed ${formatCount(failed)}`] : []),
    ];
    this.#show(parts.join("   "));
  }

  #show(line: string): void {
    const columns = this.#context.terminalColumns();
    if (columns === null) {
      this.#context.writeErr(`${line}\n`);
      return;
    }
    // A line that fills the last column would wrap, and could then no longer be rewritten.
    this.#context.writeErr(REWRITE + line.slice(0, Math.max(0, columns - 1)));
    this.#lineIsOpen = true;
  }

  #clearLine(): void {
    if (this.#lineIsOpen) this.#context.writeErr(REWRITE);
    this.#lineIsOpen = false;
  }
}
