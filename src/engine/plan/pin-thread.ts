import { spawnSync } from "node:child_process";
import { randomFill } from "node:crypto";
import { parseCoreList, type ReadText } from "./machine.ts";
import { readSystemText } from "./read-system-text.ts";

const TASKSET_TIMEOUT_MS = 2_000;

/** Unlike /proc/self, which is the process, this is the thread that reads. */
const OWN_STATUS = "/proc/thread-self/status";

export interface PinResult {
  readonly pinned: boolean;
  /** For people, also when it worked. */
  readonly reason: string;
}

/** What pinning needs of the system; tests put their own in its place. */
export interface PinSystem {
  readonly readText: ReadText;
  /** Runs a program to its end; null when it succeeded, else what went wrong. */
  readonly run: (program: string, args: readonly string[]) => string | null;
}

/**
 * Binds the calling thread to one core by `taskset`, and looks whether it took. Never throws: where this is not
 * possible the thread runs unbound, which costs at most speed. Takes about 3 ms. Children that the thread starts
 * later inherit the one core, so a worker runs the user's module before it binds itself.
 */
export function pinThread(core: number, system: PinSystem = { readText: readSystemText, run }): PinResult {
  try {
    const threadId = statusField(system, "Pid");
    if (threadId === null) return { pinned: false, reason: "the system does not tell a thread's id" };
    const fault = system.run("taskset", ["-cp", String(core), threadId]);
    if (fault !== null) return { pinned: false, reason: fault };
    const cores = parseCoreList(statusField(system, "Cpus_allowed_list") ?? "");
    if (cores.length === 1 && cores[0] === core) return { pinned: true, reason: `bound to core ${core}` };
    return { pinned: false, reason: `taskset ran, but the thread may use cores ${cores.join(", ") || "unknown"}` };
  } catch (error) {
    return { pinned: false, reason: error instanceof Error ? error.message : String(error) };
  }
}

function statusField({ readText }: PinSystem, name: string): string | null {
  const status = readText(OWN_STATUS) ?? "";
  return new RegExp(`^${name}:\\s*(\\S+)$`, "m").exec(status)?.[1] ?? null;
}

function run(program: string, args: readonly string[]): string | null {
  const { error, status, stderr } = spawnSync(program, args, { encoding: "utf8", timeout: TASKSET_TIMEOUT_MS });
  if (error !== undefined) {
    return "code" in error && error.code === "ENOENT" ? `${program} is not installed` : error.message;
  }
  return status === 0 ? null : stderr.trim() || `${program} ended with status ${status}`;
}

/**
 * Starts libuv's thread pool from the calling thread, before any worker is bound: its threads inherit the cores of
 * whoever is the first to need one.
 */
export function startThreadPool(): void {
  randomFill(new Uint8Array(1), () => {});
}
