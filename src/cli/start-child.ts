import { spawn } from "node:child_process";
import type { ChildEnd, SupervisedChild } from "./supervisor.ts";

/** Says to a child that it has a supervisor, whose end it must not outlive. */
export const SUPERVISED = "STORMCELL_SUPERVISED";

/**
 * Runs this program again, with other arguments, on the same standard streams. In a process group of its own: Ctrl-C
 * of a terminal would else reach it twice, once from the terminal and once from us, and stop it at once.
 */
export function startChild(args: readonly string[]): SupervisedChild {
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...args], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: { ...process.env, [SUPERVISED]: "1" },
    detached: true,
  });
  const ended = new Promise<ChildEnd>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  return { ended, interrupt: () => void child.kill("SIGTERM") };
}
