import type { ChildProcess } from "node:child_process";
import { isInterrupted, stopWhenInterrupted } from "./interruption.ts";

/** How long a process may take to end the programs that it started itself, before it is killed. */
const GRACE_MS = 1_500;

/**
 * Looks after a child that was started with `detached: true`, and so leads a process group of its own: the group is
 * ended with the child, when it is late, and when this process is interrupted.
 *
 * Resolves with code and signal when the child has ended; rejects with `lateProblem` after `timeoutMs`. Once this
 * process is interrupted it does neither, as the process is about to end.
 */
export async function endOfGroup(
  child: ChildProcess,
  { timeoutMs, lateProblem }: { readonly timeoutMs: number; readonly lateProblem: string },
): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
  const killNow = () => signalGroup(child, "SIGKILL");
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  process.once("exit", killNow);
  const forget = stopWhenInterrupted(() => endGroup(child));
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void endGroup(child);
  }, timeoutMs);
  try {
    const end = await ended;
    if (isInterrupted()) return await new Promise(() => {});
    if (late) throw new Error(lateProblem);
    return end;
  } finally {
    clearTimeout(timer);
    forget();
    process.off("exit", killNow);
    killNow();
  }
}

/** Asks the group to end, waits for its leader for a moment, and kills what is left. */
async function endGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = new Promise((resolve) => child.once("exit", resolve));
    signalGroup(child, "SIGTERM");
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([
      exit,
      new Promise((resolve) => {
        timer = setTimeout(resolve, GRACE_MS);
      }),
    ]);
    clearTimeout(timer);
  }
  signalGroup(child, "SIGKILL");
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // Nobody is left in the group: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
