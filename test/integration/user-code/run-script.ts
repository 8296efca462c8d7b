import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";

const scripts = path.resolve(import.meta.dirname, "scripts");
const TIMEOUT_MS = 30_000;

export interface ScriptRun {
  /** Null when the script did not end by itself and was killed. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ScriptSettings {
  readonly args?: readonly string[];
  /** Options of Node. */
  readonly execArgv?: readonly string[];
  readonly cwd?: string;
  /** A program that runs node, and its arguments before node's. */
  readonly through?: readonly string[];
}

/** Runs a script of `scripts/`, or a file by its absolute path, as a program of its own, to its end. */
export async function runScript(name: string, settings: ScriptSettings = {}): Promise<ScriptRun> {
  const { args = [], execArgv = [], cwd, through = [] } = settings;
  const [program, ...rest] = [...through, process.execPath, ...execArgv, path.resolve(scripts, name), ...args];
  const child: ChildProcess = spawn(program!, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
    killSignal: "SIGKILL",
    ...(cwd === undefined ? {} : { cwd }),
  });
  const [[status], stdout, stderr] = await Promise.all([
    once(child, "close") as Promise<[number | null]>,
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { status, stdout, stderr };
}
