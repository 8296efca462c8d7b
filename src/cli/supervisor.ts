import { EXIT_BAD_INPUT, EXIT_DONE, EXIT_GIVEN_UP, EXIT_STOPPED, EXIT_UNFINISHED } from "./exit-codes.ts";
import { formatElapsed } from "./number-text.ts";

/** How a child process ended: with an exit code, or by a signal. */
export interface ChildEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A job in a process of its own. */
export interface SupervisedChild {
  readonly ended: Promise<ChildEnd>;
  /** Asks it to end in order; asked twice, it stops at once. */
  interrupt(): void;
}

export interface SupervisorParts {
  readonly start: () => SupervisedChild;
  readonly nowMs: () => number;
  /** Resolves after that time, or as soon as `cut` is aborted. */
  readonly pause: (ms: number, cut: AbortSignal) => Promise<void>;
  readonly onInterrupt: (listener: () => void) => () => void;
  readonly say: (message: string) => void;
  /** Restarts within RESTART_SPAN_MS before it gives up. */
  readonly restartsMax: number;
}

/** Time within which restarts are counted together; a job that ran so long begins with the shortest pause again. */
export const RESTART_SPAN_MS = 600_000;
export const PAUSE_MS_MIN = 500;
export const PAUSE_MS_MAX = 60_000;

/** Ends of a job that another start would not change. */
const FINAL_CODES = new Set([EXIT_DONE, EXIT_BAD_INPUT, EXIT_UNFINISHED, EXIT_STOPPED]);

/**
 * Keeps a job running in a child process: what takes a whole process down (memory that V8 cannot grow, a fault in
 * native code, the system's own killer) ends the child, and another one is started after a pause that doubles.
 *
 * @returns the exit code: the child's, or EXIT_GIVEN_UP
 */
export async function supervise(parts: SupervisorParts): Promise<number> {
  const interrupted = new AbortController();
  let child: SupervisedChild | null = null;
  const unsubscribe = parts.onInterrupt(() => {
    interrupted.abort();
    child?.interrupt();
  });
  const restartsMs: number[] = [];
  let pauseMs = PAUSE_MS_MIN;
  try {
    for (;;) {
      const startedMs = parts.nowMs();
      child = parts.start();
      const end = await child.ended;
      child = null;
      if (interrupted.signal.aborted) return end.code ?? EXIT_STOPPED;
      if (end.code !== null && FINAL_CODES.has(end.code)) return end.code;
      const nowMs = parts.nowMs();
      while (restartsMs.length > 0 && nowMs - restartsMs[0]! > RESTART_SPAN_MS) restartsMs.shift();
      const ran = `The job ended ${howIn(end)} after ${formatElapsed(nowMs - startedMs)}`;
      if (restartsMs.length >= parts.restartsMax) {
        parts.say(`${ran}, and was restarted ${restartsMs.length} times before: giving up.`);
        return EXIT_GIVEN_UP;
      }
      if (nowMs - startedMs >= RESTART_SPAN_MS) pauseMs = PAUSE_MS_MIN;
      restartsMs.push(nowMs);
      parts.say(`${ran}. Restart ${restartsMs.length} of ${parts.restartsMax} in ${formatElapsed(pauseMs)}.`);
      await parts.pause(pauseMs, interrupted.signal);
      if (interrupted.signal.aborted) return EXIT_UNFINISHED;
      pauseMs = Math.min(PAUSE_MS_MAX, pauseMs * 2);
    }
  } finally {
    unsubscribe();
  }
}

function howIn({ code, signal }: ChildEnd): string {
  return signal === null ? `with exit code ${code}` : `by signal ${signal}`;
}
