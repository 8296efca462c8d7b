import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";

/** A program that is not ours: what to start, and how long it may take. */
export interface RivalProgram {
  readonly title: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
}

/** Far more than any report: a program that writes on and on is stopped. */
const OUTPUT_BYTES_MAX = 16 * 2 ** 20;
const ERROR_CHARACTERS_SHOWN = 2_000;

/**
 * Runs the program and resolves with the last line of its standard output.
 *
 * It gets a process group of its own, which is killed when it is done, late or too loud, and when this process is
 * interrupted. Should this process be killed itself, the program sees its standard input end, and ends too.
 */
export async function runRival(program: RivalProgram): Promise<string> {
  // Watched for before there is anything to kill: a signal may come while the program is being started.
  let child: ChildProcess | null = null;
  const stopWatching = onOurEnd(() => killGroup(child));
  try {
    child = spawn(program.command, program.args, { detached: true, stdio: ["pipe", "pipe", "pipe"] });
    return await lastLineOf(program, child);
  } finally {
    stopWatching();
    killGroup(child);
  }
}

function lastLineOf(program: RivalProgram, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (problem: string) => {
      clearTimeout(timer);
      killGroup(child);
      const said = errors.trim() === "" ? "" : `; it said: ${errors.slice(-ERROR_CHARACTERS_SHOWN).trim()}`;
      reject(new Error(`${program.title}: ${problem}${said}`));
    };
    const timer = setTimeout(() => fail(`no report within ${program.timeoutMs / 1_000} s`), program.timeoutMs);
    let [output, errors] = ["", ""];
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.length > OUTPUT_BYTES_MAX) fail(`more than ${OUTPUT_BYTES_MAX} bytes of output`);
    });
    child.stderr!.setEncoding("utf8").on("data", (text: string) => {
      errors = (errors + text).slice(-ERROR_CHARACTERS_SHOWN);
    });
    child.once("error", (error) => fail(error.message));
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(output.trimEnd().split("\n").at(-1) ?? "");
      else fail(`ended with code ${code}, signal ${signal}`);
    });
  });
}

/** Calls `end` when this process ends, by itself or by a signal. Returns what undoes that. */
function onOurEnd(end: () => void): () => void {
  const onSignal = (signal: NodeJS.Signals) => process.exit(128 + constants.signals[signal]);
  process.once("exit", end);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, onSignal);
  return () => {
    process.off("exit", end);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, onSignal);
  };
}

/** The program leads its group, whose number is its own. */
function killGroup(child: ChildProcess | null): void {
  if (child?.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    // Nobody is left in the group: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
