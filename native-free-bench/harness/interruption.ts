import { constants } from "node:os";

/** Ends something that must not outlive this process. Called at most once. */
type Stop = () => Promise<void> | void;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const stops = new Set<Stop>();
let interrupted = false;

/** True from the first signal on: whatever fails now fails because of it, and is not worth telling. */
export function isInterrupted(): boolean {
  return interrupted;
}

/** Has `stop` called when a signal ends this process; call what is returned once there is nothing left to stop. */
export function stopWhenInterrupted(stop: Stop): () => void {
  stops.add(stop);
  return () => stops.delete(stop);
}

/** From now on a signal stops all that is to be stopped, in reverse order, before this process ends. */
export function watchForSignals(): void {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (interrupted) return;
      interrupted = true;
      void stopAll().finally(() => process.exit(128 + constants.signals[signal]));
    });
  }
}

async function stopAll(): Promise<void> {
  for (const stop of [...stops].reverse()) {
    try {
      await stop();
    } catch (error) {
      console.error(`while ending: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}
